"""The wholesaler's three ways: a new customer, an existing one, and what goes wrong; with the wiring as it is."""

import pytest
from django.utils import translation

from pridvor.accounts.models import Role
from pridvor.cases import queries as cases
from pridvor.cases import rights, vouching
from pridvor.cases.models import Attempt, Event
from pridvor.checks.models import Assessment
from pridvor.connectors import blueprint, forgetting, gathering, peers
from pridvor.connectors.contract import Verb
from pridvor.connectors.customer import Customer as Known
from pridvor.connectors.models import Mirrored
from pridvor.connectors.stand_ins.vendure import ACCOUNTS
from pridvor.notifications.models import Message
from pridvor.portal import progress, story
from tests.conftest import COMPANY, actor_of, browser_of, person
from tests.desk.conftest import Desk, staff
from tests.wholesale import JOINERS, OWN, Customer, brought_in, received, switch

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(db):
    return person(OWN)


def in_the_crm(company=JOINERS, email="", known_as="OLD-1"):
    """The company as an account of the CRM's stand-in, with a contact where an address is given."""
    known = Known(
        key=known_as,
        name=company["name"],
        country="RO",
        cui=company["cui"],
        vat=company["vat"],
        email=email,
        contact_name="Ana Pop",
    )
    peers.perform("crm", "create_account", known)


def in_the_erp(company=JOINERS, known_as="OLD-1"):
    """The company as a party of the ERP's stand-in, which somebody once made there by hand."""
    identifier = {"type": "eu_vat", "code": company["vat"]}
    party = {"name": company["name"], "code": known_as, "identifiers": [["create", [identifier]]]}
    with peers.connection("erp") as erp:
        erp.send("POST", "party.party", party)


def test_a_new_customer_is_in_the_shop_and_has_credit_without_a_hand(ours):
    customer = Customer(ours)
    assert customer.end == "activated", customer.steps()
    assert {"shop-open", "credit-open"} <= customer.letters()
    (party,) = received("party.party")
    assert party["code"] == customer.case.reference
    assert not Event.objects.filter(case=customer.case, actor_kind="staff").exists()
    told = gathering.customer(Verb(print, grants=True), fresh(customer), now=customer.time())
    assert (float(told.credit_limit), told.payment_days, told.price_group) == (12000.0, 14, "Partner Silver")


def test_who_wants_no_credit_is_asked_for_no_proof(emil):
    customer = Customer(emil, credit=0)
    assert customer.end == "activated", customer.steps()
    assert "credit-open" not in customer.letters()
    assert customer.steps()["proof"] == "skipped"


def test_the_shop_is_open_while_the_credit_is_undecided(emil):
    customer = Customer(emil)  # a mailbox that is not the company's
    assert customer.steps()["shop"] == "done ok"
    assert customer.steps()["authority"] == "done fail"
    assert customer.open("proof")
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "approve")
    assert customer.end == "activated", customer.steps()


def test_until_the_authority_is_proven_no_system_is_told_of_credit_or_prices(emil):
    customer = Customer(emil)
    assert Assessment.objects.get(case=customer.case).grants  # the scorecard would give it
    told = [row.request for call in customer.case.calls.all() for row in call.history.all()]
    assert told
    assert not [row for row in told if {"credit_limit", "payment_days", "price_group"} & row.keys()]
    (party,) = received("party.party")
    assert str(party.get("credit_limit_amount")) in ("0", "{'__class__': 'Decimal', 'decimal': '0'}")


def test_without_proof_there_is_no_credit_and_the_shop_stays(emil):
    customer = Customer(emil)
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "reject")
    assert_without_credit(customer)


def test_a_company_that_gets_no_credit_keeps_the_shop_and_is_told_why(emil):
    customer = Customer(emil, credit=150000, company={**COMPANY, "registry_state": "confirmed"})
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "approve")
    for name in ("one", "two"):
        customer.do(
            "decide",
            "reject",
            actor=staff(Role.COMPLIANCE, f"{name}@arcada.example").actor,
            reasons=[{"code": "reject-credit"}],
        )
    assert_without_credit(customer)
    letter = Message.objects.get(template="credit-refused")
    assert letter.context["wanted"] == [{"code": "reject-credit"}]
    with translation.override("ro"):
        told = story.told(fresh(customer), cases.timeline(fresh(customer)), "ro", customer.me)
    said = {row["title"]: row["text"] for row in told}
    assert said["Nu s-a acordat: Linia de credit"] == "Ce știm despre firmă nu susține încă o linie de credit"


