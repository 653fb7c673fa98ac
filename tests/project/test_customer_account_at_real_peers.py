"""The wholesaler's ways whole, against a real ERP, CRM and shop; what a shopper and a clerk then see in them."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from pridvor.cases import vouching
from pridvor.cases.models import Attempt, Event
from pridvor.connectors import entrance, peers
from pridvor.connectors.customer import Customer as Known
from pridvor.connectors.products import tryton_mirror
from tests.conftest import COMPANY, browser_of, person
from tests.peers import fault, wholesaler
from tests.peers.tryton import Clerk
from tests.peers.vendure import IN_ADVANCE, ON_ACCOUNT, Shopper
from tests.wholesale import Customer, brought_in

pytestmark = [pytest.mark.peers, pytest.mark.django_db, pytest.mark.xdist_group("wholesaler")]
LIST, OWN = 121.00, 108.90  # lei with VAT: one cable, and what a Gold partner pays for it
OLD_LIMIT = Decimal("75000.00")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with wholesaler.running(tmp_path_factory.mktemp("wholesaler"), entrance.public_keys()) as found:
        yield found


@pytest.fixture(autouse=True)
def installed(settings, house):
    settings.ERP_URL, settings.ERP_KEY, settings.SERVICES = house.erp.url, house.erp.key, house.services


@pytest.fixture
def clerk(house) -> Iterator[Clerk]:
    with closing(Clerk(house.erp)) as found:
        yield found


def company(name: str, cui: str) -> dict[str, str]:
    """A company of the registry; the systems are new to each in the test that names it."""
    return {**COMPANY, "name": name, "cui": cui, "vat": f"RO{cui}"}


def known(of: dict[str, str], key: str, email: str = "", **terms: object) -> Known:
    """The company as somebody has long had it in a system."""
    named = {name: of[name] for name in ("name", "country", "cui", "vat", "street", "city")}
    return Known(key=key, email=email, contact_name="Maria Ionescu", **named, **terms)


def sold_to_for_years(of: dict[str, str], key: str) -> None:
    """In the ERP with a credit line of its own."""
    party = known(of, key, credit_limit=OLD_LIMIT, payment_days=60, price_group="Partner Gold")
    peers.perform("erp", "create_customer", party)
    peers.perform("erp", "set_credit", party)


def in_erp(code: str) -> dict[str, object]:
    with peers.connection("erp") as erp:
        return tryton_mirror.fetch(erp, code) or {}


def in_shop(customer: Customer) -> tuple[str, tuple[float, float], set[str]]:
    """Who is signed in, list and own price, and how they may pay: by the button on the applicant's page."""
    browser = browser_of(customer.person)
    way_in = browser.get(f"/cases/{customer.case.public_id}/shop/").headers["Location"]
    with closing(Shopper(way_in)) as shopper:
        return shopper.name(), shopper.prices(), shopper.payment()


def test_a_new_customer_shops_at_their_own_price_and_orders_within_their_limit(clerk):
    timber = company("TÂMPLĂRIA ȚESĂTORILOR S.R.L.", "28460319")
    customer = Customer(person("ana@tamplaria-tesatorilor.ro"), credit=9000, company=timber)
    assert customer.end == "activated", customer.steps()
    assert not Event.objects.filter(case=customer.case, actor_kind="staff").exists()
    assert in_shop(customer) == ("Ana Pop", (LIST, OWN), {IN_ADVANCE, ON_ACCOUNT})
    party = clerk.party(customer.case.reference)
    assert clerk.price(party) == "90.0000"
    assert clerk.order(party, 50).json()["state"] == "confirmed"
    above = clerk.order(party, 500)
    assert (above.status_code, "credit limit" in above.json()["message"]) == (400, True)


def test_until_the_authority_is_proven_the_shop_knows_list_price_and_prepayment_alone(clerk):
    furniture = company("PRISPA MOBILIER S.R.L.", "47503165")
    customer = Customer(person("vlad@mail.example"), credit=9000, company=furniture)
    assert in_shop(customer) == ("Ana Pop", (LIST, LIST), {IN_ADVANCE})
    assert clerk.order(clerk.party(customer.case.reference), 1).status_code == 400
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "approve")
    assert customer.end == "activated", customer.steps()
    assert in_shop(customer) == ("Ana Pop", (LIST, OWN), {IN_ADVANCE, ON_ACCOUNT})
    assert clerk.order(clerk.party(customer.case.reference), 50).json()["state"] == "confirmed"


