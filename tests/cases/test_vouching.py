"""An administrator of the company vouches for an applicant; where nobody does, a person of ours looks."""

from datetime import timedelta

import pytest
from django.test import Client

from pridvor.cases import actions as cases
from pridvor.cases import rights, vouching
from pridvor.cases.models import Attempt, Case, Event, Membership
from pridvor.clients import actions as clients
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from pridvor.portal.progress import standing
from pridvor.sla import books, timers
from tests.conftest import CARMEN, NOW, actor_of, client_of, person, publish

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: shop-access
stages:
  verification:
    owner: account-manager
    steps:
      vouch:
        vouch: administrator
        within: 1 working day
        if refused: {close: declined}
        if late: {open: look}
      welcome: {todo: x}
    exceptions:
      look: {review: applicant, if reject: {close: declined}}
"""


MEMBER = """
journey: member
stages: {entry: {steps: {look: {todo: x}}}}
"""


@pytest.fixture
def maria(db):
    """The administrator of Electro Instal, which has been with us for long."""
    found = person("maria@electroinstal.example")
    won = cases.open_case(
        publish(MEMBER), client_of(found), found, language="ro", actor=actor_of(found), now=NOW
    )
    cases.complete(Attempt.objects.get(case=won), "done", actor=CARMEN, now=NOW)
    return found


def asks(applicant, **company):
    """A case in which somebody asks for access, its step just opened and reacted to."""
    case = cases.open_case(
        publish(JOURNEY),
        client_of(applicant, **company) if company else client_of(applicant),
        applicant,
        language="en",
        actor=actor_of(applicant),
        now=NOW,
    )
    vouching.ask(opened(case), now=NOW)
    return case


def opened(case):
    return Event.objects.filter(case=case, kind="step.opened", data__step="vouch").last()


def state(case, key="vouch"):
    row = Attempt.objects.filter(case=case, key__startswith=key).latest("number")
    return row.status, row.outcome


def link(case):
    """The way in the letter to the administrator."""
    for event in Event.objects.filter(case=case, kind="vouch.asked"):
        notifications.tell_of_vouching(event, now=NOW)
    message = Message.objects.get(case=case, template="vouch-asked")
    return notifications._link(message)["link"].partition("/vouch/")[2]


def test_the_administrator_of_the_company_is_asked_and_confirms(ana, maria):
    case = asks(ana)
    page = Client().get(f"/vouch/{link(case)}")
    assert "ana@" in page.content.decode()
    assert Client().post(f"/vouch/{link(case)}", {"confirm": "1"}).status_code == 200
    assert state(case) == ("done", "confirmed")
    by = Attempt.objects.get(case=case, key="vouch").by
    assert by == f"client:{maria.subject}"


def test_a_no_ends_it_and_the_link_counts_once(ana, maria):
    case = asks(ana)
    way = link(case)
    Client().post(f"/vouch/{way}", {"refuse": "1"})
    case.refresh_from_db()
    assert (state(case), case.end) == (("done", "refused"), "declined")
    assert Client().post(f"/vouch/{way}", {"confirm": "1"}).status_code == 410


def test_looking_at_the_page_decides_nothing(ana, maria):
    case = asks(ana)
    Client().get(f"/vouch/{link(case)}")
    assert state(case) == ("open", "")


def test_a_link_that_the_mail_program_broke_says_so(ana, maria):
    case = asks(ana)
    way = link(case).strip("/")
    for token in ("x", way[:-4], f"{way}x"):
        answer = Client(headers={"accept-language": "en"}).post(f"/vouch/{token}/", {"confirm": "1"})
        assert answer.status_code == 404
        assert "This link is not whole" in answer.content.decode()
    assert state(case) == ("open", "")


def test_a_forged_or_foreign_link_opens_nothing(ana, maria, emil):
    case = asks(ana)
    attempt = Attempt.objects.get(case=case, key="vouch")
    for token in (vouching.token(attempt.pk, emil), vouching.token(attempt.pk + 1, maria)):
        assert Client().post(f"/vouch/{token}/", {"confirm": "1"}).status_code == 410
    assert state(case) == ("open", "")


def test_nobody_known_means_that_a_person_of_ours_looks_at_once(ana):
    case = asks(ana)
    assert state(case) == ("held", "late")
    assert state(case, "look") == ("open", "")


def test_without_an_answer_in_one_working_day_a_person_of_ours_looks(ana, maria):
    case = asks(ana)  # Tuesday 14:20 in Bucharest
    books.bring_up_to_date(case.pk, now=NOW)
    timers.sweep(now=NOW + timedelta(hours=20))
    assert state(case) == ("open", "")
    timers.sweep(now=NOW + timedelta(hours=25))
    assert state(case) == ("held", "late")
    assert state(case, "look") == ("open", "")


def test_asking_twice_asks_once(ana, maria):
    case = asks(ana)
    vouching.ask(opened(case), now=NOW)
    assert Event.objects.filter(case=case, kind="vouch.asked").count() == 1


def test_colleagues_who_were_made_administrator_are_asked_too_and_readers_are_not(ana, maria, emil):
    bogdan = person("bogdan@electroinstal.example")
    won = Case.objects.get(goal=True)
    for who, role in ((bogdan, rights.ADMINISTRATOR), (emil, rights.READER)):
        Membership.objects.create(case=won, person=who, role=role, by="x", at=NOW)
        clients.join(won.client, who, role, now=NOW)
    case = asks(ana)
    assert set(vouching.administrators(case)) == {maria, bogdan}


def test_a_company_of_the_same_name_is_another_company(ana, maria):
    assert state(asks(ana, cui="28460319", vat="RO28460319")) == ("held", "late")


def test_the_applicant_sees_that_somebody_is_asked_and_not_who(ana, maria):
    case = asks(ana)
    page = standing(case, "en", rights.standing(case, ana))
    assert "administrator of your company" in page.title
    assert "maria" not in page.title + page.text
