"""What goes live is known downstream: the shipped stage after the launch, against stand-ins and against real peers."""

import pytest
import yaml

from pridvor.connectors import peers
from pridvor.connectors.models import Call
from tests.conftest import ROOT, client_of, person
from tests.peers import request_tracker, stripe
from tests.played import Played
from tests.wholesale import JOINERS, received, switch

pytestmark = pytest.mark.django_db
SHIPPED = yaml.safe_load((ROOT / "journeys" / "managed-service.yaml").read_text())
HEAD = {"journey": "downstream", "reference": "DS", "title": SHIPPED["title"], "client": "organisation"}
SOURCE = yaml.safe_dump(
    {**HEAD, "stages": {"downstream": SHIPPED["stages"]["downstream"]}}, allow_unicode=True, sort_keys=False
)
DAY = 6, 5  # times, hours: a day and more of tries


@pytest.fixture
def maria(db):
    return person("maria@tamplaria-tesatorilor.ro")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("downstream")
    (folder / "stripe").mkdir()
    with stripe.running(folder / "stripe") as billing, request_tracker.running(folder / "rt") as tickets:
        yield billing, tickets


def went_live(maria):
    return Played(maria, SOURCE, client_of(maria, **JOINERS)).run()


def test_account_subscription_and_ticket_are_made_without_a_hand(maria):
    case = went_live(maria)
    assert case.end == "activated", case.steps()
    (account,) = received("crm.accounts")
    assert account["custom_fields"]["onboarding_state"] == "active"
    (subscription,) = received("billing.subscriptions")
    assert case.case.reference in str(subscription)
    (ticket,) = received("tickets.ticket")
    assert (ticket["CustomFields"]["CaseRef"], ticket["Status"]) == (case.case.reference, "new")


@pytest.mark.parametrize(
    ("peer", "step", "by_hand"),
    [
        ("crm", "crm", "crm-by-hand"),
        ("billing", "billing", "billing-by-hand"),
        ("tickets", "ticket", "ticket-by-hand"),
    ],
)
def test_what_a_system_does_not_take_a_person_does_and_the_rest_goes_on(maria, peer, step, by_hand):
    switch(peer, "down")
    case = went_live(maria)
    assert case.steps()[step] == "open"
    others = {"crm", "billing", "ticket"} - {step}
    assert {case.steps()[other] for other in others} == {"done ok"}
    times, hours = DAY
    for _ in range(times):
        case.later(hours=hours)
    assert case.steps()[step] == "held fail", case.steps()
    switch(peer, "ok")
    case.do(by_hand)
    if peer == "crm":  # there is nothing to mark as live where nobody made an account that carries our key
        case.later(minutes=15)
        case.do("activate-by-hand")
    assert case.end == "activated", case.steps()


@pytest.mark.peers
def test_a_real_biller_and_a_real_ticketing_system_have_each_once(maria, settings, real):
    billing, tickets = real
    settings.SERVICES = {
        "billing": {"url": f"stripe+{billing.url}?price={stripe.PRICE}", "token": billing.key},
        "tickets": {"url": f"rt+{tickets.url}?queue={tickets.queue}", "token": tickets.key},
    }
    case = went_live(maria)
    assert case.end == "activated", case.steps()
    payer = Call.objects.get(case=case.case, capability="billing.subscribe").answer["customer"]
    (subscription,) = billing.ask(f"/v1/subscriptions?customer={payer}")["data"]
    assert (subscription["status"], subscription["metadata"]["pridvor"]) == ("active", case.case.reference)
    for role, verb in (("billing", "subscribe"), ("tickets", "open_ticket")):
        assert peers.is_there(role, verb, peers.gather(role, verb, case.case, now=case.time()))