def test_an_erp_that_takes_nothing_delays_the_customer_and_an_associate_picks_up(house, settings):
    iron = company("FERESTRE ȘI GRINZI S.A.", "39152748")
    with fault.before(house.erp.port) as proxy:
        settings.ERP_URL = house.erp.url.replace(str(house.erp.port), str(proxy.port))
        proxy.mode = "refuse"
        customer = Customer(person("ioana@ferestre.example"), credit=9000, company=iron)
        assert customer.steps()["erp"] == "open"
        for _ in range(6):  # a day and more of tries
            customer.later(hours=5)
        assert customer.steps()["erp"] == "held fail", customer.steps()
        assert "delayed" in customer.letters()
        assert "shop-open" not in customer.letters()
    settings.ERP_URL = house.erp.url
    peers.perform("erp", "create_customer", known(iron, "BY-HAND-1"))
    customer.do("create-by-hand")
    assert in_shop(customer)[1] == (LIST, LIST)
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "approve")
    customer.later(minutes=15)  # the ERP that has failed so often is left alone for a while
    assert customer.end == "activated", customer.steps()
    assert in_erp("BY-HAND-1")["credit_limit"] == 9000


def test_an_existing_customer_whom_the_administrator_confirms_has_no_more_than_was_proven(clerk):
    pillars = company("STÂLPI ȘI ARCADE S.R.L.", "44029181")
    sold_to_for_years(pillars, "OLD-PILLARS")
    peers.perform("crm", "create_account", known(pillars, "CRM-PILLARS", email="ana@stalpi.example"))
    maria = person("maria@stalpi.example")
    brought_in(maria, pillars)
    customer = Customer(person("ana@stalpi.example"), credit=0, company=pillars)
    assert (customer.steps()["recognise"], customer.steps()["known"]) == ("done linked", "done known")
    assert customer.steps()["vouch"] == "open"
    question = Attempt.objects.select_related("case__client").get(case=customer.case, key="vouch")
    vouching.answer(vouching.Asked(question, maria), "confirmed", actor=customer.me, now=customer.time())
    customer.run()
    assert customer.end == "activated", customer.steps()
    assert in_shop(customer) == ("Ana Pop", (LIST, LIST), {IN_ADVANCE})
    linked = Event.objects.get(case=customer.case, kind="call.done", data__step="erp")
    assert (linked.data["reference"], linked.data["by"]) == ("OLD-PILLARS", "fiscal-code")
    assert in_erp("OLD-PILLARS")["credit_limit"] == OLD_LIMIT  # the company's own line, as it was


def test_who_is_not_linked_is_verified_by_an_associate_and_linked_in_the_crm():
    builders = company("VERANDA CONSTRUCT S.R.L.", "48219502")
    account = peers.perform(
        "crm", "create_account", known(builders, "CRM-BUILDERS", email="x@veranda.example")
    )
    customer = Customer(person("ana@veranda.example"), credit=0, company=builders)
    assert customer.steps()["recognise"] == "done unlinked"
    customer.do("look", "approve")
    assert customer.steps()["link"] == "done ok"
    assert customer.end == "activated", customer.steps()
    again = known(builders, "CRM-BUILDERS", email="ana@veranda.example")
    found = peers.perform("crm", "check_contact", again)
    assert (found.outcome, found.reference) == ("linked", account.reference)


def test_a_company_that_only_the_erp_knows_waits_for_an_associate(clerk):
    workshop = company("ATELIERUL DIN PORȚI P.F.A.", "16374052")
    sold_to_for_years(workshop, "OLD-WORKSHOP")
    customer = Customer(person("ana@atelier.example"), credit=0, company=workshop)
    assert (customer.steps()["recognise"], customer.steps()["known"]) == ("done unknown", "done known")
    customer.do("verify", "approve")
    assert customer.end == "activated", customer.steps()
    assert in_shop(customer) == ("Ana Pop", (LIST, LIST), {IN_ADVANCE})
    assert clerk.order(clerk.party("OLD-WORKSHOP"), 50).json()["state"] == "confirmed"
