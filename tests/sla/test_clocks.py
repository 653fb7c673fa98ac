"""Clocks hold a budget and what is used of it; when they stop and go on, what is due moves by as much."""

from datetime import datetime, timedelta

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.sla import actions as calendars
from pridvor.sla import books
from pridvor.sla import queries as sla
from tests.conftest import CARMEN
from tests.sla.conftest import BUCHAREST, MONDAY, Played

pytestmark = pytest.mark.django_db


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BUCHAREST)


def test_the_promise_runs_from_the_first_moment(play):
    promise = play.clock()
    assert (promise.state, promise.started_at, promise.due_at) == ("running", MONDAY, at("2026-11-26 10:00"))


def test_the_clients_clock_runs_while_only_the_client_can_act(play):
    client, ours = play.clock("gather", "client"), play.clock("gather", "us")
    assert (client.state, client.due_at) == ("running", at("2026-11-25 10:00"))
    assert (ours.state, ours.due_at) == ("stopped", None)


def test_when_the_client_has_acted_ours_runs_and_theirs_stands(play):
    play.at("2026-11-24 10:00").fill()
    client, ours = play.clock("gather", "client"), play.clock("gather", "us")
    assert (client.state, client.used_seconds) == ("stopped", 8 * 3600)
    assert (ours.state, ours.due_at) == ("running", at("2026-11-24 14:00"))


def test_a_day_of_a_budget_is_the_calendars_working_day(play):
    assert play.clock("gather", "client").budget_seconds == 2 * 8 * 3600


def test_a_stage_done_in_time_is_met(play):
    play.fill().wait(hours=3).do("sort")
    assert play.clock("gather", "us").state == "met"
    assert play.clock("look", "us").due_at == at("2026-11-24 13:00")


def test_a_stage_done_too_late_is_breached_whoever_looked(play):
    play.fill().wait(hours=5).do("sort")
    clock = play.clock("gather", "us")
    assert (clock.state, clock.used_seconds) == ("breached", 5 * 3600)


def test_a_stage_that_is_entered_again_has_a_budget_of_its_own(play):
    play.fill().do("sort").do("one").do("two").do("read", "correct")
    assert play.clock("gather", "client").visit == 2
    assert play.clock("gather", "client", visit=1).ended_at is not None
    play.wait(hours=1).fill()
    assert play.clock("gather", "us").used_seconds == 0


def test_a_paused_case_stops_the_stages_and_not_the_promise(play):
    play.fill().wait(hours=1).pause().wait(hours=2)
    assert play.clock("gather", "us").state == "stopped"
    assert (play.clock().state, play.clock().due_at) == ("running", at("2026-11-26 10:00"))
    play.resume()
    assert play.clock("gather", "us").due_at == at("2026-11-23 16:00")


def test_a_decision_taken_back_leaves_the_clock_as_it_was(play):
    play.fill().wait(hours=1).do("sort")
    assert play.clock("gather", "us").state == "met"
    play.wait(seconds=5)
    cases.undo(play.case, actor=CARMEN, now=play.now)
    clock = play.keep().clock("gather", "us")
    assert (clock.state, clock.ended_at, clock.due_at) == ("running", None, at("2026-11-23 14:00:05"))


def test_a_case_that_ends_otherwise_meets_nothing_and_breaches_nothing(play):
    cases.withdraw(play.case, actor=CARMEN, now=play.now)
    play.keep()
    assert {clock.state for clock in play.case.clocks.all()} == {"stopped"}
    assert not play.case.clocks.filter(ended_at=None).exists()


def test_the_promise_is_kept_when_the_case_reaches_its_goal(play):
    play.fill().do("sort").do("one").do("two").do("read", "approve")
    assert play.case.state == "ended"
    assert (play.clock().state, play.clock("look", "us").state) == ("met", "met")


