"""What was done in time, and whose the time was, as managers see it; and the same of one case at the desk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pridvor.accounts.models import Role
from pridvor.oversight import time
from pridvor.sla import queries as sla
from tests.desk.conftest import Desk, staff
from tests.sla.conftest import Played

pytestmark = pytest.mark.django_db
HOUR = 3600


@pytest.fixture
def play(ana):
    return Played(ana)


def done(play, hours):
    play.wait(hours=1).fill().wait(hours=hours).do("sort").do("one").do("two").do("read", "approve")
    return play.ring()


def test_each_stage_is_counted_in_time_or_not(play, emil):
    done(play, 2)
    late = Played(emil)
    done(late, 5)
    since, until = play.now - timedelta(days=1), late.now
    found = {row.stage: (row.met, row.breached) for row in sla.compliance(since, until)}
    assert found == {"gather": (1, 1), "look": (2, 0)}
    (promise,) = sla.compliance(since, until, kind="promise")
    assert (promise.journey, promise.met, promise.share) == ("clocks", 2, 1.0)


def test_the_time_of_a_stage_is_split_by_party(play):
    done(play, 2)
    found = sla.split_of_stages(play.now - timedelta(days=1), play.now)
    assert found["clocks", "gather"] == {"us": 2 * HOUR, "client": HOUR, "third party": 0, "closed": 0}


def test_managers_read_it_by_journey_and_stage(play):
    done(play, 5)
    (journey,) = time.page("en", play.now)
    assert journey.promise == "1 of 1 promise was kept."
    gather, look = journey.lines
    assert (gather.in_time, gather.kind, gather.shares) == ("0 of 1", "bad", ("83 %", "17 %", "0 %", "0 %"))
    assert (look.in_time, look.kind) == ("1 of 1", "good")


def test_the_page_opens_for_them(play):
    assert "whose the time was" in Desk(staff(Role.MANAGER)).text("/oversight/time/")


def test_the_desk_shows_what_is_left_and_why(play):
    play.fill()
    carmen = Desk(staff(Role.OPERATOR))
    text = carmen.text(f"/desk/cases/{play.case.public_id}/")
    assert "4 working hours, Bucharest calendar" in text
    assert "The whole case" in text


def test_what_is_left_of_a_whole_queue_is_one_question(play, emil):
    ids = [play.case.pk, Played(emil).case.pk]
    sla.time_left(ids, play.now)
    with CaptureQueriesContext(connection) as asked:
        found = sla.time_left(ids, play.now)
    assert len(asked) == 1
    assert {stage for _, stage in found} == {"gather"}
