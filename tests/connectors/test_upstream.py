"""Before a case: deals won in the CRM open one, and registrations that nobody finishes become prospects there."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Case
from pridvor.connectors import actions, gathering, knocking, upstream
from pridvor.connectors.models import Call, Mirrored, Origin, Switch
from pridvor.connectors.sandbox_store import DatabaseStore
from tests.conftest import NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: from-sales
opens: public
knows:
  deal_amount: text
  deal_products: text
forms:
  company:
    one:
      title: {en: Company}
      fields:
        company_number: {label: {en: Number}, type: company number}
        name: {label: {en: Name}, type: text}
        contact_name: {label: {en: Your name}, type: text, personal: true}
        phone: {label: {en: Telephone}, type: phone, personal: true}
        depot: {label: {en: Depot}, type: text}
stages:
  begin:
    owner: operator
    steps:
      ask: {form: company}
      look: {review: x, after: ask, if reject: {close: declined}}
"""
SECRET = "whsec_of-the-crm"


@pytest.fixture
def journey():
    return publish(JOURNEY)


@pytest.fixture
def crm(journey, settings):
    """The demonstration's CRM, whose address names the journey that a deal opens."""
    settings.SERVICES = {"crm": {"url": "bottlecrm+http://sandbox/crm?journey=from-sales", "hook": SECRET}}
    return DatabaseStore()


def deal(store, *, won=True, number="RO18547290", email="maria@electroinstal.example", **more):
    """A deal as sales keep it, with its account and a person."""
    fields = {"vat_number": number} if number else {}
    account = {"name": "Electro Instal", "is_active": True, "custom_fields": fields, "account": None}
    of_account = store.add("crm.accounts", account)
    person = {
        "first_name": "Maria",
        "last_name": "Pop",
        "email": email,
        "phone": "+40721000111",
        "is_active": True,
    }
    store.add("crm.contacts", {**person, "account": str(of_account), "custom_fields": {}})
    sold = {
        "name": "Cables for Electro",
        "account": {"id": str(of_account), "name": "Electro Instal"},
        "contacts": [{"id": "1", **person}] if email else [],
        "stage": "CLOSED_WON" if won else "NEGOTIATION",
        "stage_changed_at": NOW.isoformat(),
        "amount": "5000.00",
        "currency": "EUR",
        "closed_on": "2026-12-01",
        "line_items": [{"name": "Cable 3x2.5"}],
        "is_active": True,
        "custom_fields": {"depot": "Brașov"},
    }
    return f"opportunities/{store.add('crm.opportunities', {**sold, **more})}"


# -- deals


def test_a_deal_that_was_won_opens_a_case_with_what_sales_know(crm):
    reference = deal(crm)
    assert upstream.poll(now=NOW) == 1
    assert upstream.poll(now=NOW) == 0
    case = Case.objects.get()
    assert (case.client.cui, case.client.name) == ("18547290", "Electro Instal")
    assert case.values["deal_amount"] == "5000.00"
    assert case.values["deal_products"] == "Cable 3x2.5"
    drafted = set(case.drafts.filter(step="ask").values_list("field", flat=True))
    assert drafted >= {"company_number", "name", "contact_name", "phone", "depot"}
    assert case.events.filter(kind="case.invited").exists()
    assert case.events.get(kind="deal.won").data["deal_name"] == "Cables for Electro"
    assert Origin.objects.get(reference=reference).case == case


def test_the_account_that_sales_have_is_the_cases(crm):
    deal(crm)
    upstream.poll(now=NOW)
    case = Case.objects.get()
    (account,) = crm.all("crm.accounts")
    assert gathering.references(case) == {"crm": f"accounts/{account['id']}"}


def test_a_deal_that_is_not_won_opens_nothing(crm):
    deal(crm, won=False)
    assert upstream.poll(now=NOW) == 0
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("lacks", "code"), [({"email": ""}, "no-contact"), ({"number": ""}, "no-company-number")]
)
def test_what_cannot_be_opened_is_told_and_opened_when_sales_have_mended_it(crm, lacks, code):
    reference = deal(crm, **lacks)
    if not lacks.get("email", "x"):
        (person,) = crm.all("crm.contacts")
        crm.change("crm.contacts", person["id"], {**person, "email": ""})
    assert upstream.open_for("crm", reference, now=NOW) is None
    assert Origin.objects.get().code == code


def test_two_deals_of_one_company_open_one_case(crm):
    deal(crm)
    upstream.poll(now=NOW)
    (sold,) = crm.all("crm.opportunities")
    crm.add(
        "crm.opportunities", {**{name: value for name, value in sold.items() if name != "id"}, "name": "More"}
    )
    upstream.poll(now=NOW)
    assert Case.objects.count() == 1
    assert Origin.objects.filter(case=Case.objects.get()).count() == 2