def assert_without_credit(customer):
    """The shop stays as it was opened, at list prices, and the CRM learns of its customer as of any other."""
    assert customer.end == "activated", customer.steps()
    steps = customer.steps()
    assert (steps["grant"], steps["prices"], steps["shop"]) == ("skipped", "skipped", "done ok")
    assert steps["crm"] == "done ok"
    assert "credit-open" not in customer.letters()
    assert "credit-refused" in customer.letters()
    case = fresh(customer)
    standing = progress.standing(case, "ro", rights.standing(case, customer.person))
    assert (standing.kind, standing.title) == ("good", "Contul dumneavoastră este deschis")


def test_a_company_that_nobody_knows_is_decided_by_people(emil):
    customer = Customer(emil, credit=150000, company={**COMPANY, "registry_state": "confirmed"})
    customer.do("proof", actor=customer.me)
    customer.do("confirm", "approve")
    one, two = (staff(Role.COMPLIANCE, f"{name}@arcada.example").actor for name in ("one", "two"))
    said = {"credit_limit": 20000.0, "payment_days": 14, "price_group": "Partner Silver"}
    customer.do("decide", "approve", actor=one, **said)
    assert customer.steps()["decide"] == "open"
    customer.do("decide", "approve", actor=two, **said)
    assert customer.end == "activated", customer.steps()
    told = gathering.customer(Verb(print, grants=True), fresh(customer), now=customer.time())
    assert (float(told.credit_limit), told.payment_days) == (20000.0, 14)


# -- the error path


def test_when_creation_fails_the_customer_is_told_and_an_associate_does_it(ours):
    switch("erp", "down")
    customer = Customer(ours)
    for _ in range(3):  # nobody at the door waits a day for a look
        customer.later(minutes=30)
    assert customer.steps()["known"] == "done fail"
    customer.do("verify", "approve")
    assert customer.steps()["erp"] == "open"
    for _ in range(60):  # a day and more of tries
        customer.later(minutes=30)
    assert customer.steps()["erp"] == "held fail", customer.steps()
    assert "delayed" in customer.letters()
    switch("erp", "ok")
    customer.do("create-by-hand")
    assert customer.steps()["shop"] == "done ok"  # the flow has picked up where it was


def test_a_shop_that_loses_its_answers_has_one_account(ours):
    switch("shop", "lost")
    customer = Customer(ours)
    assert customer.steps()["shop"] == "open"
    switch("shop", "ok")
    customer.later(minutes=10)
    assert customer.end == "activated", customer.steps()
    accounts = [row for row in received(ACCOUNTS) if customer.case.reference in str(row)]
    assert len(accounts) == 1


# -- the existing customer


def test_an_existing_customer_waits_for_the_administrator_who_confirms(ours):
    maria = person("maria@tamplaria-tesatorilor.ro")
    brought_in(maria)
    in_the_crm(email=OWN)
    customer = Customer(ours)
    assert customer.steps()["recognise"] == "done linked"
    assert customer.steps()["vouch"] == "open"
    assert "shop" not in customer.steps() or customer.steps()["shop"] == "waiting"
    asked = vouching.Asked(
        Attempt.objects.select_related("case__client").get(case=customer.case, key="vouch"), maria
    )
    vouching.answer(asked, "confirmed", actor=customer.me, now=customer.time())
    customer.run()
    assert customer.end == "activated", customer.steps()


def test_the_link_is_made_where_it_is_missing_and_without_administrator_an_associate_looks(ours):
    in_the_crm()
    customer = Customer(ours)
    assert customer.steps()["recognise"] == "done unlinked"
    assert customer.steps()["vouch"] == "held late"
    customer.do("look", "approve")
    assert customer.steps()["link"] == "done ok"
    assert customer.end == "activated", customer.steps()


def test_a_company_that_only_the_erp_knows_is_no_new_customer(ours):
    in_the_erp()
    customer = Customer(ours)
    assert (customer.steps()["recognise"], customer.steps()["known"]) == ("done unknown", "done known")
    assert customer.steps()["vouch"] == "held late"  # nobody is known who could vouch
    assert customer.open("look")
    assert received(ACCOUNTS) == []
    customer.do("look", "approve")
    assert customer.end == "activated", customer.steps()
    (party,) = received("party.party")
    assert party["code"] == "OLD-1"


def test_a_stranger_to_a_company_that_the_erp_knows_gets_nothing(emil):
    in_the_erp()
    customer = Customer(emil)
    customer.do("look", "reject")
    assert customer.end == "declined"
    assert received(ACCOUNTS) == []
    (party,) = received("party.party")
    assert party["contact_mechanisms"] == []


def test_the_administrator_is_asked_about_a_company_that_only_the_erp_knows(ours):
    brought_in(person("maria@tamplaria-tesatorilor.ro"))
    in_the_erp()
    assert Customer(ours).steps()["vouch"] == "open"


