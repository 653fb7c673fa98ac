"""BottleCRM: against its stand-in on every run, and against a real one with `make test-peers`; the same sentences."""

import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from pridvor.connectors import knocking, peers
from pridvor.connectors.contract import Place, Rejected, Unavailable, Uncertain
from pridvor.connectors.customer import Customer
from pridvor.connectors.products.bottlecrm import ACCOUNTS, CONTACTS, DEALS, LEADS, BottleCRM, Named
from pridvor.connectors.stand_ins.bottlecrm import Crm
from pridvor.connectors.stand_ins.store import MemoryStore
from tests.peers import bottlecrm as peer
from tests.peers import fault

_numbers = iter(range(1, 10_000))
REAL = pytest.param("real", marks=pytest.mark.peers)


@pytest.fixture(scope="session")
def bottle(tmp_path_factory):
    with peer.running(tmp_path_factory.mktemp("bottlecrm")) as running:
        yield running


@pytest.fixture(params=["stand-in", REAL])
def crm(request):
    if request.param == "stand-in":
        yield BottleCRM(Place("http://sandbox/crm", "any", Named()), Crm(MemoryStore()))
        return
    running = request.getfixturevalue("bottle")
    with closing(peers.connect("crm", f"bottlecrm+{running.url}", running.key)) as connection:
        yield connection


@pytest.fixture
def spoiled(bottle):
    with fault.before(urlsplit(bottle.url).port) as proxy:
        address = f"bottlecrm+http://127.0.0.1:{proxy.port}"
        with closing(peers.connect("crm", address, bottle.key)) as connection:
            yield proxy, connection


class Inbox(BaseHTTPRequestHandler):
    """Takes every webhook."""

    received: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass

    @classmethod
    def wait_for(cls, event, seconds=10):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for headers, body in cls.received:
                if headers["x-bottlecrm-event"] == event:
                    return headers, body
            time.sleep(0.1)
        raise AssertionError(f"no {event} came")


