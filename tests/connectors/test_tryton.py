"""Against a real Tryton 8.2: parties made once, whatever happens to the answer."""

import statistics
import time
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from pridvor.connectors import peers
from pridvor.connectors.contract import Rejected, Unavailable, Uncertain
from tests.connectors.conftest import BTRL, IBAN, customer
from tests.peers import fault

pytestmark = pytest.mark.erp


@pytest.fixture
def erp(tryton):
    with closing(peers.connect("erp", tryton.url, tryton.key)) as connection:
        yield connection


@pytest.fixture
def spoiled(tryton):
    with (
        fault.before(tryton.port) as proxy,
        closing(
            peers.connect("erp", tryton.url.replace(str(tryton.port), str(proxy.port)), tryton.key)
        ) as connection,
    ):
        yield proxy, connection


def parties(erp, code: str) -> list[dict]:
    fields = [
        "name",
        "identifiers.code",
        "addresses.city",
        "addresses.country.code",
        "customer_payment_term.name",
        "bank_accounts.numbers.number_compact",
        "bank_accounts.bank.bic",
        "contact_mechanisms.value",
    ]
    return erp.search("party.party", [["code", "=", code]], fields)


def test_a_customer_arrives_whole(erp):
    made = erp.create_customer(customer(key="WHOLE-1", cui="18547290", vat="RO18547290", iban=BTRL))
    assert made.how == "created"
    (party,) = parties(erp, "WHOLE-1")
    assert party["name"] == "Țesături Brașov SRL"
    assert party["identifiers"][0]["code"] == "RO18547290"
    assert party["addresses"][0]["city"] == "Brașov"
    assert party["addresses"][0]["country"]["code"] == "RO"
    assert party["customer_payment_term"]["name"] in ("Net 30", "Net 30 days")
    assert party["bank_accounts"][0]["numbers"][0]["number_compact"] == BTRL
    assert party["bank_accounts"][0]["bank"]["bic"] == "BTRLRO22"
    assert {way["value"] for way in party["contact_mechanisms"]} == {
        "ana@electroinstal.example",
        "+40721000111",
    }


def test_the_same_call_again_finds_the_same_party(erp):
    wanted = customer()
    first, again = erp.create_customer(wanted), erp.create_customer(wanted)
    assert (again.how, again.data["party"]) == ("found", first.data["party"])


def test_a_company_that_is_there_under_another_code_is_linked_and_completed(erp):
    theirs = erp.create_customer(
        customer(cui="14399840", vat="", city="", email="", phone="", payment_days=None)
    )
    linked = erp.create_customer(customer(cui="14399840", vat="RO14399840", iban="RO92AAAA1B31007593840002"))
    assert (linked.how, linked.data["party"]) == ("linked", theirs.data["party"])
    (party,) = parties(erp, theirs.reference)
    assert party["bank_accounts"][0]["numbers"][0]["number_compact"] == "RO92AAAA1B31007593840002"
    assert party["customer_payment_term"]["name"].startswith("Net 30")


def test_an_answer_that_is_lost_leaves_one_party_that_the_next_try_finds(spoiled, erp):
    proxy, connection = spoiled
    wanted, proxy.mode = customer(), "lost"
    with pytest.raises(Uncertain):
        connection.create_customer(wanted)
    proxy.mode = "pass"
    assert connection.create_customer(wanted).how == "found"
    assert len(parties(erp, wanted.key)) == 1


def test_an_error_page_after_the_effect_is_seen_through_by_reading(spoiled, erp):
    proxy, connection = spoiled
    wanted, proxy.mode = customer(), "error"
    assert connection.create_customer(wanted).how == "created"
    assert len(parties(erp, wanted.key)) == 1


def test_a_page_instead_of_an_answer_is_uncertain_and_makes_nothing(spoiled, erp):
    proxy, connection = spoiled
    wanted, proxy.mode = customer(), "garbage"
    with pytest.raises(Uncertain):
        connection.create_customer(wanted)
    assert parties(erp, wanted.key) == []


def test_an_answer_that_takes_too_long_is_uncertain(spoiled, monkeypatch, erp):
    proxy, connection = spoiled
    connection._http.timeout = httpx.Timeout(1.0)
    wanted, proxy.mode = customer(), "hang"
    with pytest.raises(Uncertain):
        connection.create_customer(wanted)
    assert len(parties(erp, wanted.key)) == 1


def test_nobody_there_is_unavailable(tryton):
    with (
        closing(peers.connect("erp", "tryton+http://127.0.0.1:9/tryton", tryton.key)) as connection,
        pytest.raises(Unavailable),
    ):
        connection.create_customer(customer())


def test_a_wrong_key_is_unavailable_and_says_so(tryton):
    with closing(peers.connect("erp", tryton.url, "wrong")) as connection:
        assert "does not take our key" in connection.probe().words


def test_what_tryton_refuses_is_rejected_with_its_words_masked(erp):
    with pytest.raises(Rejected) as refused:
        erp.create_customer(customer(iban="RO48AAAA1B31007593840000"))
    assert "RO48…0000" in refused.value.words
    assert "7593" not in refused.value.words


def test_an_iban_of_another_party_is_for_a_person_to_look_at(erp):
    erp.create_customer(customer(iban=IBAN))
    with pytest.raises(Rejected) as refused:
        erp.create_customer(customer(iban=IBAN))
    assert refused.value.code == "iban-of-another"


def test_a_payment_term_that_the_erp_lacks_is_rejected(erp):
    with pytest.raises(Rejected) as refused:
        erp.create_customer(customer(payment_days=77))
    assert refused.value.code == "no-payment-term"


def test_a_corrected_iban_reaches_the_party_of_the_same_case(erp):
    wanted = customer(iban="RO65AAAA1B31007593840003")
    erp.create_customer(wanted)
    erp.create_customer(replace(wanted, iban="RO38AAAA1B31007593840004"))
    (party,) = parties(erp, wanted.key)
    assert len(party["bank_accounts"]) == 2


def test_creating_is_quick(erp, record_property):
    spent = []
    for _ in range(20):
        start = time.monotonic()
        erp.create_customer(customer())
        spent.append((time.monotonic() - start) * 1000)
    record_property("milliseconds", statistics.median(spent))
    assert statistics.median(spent) < 1500