def test_budgets_of_the_whole_stage_run_whoever_acts(ana):
    journey = """
journey: whole
stages:
  gather: {owner: operator, sla: {whole: 24h}, steps: {fill: {upload: [a]}, sort: {todo: x}}}
"""
    play = Played(ana, journey)
    assert play.clock("gather", "whole").due_at == at("2026-11-26 10:00")
    play.wait(hours=2).pause().wait(hours=2).resume()
    assert play.clock("gather", "whole").due_at == at("2026-11-26 10:00")


def test_handing_an_event_on_twice_or_late_changes_nothing(play):
    play.fill().wait(hours=3).do("sort")
    before = [vars(clock) | {"_state": 0} for clock in play.case.clocks.order_by("pk")]
    spans = play.case.spans.count()
    for event in Event.objects.filter(case=play.case).order_by("-id"):
        books.follow(event, now=play.now)
    assert [vars(clock) | {"_state": 0} for clock in play.case.clocks.order_by("pk")] == before
    assert play.case.spans.count() == spans


def test_a_stage_that_waits_for_what_the_client_does_in_another_stands(play):
    play.fill().do("sort").do("one").do("two").do("read", "correct").wait(hours=2)
    assert play.clock("look", "us").state == "stopped"
    play.fill()
    assert play.clock("look", "us").state == "running"


# -- the receipt


def test_the_receipt_says_when_and_why_in_both_languages(play):
    receipt = sla.receipt(play.case)
    assert receipt.said("en") == (
        "Due Thursday 26 November, 10:00, because: 3 working days, Bucharest calendar."
    )
    assert (
        receipt.said("ro")
        == "Termen: joi, 26 noiembrie, 10:00, deoarece: 3 zile lucrătoare, calendarul București."
    )


def test_days_off_stand_in_the_receipt_by_name(ana):
    play = Played(ana, at=at("2026-11-27 10:00"))
    assert "30 Nov off (Saint Andrew's Day), 1 Dec off (National Day)" in sla.receipt(play.case).said("en")


def test_what_is_due_moves_by_the_pause_and_the_receipt_says_so(play):
    play.fill().do("sort").do("one").wait(hours=1).do("two").do("read", "correct")
    play.fill().do("sort")
    first = sla.due(play.case, "look")
    assert first == at("2026-11-24 10:00")
    play.pause("client").wait(hours=3, minutes=10).resume()
    receipt = sla.receipt(play.case, "look")
    assert receipt.due_at == first + timedelta(hours=3, minutes=10)
    assert "on hold for 3 h 10 min" in receipt.said("en")


def test_waiting_for_the_client_is_said_to_each_in_their_words(ana):
    journey = """
journey: hinge
stages:
  look:
    owner: operator
    sla: 8h
    steps:
      one: {todo: x}
      ask: {upload: [a]}
      two: {todo: x}
"""
    play = Played(ana, journey).do("one").wait(hours=3, minutes=10)
    cases.complete(play.open("ask"), "done", actor=CARMEN, now=play.now)
    play.keep()
    receipt = sla.receipt(play.case, "look")
    assert "paused 3 h 10 min for the client's reply" in receipt.said("en", "staff")
    assert "paused 3 h 10 min for your reply" in receipt.said("en", "client")
    assert receipt.due_at == at("2026-11-24 13:10")


def test_while_the_clock_stands_the_receipt_says_what_is_left(play):
    play.fill().wait(hours=1).pause()
    assert (
        sla.receipt(play.case, "gather").said("en").startswith("The clock stands; 3 h are left of 4 working")
    )


def test_a_changed_calendar_changes_no_promise(play):
    before = sla.receipt(play.case)
    calendar = calendars.default(now=play.now)
    rules = calendars.rules(zone="UTC", week=[((600, 660),)] * 7, country="", now=play.now)
    calendars.revise(calendar, rules, actor=CARMEN, now=play.now)
    play.fill().pause().wait(hours=1).resume()
    assert sla.receipt(play.case) == before
    play.do("sort")
    assert play.clock("look", "us").revision.number == 2
