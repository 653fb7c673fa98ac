"""Every second of a case is booked once: to us, to the client, to a third party, or to closed hours."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pridvor.cases import actions as cases
from pridvor.sla import queries as sla
from pridvor.sla.models import Span
from tests.conftest import CARMEN, REFUSED
from tests.sla.conftest import MONDAY, Played

pytestmark = pytest.mark.django_db
HOUR = 3600


def seconds(span):
    return int(span.total_seconds())


def booked(play, stage=""):
    return sum(row.seconds for row in sla.ledger(play.case, play.now) if row.stage == stage)


def test_our_turn_is_ours_in_working_hours_and_nobodys_outside(play):
    play.fill().at("2026-11-24 10:00").do("sort")
    assert sla.split(play.case, play.now)["gather"] == {
        "us": 8 * HOUR,
        "client": 0,
        "third party": 0,
        "closed": 16 * HOUR,
    }


def test_the_clients_turn_is_theirs_by_day_and_by_night(play):
    play.at("2026-11-24 10:00").fill()
    assert sla.split(play.case, play.now)[""]["client"] == 24 * HOUR


def test_a_pause_belongs_to_whoever_is_waited_for(play):
    play.fill().pause("third party").wait(hours=2).resume()
    assert sla.split(play.case, play.now)[""]["third party"] == 2 * HOUR


def test_what_runs_at_this_moment_is_in_the_ledger_too(play):
    play.wait(hours=1, seconds=7)
    assert booked(play) == HOUR + 7
    assert not Span.objects.filter(case=play.case).exists()


def test_a_case_that_is_over_is_booked_no_further(play):
    cases.withdraw(play.case, actor=CARMEN, now=play.wait(hours=5).now)
    play.keep().wait(days=30)
    assert booked(play) == 5 * HOUR


def test_the_database_refuses_to_change_a_booking(play):
    play.wait(hours=1).fill()
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        Span.objects.filter(case=play.case).update(seconds=1)


# -- the law, on any history

JOURNEY = """
journey: law
target: 3 working days
forms: {f: {one: {title: {en: F}, fields: {name: {label: {en: Name}}}}}}
stages:
  gather:
    sla: {us: 4h, client: 2d}
    steps:
      fill: {form: f}
      call: {connect: erp.create_customer, if fail: go on}
  beside: {with: gather, sla: 2h, steps: {note: {todo: x}, paper: {upload: [a]}}}
  look:
    sla: {us: 8h, whole: 5d}
    steps:
      read: {review: r, if correct: {redo: [fill, paper], limit: 9}, if reject: {close: declined}}
"""
OUTCOMES = {"fill": ["done"], "paper": ["done"], "note": ["done"], "call": ["ok", "fail"]}
OUTCOMES["read"] = ["approve", "correct", "correct", "correct", "reject"]


class AnyHistory:
    """Whatever may happen, at whatever moments; the books are brought up to date now and then."""

    def __init__(self, person, data):
        self.play, self.data = Played(person, JOURNEY), data

    def run(self):
        for _ in range(self.data.draw(st.integers(0, 14))):
            self.play.wait(seconds=self.data.draw(st.integers(0, 4 * 24 * HOUR)))
            self.one()
            if self.data.draw(st.booleans()):
                self.play.keep()
        return self.play.keep()

    def one(self):
        play = self.play
        play.case.refresh_from_db()
        verb = self.data.draw(st.sampled_from(["step", "step", "step", "step", "pause", "withdraw"]))
        if play.case.state != "open":
            return
        if play.case.paused:
            cases.resume(play.case, actor=CARMEN, now=play.now)
        elif verb == "pause":
            party = self.data.draw(st.sampled_from(["us", "client", "third party"]))
            cases.pause(play.case, "why", actor=CARMEN, now=play.now, party=party)
        elif verb == "withdraw" and self.data.draw(st.integers(0, 3)) == 0:
            cases.withdraw(play.case, actor=CARMEN, now=play.now)
        else:
            self.step()

    def step(self):
        attempts = self.play.case.attempts.filter(status="open", key__in=OUTCOMES).order_by("key")
        if attempts:
            attempt = self.data.draw(st.sampled_from(list(attempts)))
            outcome = self.data.draw(st.sampled_from(OUTCOMES[attempt.key]))
            cases.complete(attempt, outcome, actor=CARMEN, now=self.play.now)


def over_at(play):
    """When the case was over: from then on no minute is anybody's."""
    for event in play.case.events.filter(kind="clock.turned").order_by("id"):
        if "" not in event.data["parties"]:
            return event.at
    return play.now


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_bookings_of_a_case_add_up_to_its_time_to_the_second(ana, data):
    with transaction.atomic():
        play = AnyHistory(ana, data).run()
        until = min(over_at(play), play.now)
        assert booked(play) == seconds(until - MONDAY)
        for stage in ("gather", "beside", "look"):
            assert booked(play, stage) == live(play, stage)
        no_second_is_booked_twice(play)
        clocks_agree(play)
        transaction.set_rollback(True)


def live(play, stage):
    """For how many seconds the stage was at work, as the events tell it."""
    total, since = 0, None
    for event in play.case.events.filter(kind="clock.turned").order_by("id"):
        if since is not None:
            total += seconds(event.at - since)
        since = event.at if stage in event.data["parties"] else None
    return total + (seconds(play.now - since) if since is not None else 0)


def no_second_is_booked_twice(play):
    for stage in ("", "gather", "beside", "look"):
        stretches = {
            (row.from_at, row.to_at) for row in sla.ledger(play.case, play.now) if row.stage == stage
        }
        ordered = sorted(stretches)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def clocks_agree(play):
    """Our clock of a stage has used what the ledger books to us in it."""
    left = sla.time_left([play.case.pk], play.now)
    for stage in ("gather", "beside", "look"):
        used = sum(clock.used_seconds for clock in play.case.clocks.filter(stage=stage, kind="us"))
        if (play.case.pk, stage) in left and play.clock(stage, "us").running_since:
            row = left[play.case.pk, stage]
            if row.due_at != play.clock(stage, "us").due_at:
                continue  # the clock of the whole stage is nearer its end: what is left is told of that one
            used += row.budget_seconds - row.seconds - play.clock(stage, "us").used_seconds
        ours = sum(
            row.seconds for row in sla.ledger(play.case, play.now) if (row.stage, row.party) == (stage, "us")
        )
        paused_for_us = ours - used
        assert paused_for_us >= 0
        if not play.case.events.filter(kind="case.paused", data__party="us").exists():
            assert paused_for_us == 0


def test_a_played_registration_is_booked_to_the_second(play):
    play.wait(hours=3).fill().wait(minutes=90).do("sort").at("2026-11-25 08:00").do("one").do("two")
    play.wait(hours=2).do("read", "correct").wait(days=2).fill()
    play.do("sort").do("one").do("two").wait(days=4).do("read", "approve")
    assert play.case.state == "ended"
    assert booked(play) == seconds(play.now - MONDAY)
    split = sla.split(play.case, play.now)[""]
    assert split["client"] == 3 * HOUR + seconds(timedelta(days=2))
    assert split["us"] > 0
    assert split["closed"] > 0