@pytest.fixture
def inbox():
    handler = type("Inbox", (Inbox,), {"received": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    handler.url = f"http://127.0.0.1:{server.server_port}/"
    yield handler
    server.shutdown()
    server.server_close()


def firm(**changes) -> Customer:
    """A company, and somebody of it, whom no other test knows."""
    number = next(_numbers)
    named = {
        "key": f"AR-{number}",
        "name": f"Electro {number} SRL",
        "vat": f"RO9{number:06}",
        "email": f"ana{number}@electro.example",
        "contact_name": "Ana Maria Pop",
        "on": date(2026, 11, 24),
    }
    return Customer(**{"country": "RO", "city": "Brașov", "street": "Str. Lungă 12", **named, **changes})


def accounts(crm, customer):
    return crm._list(ACCOUNTS, "pridvor_key", customer.key)


def deal_of(crm, customer, *, key="", stage="NEGOTIATION"):
    """A deal as sales keep it, with its account."""
    number = crm.create_account(customer).data["id"]
    fields = {"pridvor_key": key} if key else {}
    body = {"name": f"Cables for {customer.name}", "account": number, "stage": stage, "amount": "5000.00"}
    made = crm._wire.send("POST", "opportunities/", {**body, "currency": "EUR", "custom_fields": fields})
    return made.json()["id"]


# -- accounts


def test_an_account_arrives_with_its_person_and_is_found_again(crm):
    ana = firm()
    assert crm.create_account(ana).how == "created"
    assert crm.create_account(ana).how == "found"
    (account,) = accounts(crm, ana)
    assert (account["name"], account["city"]) == (ana.name, "Brașov")
    assert account["custom_fields"]["vat_number"] == ana.vat
    contact = crm._contact(ana)
    assert (contact["first_name"], contact["last_name"], contact["account"]) == (
        "Ana Maria",
        "Pop",
        account["id"],
    )


def test_a_company_that_sales_know_is_linked_by_its_fiscal_code(crm):
    known = firm()
    reference = crm.create_account(known).reference
    again = replace(known, key="AR-SECOND", name="Electro Nou SRL", email="")
    answer = crm.create_account(again)
    assert (answer.how, answer.reference) == ("linked", reference)


def test_a_company_is_never_taken_for_another_of_the_same_name(crm):
    crm.create_account(firm(name="Cablu SRL"))
    with pytest.raises(Rejected) as refused:
        crm.create_account(firm(name="CABLU srl"))
    assert refused.value.code == "name-taken"


def test_the_number_that_it_was_given_before_is_an_approved_link(crm):
    reference = crm.create_account(firm(vat="")).reference
    answer = crm.create_account(firm(vat="", known={"crm": reference}))
    assert (answer.how, answer.reference) == ("linked", reference)


def test_two_accounts_of_one_fiscal_code_are_a_persons_to_sort_out(crm):
    one = firm()
    crm.create_account(one)
    other = firm(vat="RO1", known={})
    number = crm.create_account(other).data["id"]
    crm._change(ACCOUNTS, number, {"custom_fields": {"vat_number": one.vat}}, other)
    with pytest.raises(Rejected) as refused:
        crm.create_account(firm(vat=one.vat))
    assert refused.value.code == "several-accounts"


def test_a_closed_account_is_out_of_use_and_opens_again(crm):
    ana = firm()
    crm.create_account(ana)
    crm.close_account(ana)
    assert not crm.has_account(ana)
    crm.create_account(ana)
    assert crm.has_account(ana)


def test_closing_an_account_that_never_was_is_done(crm):
    assert crm.close_account(firm()).how == "gone"


# -- people


def test_whether_a_person_is_known_is_told_and_nothing_is_changed(crm):
    ana = firm()
    assert crm.check_contact(ana).outcome == "unknown"
    crm.create_account(ana)
    assert crm.check_contact(ana).outcome == "linked"
    stranger = firm(vat=ana.vat)
    assert crm.check_contact(stranger).outcome == "unlinked"
    alone = replace(ana, key="AR-ELSEWHERE", vat="RO2")
    assert crm.check_contact(alone).outcome == "unknown"
    assert accounts(crm, stranger) == []


def test_addresses_are_the_same_whatever_their_case_and_never_when_one_contains_the_other(crm):
    ana = firm()
    crm.create_account(ana)
    assert crm.check_contact(replace(ana, email=ana.email.upper())).outcome == "linked"
    assert crm.check_contact(replace(ana, email=ana.email[1:])).outcome == "unlinked"


def test_a_person_is_linked_once_verified(crm):
    ana = firm()
    crm.create_account(ana)
    bogdan = replace(ana, email=f"bogdan-{ana.email}", contact_name="Bogdan Ion")
    crm.link_contact(bogdan)
    crm.link_contact(bogdan)
    assert crm.check_contact(bogdan).outcome == "linked"


def test_a_person_of_another_company_is_not_taken_over(crm):
    emil = firm()
    crm.create_account(emil)
    with pytest.raises(Rejected) as refused:
        crm.create_account(firm(email=emil.email))
    assert refused.value.code == "contact-of-another"


# -- prospects and deals


def test_an_unfinished_registration_is_a_prospect_until_it_is_finished(crm):
    ana = firm()
    crm.create_prospect(ana)
    crm.create_prospect(ana)
    (lead,) = crm._list(LEADS, "pridvor_key", ana.key)
    (task,) = crm._wire.read("tasks/", title=f"Follow up {ana.key}")["tasks"]
    assert (lead["status"], lead["company_name"], task["due_date"]) == ("assigned", ana.name, "2026-11-25")
    crm.create_account(ana)
    (lead,) = crm._list(LEADS, "pridvor_key", ana.key)
    (task,) = crm._wire.read("tasks/", title=f"Follow up {ana.key}")["tasks"]
    assert (lead["status"], task["status"]) == ("closed", "Completed")


def test_a_prospect_whom_sales_have_already_is_theirs(crm):
    known = firm()
    reference = crm.create_prospect(known).reference
    assert crm.create_prospect(firm(email=known.email)).reference == reference


def test_going_live_marks_the_account_and_wins_its_deal(crm):
    ana = firm()
    deal_of(crm, ana, key=ana.key)
    crm.activate(ana)
    crm.activate(ana)
    (account,) = accounts(crm, ana)
    (deal,) = crm._list(DEALS, "pridvor_key", ana.key)
    assert account["custom_fields"]["onboarding_state"] == "active"
    assert (deal["stage"], deal["stage_kind"], deal["closed_on"]) == ("CLOSED_WON", "won", "2026-11-24")


def test_which_deal_is_won_is_not_guessed(crm):
    ana = firm()
    deal_of(crm, ana)
    with pytest.raises(Rejected) as refused:
        crm.win_deal(ana)
    assert refused.value.code == "no-deal"


# -- what both sides hold, and forgetting


def test_what_it_holds_is_read_back_and_mended(crm):
    ana = firm(phone="+40721000111")
    reference = crm.create_account(ana).reference
    held = crm.fetch(reference)
    assert held == {
        "name": ana.name,
        "vat": ana.vat,
        "street": "Str. Lungă 12",
        "city": "Brașov",
        "country": "RO",
        "email": ana.email,
        "phone": "+40721000111",
    }
    crm.amend(reference, {"city": "Cluj-Napoca", "vat": "RO3"})
    assert (crm.fetch(reference)["city"], crm.fetch(reference)["vat"]) == ("Cluj-Napoca", "RO3")
    assert accounts(crm, ana)


def test_an_account_that_is_gone_holds_nothing(crm):
    assert crm.fetch(f"{ACCOUNTS}/00000000-0000-0000-0000-000000000000") is None


def test_who_was_put_there_is_forgotten_and_the_company_stays(crm):
    ana = firm()
    reference = crm.create_account(ana).reference
    crm.forget(reference, ana.key)
    crm.forget(reference, ana.key)
    assert crm.check_contact(ana).outcome == "unlinked"
    assert crm.fetch(reference)["name"] == ana.name
    (contact,) = crm._list(CONTACTS, "pridvor_key", ana.key)
    assert (contact["first_name"], contact["email"], contact["phone"]) == ("Erased", None, None)


# -- its manners


def test_it_says_that_it_answers(crm):
    assert crm.probe().ok


def test_a_field_that_it_does_not_know_is_told_before_anything_is_made(crm):
    crm.names = Named(key_field="pridvor_kye")
    ana = firm()
    with pytest.raises(Rejected) as refused:
        crm.create_account(ana)
    assert refused.value.code == "no-key-field"
    assert not crm.probe().ok


@pytest.mark.parametrize("mode", ["lost", "error", "hang"])
@pytest.mark.peers
def test_an_answer_that_does_not_come_has_one_effect(spoiled, mode):
    proxy, crm = spoiled
    crm._wire._http.timeout = 2
    ana, proxy.mode = firm(), mode
    with suppress(Uncertain):
        crm.create_account(ana)
    proxy.mode = "pass"
    crm.create_account(ana)
    assert len(accounts(crm, ana)) == 1
    assert crm.check_contact(ana).outcome == "linked"


@pytest.mark.peers
def test_a_crm_that_is_down_or_does_not_take_our_key_is_asked_again_later(spoiled, bottle):
    proxy, crm = spoiled
    proxy.mode, proxy.reads = "refuse", True
    with pytest.raises(Unavailable):
        crm.create_account(firm())
    with closing(peers.connect("crm", f"bottlecrm+{bottle.url}", "bcrm_pat_wrong")) as stranger:
        assert not stranger.probe().ok
        with pytest.raises(Unavailable) as refused:
            stranger.create_account(firm())
    assert refused.value.code == "key-refused"


@pytest.mark.peers
def test_six_who_race_make_one_account(bottle):
    ana, ended = firm(), []

    def race():
        with closing(peers.connect("crm", f"bottlecrm+{bottle.url}", bottle.key)) as connection:
            try:
                ended.append(connection.create_account(ana).reference)
            except (Rejected, Uncertain) as error:
                ended.append(error.code)

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(peers.connect("crm", f"bottlecrm+{bottle.url}", bottle.key)) as connection:
        assert len(accounts(connection, ana)) == 1, ended


# -- what it tells us


def test_a_deal_that_is_won_is_told_with_what_sales_know(crm):
    ana = firm(phone="+40721000111")
    number = deal_of(crm, ana, key=ana.key)
    before = datetime.now(UTC) - timedelta(minutes=1)
    assert crm.read_deal(f"{DEALS}/{number}") is None, "it is not won yet"
    crm.win_deal(replace(ana, on=before.date()))
    deal = crm.read_deal(f"{DEALS}/{number}")
    assert (deal.email, deal.contact_name, deal.phone) == (ana.email, "Ana Maria Pop", "+40721000111")
    assert (deal.company["name"], deal.company["vat"]) == (ana.name, ana.vat)
    assert (deal.known["deal_amount"], deal.known["deal_currency"]) == ("5000.00", "EUR")
    assert crm.fetch(deal.customer)["name"] == ana.name
    assert f"{DEALS}/{number}" in crm.won_since(before)


def test_a_deal_that_is_not_there_is_none(crm):
    assert crm.read_deal(f"{DEALS}/00000000-0000-0000-0000-000000000000") is None


@pytest.mark.peers
def test_its_webhooks_carry_a_signature_that_we_believe(bottle, inbox):
    secret = bottle.send_events_to(inbox.url)
    with closing(peers.connect("crm", f"bottlecrm+{bottle.url}", bottle.key)) as connection:
        ana = firm()
        connection.create_account(ana)
        connection.amend(connection.create_account(ana).reference, {"city": "Cluj-Napoca"})
    headers, body = inbox.wait_for("account.updated")
    verify = knocking.stamped(lambda: [secret], "X-BottleCRM-Signature")
    now = datetime.now(UTC)
    assert verify(body, headers, now)
    with pytest.raises(knocking.Forged):
        verify(body + b" ", headers, now)
    with pytest.raises(knocking.Forged):
        verify(body, headers, now + timedelta(hours=1))
