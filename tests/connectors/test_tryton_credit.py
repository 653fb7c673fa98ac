"""Terms of credit in Tryton: the same tests against a real one and against our stand-in; orders against the real one."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pridvor.connectors import peers
from pridvor.connectors.contract import Rejected
from pridvor.connectors.products.tryton import PRODUCT, Tryton
from pridvor.connectors.stand_ins.store import MemoryStore
from tests.connectors.conftest import customer
from tests.peers.tryton import Clerk

GOLD = "Partner Gold"


@pytest.fixture(params=[pytest.param("real", marks=pytest.mark.erp), "stand-in"])
def erp(request):
    if request.param == "stand-in":
        place = peers._of_address([PRODUCT], "tryton+https://stand-in.example/erp", "key")[1]
        connection = Tryton(place, PRODUCT.stand_in(MemoryStore(), lambda: "ok"))
    else:
        real = request.getfixturevalue("tryton")
        connection = peers.connect("erp", real.url, real.key)
    with closing(connection):
        yield connection


@pytest.fixture
def partner(erp):
    """A customer who is in the ERP, and to whom a credit limit is to be given."""
    wanted = customer(credit_limit=Decimal("75000.00"), price_group=GOLD, payment_days=60)
    erp.create_customer(wanted)
    return wanted


def test_a_new_party_may_buy_nothing_on_credit(erp, partner):
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == 0


def test_limit_terms_and_price_list_are_set_together(erp, partner):
    assert erp.set_credit(partner).reference == partner.key
    found = PRODUCT.mirror.fetch(erp, partner.key)
    assert (found["credit_limit"], found["payment_days"], found["price_group"]) == (
        Decimal("75000.00"),
        60,
        GOLD,
    )


def test_without_a_limit_it_is_nought_because_none_would_be_no_bound(erp, partner):
    erp.set_credit(replace(partner, credit_limit=None))
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == 0


def test_the_party_of_an_earlier_case_is_known_by_the_number_that_the_erp_gave(erp, partner):
    later = replace(partner, key="LATER-1", known={"erp": partner.key})
    assert erp.set_credit(later).reference == partner.key


def test_nobody_gets_credit_who_is_not_there(erp):
    with pytest.raises(Rejected) as refused:
        erp.set_credit(customer(credit_limit=Decimal(5)))
    assert refused.value.code == "no-party"


def test_what_was_granted_before_this_case_is_not_lowered(erp, partner):
    erp.set_credit(partner)
    again = replace(partner, key=f"{partner.key}-2", credit_limit=Decimal(10), known={"erp": partner.key})
    assert erp.set_credit(again).reference == partner.key
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == partner.credit_limit
    more = partner.credit_limit + 1
    erp.set_credit(replace(again, credit_limit=more))
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == more
    erp.set_credit(partner)
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == partner.credit_limit


def test_a_price_list_that_the_erp_lacks_is_for_a_person(erp, partner):
    with pytest.raises(Rejected) as refused:
        erp.set_credit(replace(partner, price_group="Partner Platinum"))
    assert refused.value.code == "no-price-list"


def test_a_blocked_party_has_no_credit_and_is_released_again(erp, partner):
    erp.set_credit(partner)
    assert [erp.block(partner).how for _ in range(2)] == ["blocked", "blocked"]
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == 0
    erp.release(partner)
    assert PRODUCT.mirror.fetch(erp, partner.key)["credit_limit"] == partner.credit_limit


def test_what_the_erp_holds_is_read_and_mended(erp, partner):
    PRODUCT.mirror.amend(erp, partner.key, {"city": "Cluj-Napoca", "email": "new@electroinstal.example"})
    found = PRODUCT.mirror.fetch(erp, partner.key)
    assert (found["city"], found["email"], found["phone"]) == (
        "Cluj-Napoca",
        "new@electroinstal.example",
        "+40721000111",
    )
    assert PRODUCT.mirror.fetch(erp, "nobody") is None


def test_a_bank_account_is_not_changed_from_outside(erp, partner):
    with pytest.raises(Rejected) as refused:
        PRODUCT.mirror.amend(erp, partner.key, {"iban": "RO49AAAA1B31007593840000"})
    assert refused.value.code == "iban-by-hand"


def test_what_changed_since_is_told(erp, partner):
    assert partner.key in PRODUCT.mirror.changes(erp, datetime.now(UTC) - timedelta(minutes=1))
    assert partner.key not in PRODUCT.mirror.changes(erp, datetime.now(UTC) + timedelta(minutes=1))


def test_a_forgotten_person_is_named_nowhere(erp):
    wanted = customer(name="Ana Pop")
    erp.create_customer(wanted)
    for _ in range(2):
        PRODUCT.erasure.forget(erp, wanted.key)
    found = str(PRODUCT.mirror.fetch(erp, wanted.key))
    assert not any(said in found for said in ("Ana Pop", wanted.email, wanted.phone))


def test_who_is_blocked_can_be_forgotten_and_stays_blocked(erp):
    wanted = customer(name="Ana Pop")
    made = erp.create_customer(wanted)
    erp.block(wanted)
    PRODUCT.erasure.forget(erp, made.reference)
    assert "Ana Pop" not in str(PRODUCT.mirror.fetch(erp, made.reference))
    found = erp.search("party.party", [["code", "=", wanted.key], ["active", "=", False]], ["code"])
    assert [each["code"] for each in found] == [wanted.key]


def test_a_company_keeps_its_name_when_a_person_is_forgotten(erp):
    wanted = customer(cui="31415946", vat="RO31415946")
    made = erp.create_customer(wanted)
    PRODUCT.erasure.forget(erp, made.reference)
    found = PRODUCT.mirror.fetch(erp, made.reference)
    assert (found["name"], found.get("email")) == (wanted.name, None)


# -- what the ERP makes of it


@pytest.fixture
def clerk(tryton):
    with closing(Clerk(tryton)) as found:
        yield found


@pytest.fixture
def trusted(tryton):
    """A partner with a limit of 75 000 lei, in the real ERP."""
    wanted = customer(credit_limit=Decimal("75000.00"), price_group=GOLD)
    with closing(peers.connect("erp", tryton.url, tryton.key)) as erp:
        erp.create_customer(wanted)
        erp.set_credit(wanted)
    return wanted


@pytest.mark.erp
def test_the_erp_sells_to_them_at_their_own_price(clerk, trusted):
    assert clerk.price(clerk.party(trusted.key)) == "90.0000"


@pytest.mark.erp
def test_an_order_within_the_limit_is_confirmed_and_one_above_it_refused(clerk, trusted):
    party = clerk.party(trusted.key)
    assert clerk.order(party, 10).json()["state"] == "confirmed"
    above = clerk.order(party, 2000)
    assert above.status_code == 400
    assert "credit limit" in above.json()["message"]


@pytest.mark.erp
def test_until_a_limit_is_granted_every_order_on_credit_is_refused(clerk, tryton):
    wanted = customer()
    with closing(peers.connect("erp", tryton.url, tryton.key)) as erp:
        erp.create_customer(wanted)
    assert clerk.order(clerk.party(wanted.key), 1).status_code == 400