def test_the_applicant_sees_that_we_are_waited_for_and_for_what(ours):
    in_the_erp()
    customer = Customer(ours)
    browser = browser_of(ours)
    page = browser.get(f"/cases/{customer.case.public_id}/").content.decode()
    assert "A person at our end looks at it" in page
    assert "Who you are" in page
    assert "Waiting for us since" in page


def test_two_parties_of_one_fiscal_code_are_a_persons_to_sort_out(emil):
    in_the_erp()
    in_the_erp(known_as="OLD-2")
    customer = Customer(emil)
    assert customer.steps()["known"] == "done fail"
    assert customer.open("verify")


def test_each_recognition_is_kept_with_its_reason(ours):
    in_the_erp()
    customer = Customer(ours)
    looked = Event.objects.filter(case=customer.case, kind="company.looked-up").order_by("data__peer")
    assert [(row.data["peer"], row.data["outcome"], row.data["by"]) for row in looked] == [
        ("crm", "unknown", "no-match"),
        ("erp", "known", "fiscal-code"),
    ]
    page = Desk(staff(Role.OPERATOR)).text(f"/desk/cases/{customer.case.public_id}/")
    assert "ERP was asked about the company: known (the same fiscal code)" in page
    customer.do("look", "approve")
    linked = Event.objects.get(case=customer.case, kind="call.done", data__step="erp")
    assert (linked.data["how"], linked.data["by"]) == ("linked", "fiscal-code")


def test_what_was_only_looked_at_is_nobodys_and_is_told_of_no_erasure(emil):
    in_the_erp()
    customer = Customer(emil)
    customer.do("look", "reject")
    assert not Mirrored.objects.filter(case=customer.case).exists()
    assert forgetting.recipients([customer.case]) == []


def test_a_crm_that_does_not_know_means_that_an_associate_looks(ours):
    switch("crm", "down")
    customer = Customer(ours)
    for _ in range(60):
        customer.later(minutes=30)
    assert customer.steps()["recognise"] == "done fail", customer.steps()
    assert customer.open("verify")


def test_an_applicant_whom_the_administrator_does_not_know_gets_nothing(ours):
    maria = person("maria@tamplaria-tesatorilor.ro")
    brought_in(maria)
    in_the_crm(email=OWN)
    customer = Customer(ours)
    asked = vouching.Asked(
        Attempt.objects.select_related("case__client").get(case=customer.case, key="vouch"), maria
    )
    vouching.answer(asked, "refused", actor=actor_of(maria), now=customer.time())
    customer.run()
    assert customer.end == "declined"
    assert received("party.party") == []
    browser = browser_of(ours)
    page = browser.get(f"/cases/{customer.case.public_id}/").content.decode()
    assert "has not confirmed that you act for it" in page
    assert "· someone of your company" in page


# -- seen


def test_the_blueprint_tells_lanes_hand_overs_and_times(ours):
    customer = Customer(ours)
    drawn = blueprint.of_case(fresh(customer), "en")
    assert [lane.title for lane in drawn.lanes][:3] == ["Customer", "Customer's administrator", "Portal"]
    assert {"ERP", "CRM", "Shop"} <= {lane.title for lane in drawn.lanes}
    rows = {row.title: row for row in drawn.rows}
    erp = rows["You as a customer in our ERP"]
    assert (drawn.lanes[erp.lane - 1].title, erp.state) == ("ERP", "done")
    assert "e-mail: a…@tamplaria-tesatorilor.ro" in erp.handed
    assert rows["Your administrator confirms you"].state == "skipped"
    assert "28460319" not in str(rows["Company and contact"].handed)


def test_staff_see_it_live_and_managers_the_journey(ours):
    customer, desk = Customer(ours), Desk(staff(Role.OPERATOR))
    page = desk.text(f"/desk/cases/{customer.case.public_id}/blueprint/")
    assert "You as a customer in our ERP" in page
    same = desk.get(
        f"/desk/cases/{customer.case.public_id}/blueprint/?seen={fresh(customer).version}",
        headers={"HX-Request": "true"},
    )
    assert same.status_code == 204
    manager = Desk(staff(Role.MANAGER))
    number = customer.case.journey_version.number
    assert "Credit in our ERP" in manager.text(f"/oversight/journeys/customer-account/{number}/blueprint/")


def test_the_assessment_is_kept_with_the_case(ours):
    kept = Assessment.objects.get(case=Customer(ours).case)
    assert (kept.score, kept.band, kept.grants) == (70, "silver", True)


def fresh(customer):
    customer.case.refresh_from_db()
    return customer.case