def test_a_crm_that_is_down_is_asked_again(crm):
    deal(crm)
    Switch.objects.create(peer="crm", mode="down")
    assert upstream.poll(now=NOW) == 0
    Switch.objects.update(mode="ok")
    assert upstream.poll(now=NOW) == 1


def test_without_a_journey_in_its_address_the_crm_opens_nothing(journey):
    deal(DatabaseStore())
    assert upstream.poll(now=NOW) == 0


# -- what the CRM tells


def told(event, data, *, secret=SECRET, at=NOW):
    body = json.dumps({"id": "1", "event": event, "data": data}).encode()
    moment = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"X-BottleCRM-Signature": f"t={moment},v1={signed}"}


def test_its_webhooks_are_believed_when_they_are_signed(crm):
    body, headers = told("deal.won", {"id": "1"})
    assert knocking.knock("crm", body, headers, now=NOW)
    assert not knocking.knock("crm", body, headers, now=NOW), "the same again"
    for forged in (
        told("deal.won", {}, secret="x"),
        told("deal.won", {}, at=NOW - timedelta(hours=1)),
    ):
        with pytest.raises(knocking.Forged):
            knocking.knock("crm", *forged, now=NOW)


def test_a_deal_that_it_tells_opens_a_case(crm):
    reference = deal(crm)
    body, _headers = told("deal.won", {"id": reference.partition("/")[2]})
    knocking.HOOKS["crm"].handle(body, NOW)
    assert Origin.objects.get().case == Case.objects.get()


def test_an_account_that_changed_there_is_compared_again(crm):
    deal(crm)
    upstream.poll(now=NOW)
    row = Mirrored.objects.create(
        case=Case.objects.get(), peer="crm", reference="accounts/7", noted_at=NOW, compared_at=NOW
    )
    body, _headers = told("account.updated", {"id": "7"})
    knocking.HOOKS["crm"].handle(body, NOW)
    row.refresh_from_db()
    assert row.compared_at is None


def test_what_it_tells_and_nobody_understands_is_kept_as_such():
    for body in (b"x", b"[]", b'{"event": "task.created", "data": {}}'):
        with pytest.raises(knocking.CannotHandle):
            knocking.HOOKS["crm"].handle(body, NOW)


# -- prospects


@pytest.fixture
def begun(journey, ana):
    """A registration that was begun and left."""
    return cases.open_case(journey, client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)


def leads():
    return DatabaseStore().all("crm.leads")


def attempt_all(now):
    for call in Call.objects.filter(state="waiting"):
        actions.attempt_call(call.pk, now=now)


def test_a_registration_left_for_a_day_becomes_a_prospect_once(begun):
    assert upstream.become_prospects(now=NOW + timedelta(hours=23)) == 0
    later = NOW + timedelta(hours=25)
    assert upstream.become_prospects(now=later) == 1
    assert upstream.become_prospects(now=later) == 0
    attempt_all(later)
    (lead,) = leads()
    assert (lead["company_name"], lead["status"]) == (begun.client.name, "assigned")
    assert Attempt.objects.get(case=begun, key="ask").status == "open", "the case does not wait for it"


def test_a_registration_that_is_finished_is_no_prospect_any_more(begun, ana):
    later = NOW + timedelta(hours=25)
    upstream.become_prospects(now=later)
    attempt_all(later)
    assert upstream.end_prospects(now=later) == 0
    cases.submit(Attempt.objects.get(case=begun, key="ask"), {}, {}, actor=actor_of(ana), now=later)
    assert upstream.end_prospects(now=later) == 1
    assert upstream.end_prospects(now=later) == 0
    attempt_all(later)
    assert [lead["status"] for lead in leads()] == ["closed"]


def test_one_that_is_finished_before_the_crm_was_told_never_becomes_one(begun, ana):
    later = NOW + timedelta(hours=25)
    upstream.become_prospects(now=later)
    cases.submit(Attempt.objects.get(case=begun, key="ask"), {}, {}, actor=actor_of(ana), now=later)
    assert upstream.end_prospects(now=later) == 1
    attempt_all(later)
    assert leads() == []


def test_while_the_crm_is_down_the_client_is_not_told_of_a_delay(begun):
    later = NOW + timedelta(hours=25)
    upstream.become_prospects(now=later)
    Switch.objects.create(peer="crm", mode="down")
    for minutes in range(0, 60, 10):
        attempt_all(later + timedelta(minutes=minutes))
    assert not begun.events.filter(kind="call.delayed").exists()
