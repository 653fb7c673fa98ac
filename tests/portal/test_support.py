"""Somebody of the staff looks at a client's pages: with a reason, to read only, for half an hour, and never unseen."""

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.lib import clock
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from pridvor.privacy import looking
from pridvor.vault.models import Look
from tests.desk.conftest import Desk, staff
from tests.partner import Partner
from tests.portal.conftest import ANA, IBAN, at

pytestmark = pytest.mark.django_db
WHY = "Ana called: the form does not open for her."


@pytest.fixture
def adina():
    return Desk(staff(Role.ADMINISTRATOR))


@pytest.fixture
def looking_on(adina, case):
    answer = adina.post(at(case, "support"), {"why": WHY})
    assert answer["Location"] == at(case)
    return adina


def test_staff_read_the_page_as_the_client_does_under_a_banner(looking_on, case):
    page = looking_on.text(at(case))
    assert case.reference in page
    assert "You look at a client" in page
    assert "Ana Popescu" in looking_on.text(at(case, "sent"))


def test_nothing_can_be_sent(looking_on, case):
    assert looking_on.post(at(case, "bank", "account"), {"iban": IBAN}).status_code == 403
    for tail in ("withdraw", "address", "people/invite", "bank/draft"):
        assert looking_on.post(at(case, tail)).status_code == 403, tail
    assert looking_on.post("/sign-out/").status_code == 403
    assert not case.drafts.filter(step="bank").exists()
    assert cases.Case.objects.get(pk=case.pk).state == "open"


def test_without_a_reason_nobody_looks(adina, case):
    for why in ("", "because"):
        assert adina.post(at(case, "support"), {"why": why}).status_code == 200
    assert adina.get(at(case))["Location"].startswith("/track/")
    assert not Event.objects.filter(kind="support.looked").exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COMPLIANCE, Role.MANAGER, Role.AUDITOR])
def test_only_whoever_the_policy_names_may_look(case, role):
    other = Desk(staff(role))
    assert other.post(at(case, "support"), {"why": WHY}).status_code == 404


def test_the_visit_is_about_one_case_and_about_no_other_page(looking_on, case, emil):
    other = Partner(emil).case
    assert looking_on.get(at(other))["Location"].startswith("/track/")
    assert looking_on.get("/privacy/looks/")["Location"].startswith("/track/")
    assert case.reference not in looking_on.get("/track/").content.decode()


def test_it_ends_after_half_an_hour_and_when_told_to(looking_on, case):
    session = looking_on.session
    told = dict(session["support"])
    session["support"] = {**told, "until": clock.now().isoformat()}
    session.save()
    assert looking_on.get(at(case))["Location"].startswith("/track/")
    session["support"] = told
    session.save()
    assert looking_on.get(at(case)).status_code == 200
    looking_on.post("/support/end/")
    assert looking_on.get(at(case))["Location"].startswith("/track/")


def test_whoever_may_no_more_sees_no_more(looking_on, case):
    looking_on.person.role = Role.OPERATOR
    looking_on.person.save()
    assert looking_on.get(at(case))["Location"].startswith("/track/")


def test_the_client_sees_it_on_the_page_in_the_ledger_of_looks_and_by_mail(looking_on, case, visitor):
    looking_on.get(at(case, "sent"))
    visitor.go(at(case))
    assert "looked at your pages for support" in visitor.text
    assert WHY in visitor.text
    seen = [(one.who, one.why) for one in looking.seen(case.person, "en") if one.who == "administrator"]
    assert {why for _who, why in seen} == {
        "open your pages to help you; the reason stands on your page",
        "read your pages to help you",
    }
    event = Event.objects.get(case=case, kind="support.looked")
    assert event.actor_id == str(looking_on.person.public_id)
    assert WHY not in str(event.data), "what staff write of a client is sealed"
    notifications.tell_of_support(event, now=clock.now())
    assert Message.objects.get(template="support-looked").recipient == case.person.subject


def test_what_is_read_on_a_visit_is_read_by_the_staff_and_not_by_the_client(looking_on, case):
    before = Look.objects.filter(actor_kind="client").count()
    looking_on.get(at(case, "sent"))
    assert Look.objects.filter(actor_kind="client").count() == before
    assert Look.objects.filter(actor_id=str(looking_on.person.public_id), case=case.reference).exists()


def test_the_reason_is_in_the_letter(looking_on, case, settings):
    event = Event.objects.get(case=case, kind="support.looked")
    read = cases.read_notes(
        case, event.data["reasons"], actor=notifications.ME, purpose="send", now=clock.now()
    )
    assert read == [WHY]
    assert ANA not in str(event.data)
