"""A second person of one company: told that it is with us, and nothing else, until somebody lets them in."""

from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases import joining
from pridvor.cases.models import Case, Event, JoinRequest, Membership
from pridvor.clients import queries as clients
from pridvor.lib import clock
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from tests.conftest import CARMEN, actor_of, person
from tests.desk.conftest import Desk, staff
from tests.partner import Partner
from tests.peers import mail
from tests.portal.conftest import ANA, Visitor, at

pytestmark = pytest.mark.django_db
EMIL = "emil@altafirma.example"
JOIN = "/apply/partner-registration/join/"


@pytest.fixture
def server(settings):
    with mail.running() as running:
        settings.SMTP_URL = running.url
        yield running


@pytest.fixture
def second(case, another):
    """Emil, who named Ana's company and proved his own address."""
    another.name_company()
    another.prove(EMIL)
    return another


def ask(visitor, of="applicant", role="signatory"):
    visitor.say(JOIN, role=role, of=of)
    return JoinRequest.objects.order_by("-id").first()


def decide(asked, **said):
    return Visitor(headers={"accept-language": "en"}).say(f"/join/{joining.token(asked)}/", **said)


def react(kind):
    """What the wiring does."""
    event = Event.objects.filter(kind=kind).order_by("-id").first()
    notifications.tell_of_joining(cases.event(event.pk), now=clock.now())
    return Message.objects.order_by("-id").first()


def test_the_second_person_learns_only_that_the_company_is_with_us(case, second):
    assert second.at == JOIN
    assert "Your company is with us already" in second.text
    for secret in (case.reference, ANA, "Popescu", "0721", str(case.public_id), "22 Nov", "Bank account"):
        assert secret not in second.text
    assert Case.objects.count() == 1
    assert second.get(at(case)).status_code == 404


def test_before_the_address_is_proved_nothing_differs(case, another, visitor):
    def pages(number):
        fresh = Visitor(headers={"accept-language": "en"})
        fresh.name_company(number)
        first = (fresh.at, fresh.text.replace(number, "N"))
        fresh.say("/apply/partner-registration/email/", email=f"x{number}@y.example")
        return (*first, fresh.at, fresh.text.replace(number, "N"))

    known, unknown = pages("48219502"), pages("47503165")
    assert known[0] == unknown[0]
    assert known[2:3] == unknown[2:3]
    assert "with us already" not in known[1] + known[3]


def test_the_applicant_is_asked_by_mail_and_lets_the_colleague_in(case, second, server):
    asked = ask(second)
    message = react("join.asked")
    notifications.deliver(message.pk, now=clock.now())
    assert [one["To"] for one in server.mails] == [ANA]
    decide(asked, role="technical", approve="1")
    assert Membership.objects.get().role == "technical"
    assert second.get(at(case)).status_code == 200
    assert case.reference in second.get("/track/").content.decode()
    answer = react("join.approved")
    notifications.deliver(answer.pk, now=clock.now())
    assert [one["To"] for one in server.mails] == [ANA, EMIL]


def test_looking_at_the_link_decides_nothing_and_names_who_asks(case, second):
    asked = ask(second)
    page = Client(headers={"accept-language": "en"}).get(f"/join/{joining.token(asked)}/").content.decode()
    assert EMIL in page
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_a_no_opens_nothing_tells_nothing_and_is_not_asked_again(case, second, server):
    asked = ask(second)
    decide(asked, refuse="1")
    assert second.get(at(case)).status_code == 404
    message = react("join.refused")
    notifications.deliver(message.pk, now=clock.now())
    letter = str(server.mails[-1])
    assert case.reference not in letter
    assert str(case.public_id) not in letter
    assert "answered with no" in second.say(JOIN, role="signatory", of="applicant").content.decode()


def test_the_link_counts_once_and_for_a_week(case, second):
    asked = ask(second)
    signed = joining.token(asked)
    assert joining.by_token(signed, clock.now() + timedelta(days=6)) == asked
    assert joining.by_token(signed, clock.now() + timedelta(days=8)) is None
    assert joining.by_token(f"{signed}x", clock.now()) is None
    decide(asked, role="signatory", approve="1")
    again = Client().post(f"/join/{signed}/", {"refuse": "1"})
    assert again.status_code == 410
    assert Membership.objects.count() == 1


def test_a_member_cannot_withdraw_or_change_the_applicants_address(case, second):
    decide(ask(second), role="administrator", approve="1")
    for tail in ("withdraw", "address", "address/code"):
        assert second.get(at(case, tail)).status_code == 404, tail
        assert second.post(at(case, tail), {"email": EMIL}).status_code == 404, tail
    assert Case.objects.get().state == "open"


def test_what_a_member_does_is_theirs_in_the_ledger(case, second):
    asked = ask(second)
    decide(asked, role="administrator", approve="1")
    second.say(at(case, "bank", "account"), iban="RO49 AAAA 1B31 0075 9384 0000")
    second.say(at(case, "bank", "check"))
    done = case.events.filter(kind="step.completed", data__step="bank").first()
    assert done is not None
    assert done.actor_id == str(asked.person.subject)


def test_one_of_the_staff_may_decide(case, second):
    ask(second, of="staff")
    carmen = Desk(staff(Role.OPERATOR))
    assert "1 person asks to be let in" in carmen.text("/desk/")
    assert EMIL in carmen.text("/desk/joining/")
    carmen.post(f"/desk/joining/{JoinRequest.objects.get().public_id}/", {"approve": "1"})
    assert second.get(at(case)).status_code == 200
    assert "Nobody asks" in carmen.text("/desk/joining/")


def test_asking_twice_is_one_request(case, second):
    assert ask(second) == ask(second)
    assert JoinRequest.objects.count() == 1


def test_asking_often_is_refused(case, emil):
    ours = [case, *(Partner(person(f"p{n}@x.example"), cui=f"1854729{n}").case for n in range(3))]
    for row in ours[:3]:
        joining.ask(row, emil, "signatory", of="applicant", actor=actor_of(emil), now=clock.now())
    with pytest.raises(joining.CannotJoin, match="asked-too-often"):
        joining.ask(ours[3], emil, "signatory", of="applicant", actor=actor_of(emil), now=clock.now())


def test_an_ended_case_that_was_not_won_stands_in_nobodys_way(case, another):
    cases.withdraw(case, actor=CARMEN, now=clock.now())
    another.name_company()
    another.prove(EMIL)
    assert Case.objects.count() == 2
    assert clients.person(Case.objects.order_by("-id").first().person.subject)
