"""What staff are told: once, in the way each chose, and never an empty mail."""

from datetime import UTC, datetime, timedelta

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases import notes, work
from pridvor.cases.models import Event
from pridvor.lib.actor import machine
from pridvor.notifications import actions, notices
from pridvor.notifications.models import Message, Notice
from tests.conftest import CARMEN, NOW
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # in Bucharest


@pytest.fixture
def carmen(db):
    return staff(Role.OPERATOR)


@pytest.fixture
def dan(db):
    lead = staff(Role.OPERATOR, "lead@arcada.example")
    lead.is_lead = True
    lead.save()
    return lead


def tell(kind, *, times=1):
    """What the wiring does, for every event of the kind."""
    for event in Event.objects.filter(kind=kind).order_by("id"):
        for _again in range(times):
            notices.notice(cases.event(event.pk), now=NOW)


def call(case, whom, by):
    notes.write(case, f"@{whom.email} vezi", author=by, now=NOW)
    tell("note.mentioned")


def warn(case, kind="sla.breached", stage="documents"):
    said = {"stage": stage, "tell": ["owner", "lead"]}
    cases.record(case, kind, actor=machine("clock"), now=NOW, data=said)
    tell(kind)


def give(case, whom, stage="documents"):
    work.assign(case, stage, whom, why="by-hand", actor=CARMEN, now=NOW)
    tell("work.assigned")


def told(person):
    return list(Notice.objects.filter(staff=person).order_by("id").values_list("what", flat=True))


def test_each_thing_is_told_once_however_often_its_reaction_runs(case, carmen, dan):
    call(case, carmen, by=dan)
    tell("note.mentioned", times=3)
    assert told(carmen) == ["note.mentioned"]
    assert Message.objects.filter(staff=carmen).count() == 1


def test_nobody_is_told_what_they_did_themselves(case, carmen):
    call(case, carmen, by=carmen)
    work.assign(case, "documents", carmen, why="taken", actor=carmen.actor, now=NOW)
    tell("work.assigned")
    assert told(carmen) == []


def test_a_warning_reaches_the_owner_and_the_lead(case, carmen, dan):
    give(case, carmen)
    warn(case)
    assert "sla.breached" in told(carmen)
    assert told(dan) == ["sla.breached"]


def test_a_warning_of_another_stage_is_not_the_owners(case, carmen):
    give(case, carmen)
    warn(case, stage="verification")
    assert "sla.breached" not in told(carmen)


def test_a_mail_at_once_names_the_case_and_no_person(case, carmen, dan, server):
    call(case, carmen, by=dan)
    message = Message.objects.get(staff=carmen)
    actions.deliver(message.pk, now=NOW)
    (mail,) = server.mails
    assert mail["To"] == carmen.email
    text = mail.get_body(("plain",)).get_content()
    assert case.reference in text
    assert "Ana" not in text


def test_on_the_desk_alone_no_mail_is_sent(case, carmen, dan):
    notices.choose(carmen, {"mentioned": "desk"})
    call(case, carmen, by=dan)
    assert notices.digest(now=EIGHT) == 0
    assert notices.unread(carmen) == 1
    assert not Message.objects.filter(staff=carmen).exists()


def test_what_is_gathered_leaves_in_one_mail_and_only_once(case, carmen, dan):
    notices.choose(carmen, {"mentioned": "hourly", "warning": "hourly"})
    give(case, carmen)
    call(case, carmen, by=dan)
    warn(case)
    assert notices.digest(now=NOW) == 1
    assert notices.digest(now=NOW + timedelta(hours=1)) == 0
    message = Message.objects.get(staff=carmen)
    assert sorted(row.what for row in message.notices.all()) == ["note.mentioned", "sla.breached"]


def test_the_daily_mail_leaves_at_eight(case, carmen, dan):
    notices.choose(carmen, {"mentioned": "daily"})
    call(case, carmen, by=dan)
    assert notices.digest(now=EIGHT - timedelta(hours=1)) == 0
    assert notices.digest(now=EIGHT) == 1


def test_where_nothing_waits_nothing_is_sent(case, carmen, dan):
    notices.choose(carmen, {"mentioned": "hourly"})
    assert notices.digest(now=EIGHT) == 0
    call(case, carmen, by=dan)
    notices.read(carmen, now=NOW)
    assert notices.digest(now=EIGHT) == 0
    assert not Message.objects.exists()


def test_the_inbox_leads_to_the_case_and_counts(case, carmen, dan):
    desk = Desk(carmen)
    call(case, carmen, by=dan)
    warn(case)
    give(case, carmen)
    assert 'class="desk-count">2' in desk.text("/desk/")
    row = Notice.objects.filter(staff=carmen).first()
    assert desk.post(f"/desk/notices/{row.public_id}/")["Location"] == f"/desk/cases/{case.public_id}/"
    assert notices.unread(carmen) == 1
    desk.post("/desk/notices/read/")
    assert "desk-count" not in desk.text("/desk/")


def test_whoever_looks_at_the_case_has_been_told(case, carmen, dan):
    call(case, carmen, by=dan)
    Desk(dan).text(f"/desk/cases/{case.public_id}/")
    assert notices.unread(carmen) == 1
    Desk(carmen).text(f"/desk/cases/{case.public_id}/")
    assert notices.unread(carmen) == 0


def test_anothers_notice_does_not_exist(case, carmen, dan):
    call(case, carmen, by=dan)
    row = Notice.objects.get()
    assert Desk(dan).post(f"/desk/notices/{row.public_id}/").status_code == 404
    assert Notice.objects.get().read_at is None


def test_each_chooses_how_they_are_told(carmen):
    desk = Desk(carmen)
    wanted = {"assigned": "now", "mentioned": "daily", "warning": "hourly"}
    assert "Kept." in desk.post("/desk/notices/choices/", wanted, follow=True).content.decode()
    assert notices.choices(carmen) == {**wanted, "screening": "now"}, "what was not asked stays as it was"
    assert desk.post("/desk/notices/choices/", {**wanted, "warning": "fax"}).status_code == 404
