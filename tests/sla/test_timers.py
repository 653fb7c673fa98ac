"""Timers fire once, at their moment, whatever number of workers looks; what is over does not fire."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import work
from pridvor.cases.models import Case, Event
from pridvor.notifications.models import Message
from pridvor.sla import queries as sla
from pridvor.sla import rounds, timers
from pridvor.sla.calendars import WorkingTime
from pridvor.sla.models import Timer
from tests.conftest import CARMEN, person
from tests.sla.conftest import BUCHAREST, Played


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BUCHAREST)


def hire(name, role="operator"):
    return Staff.objects.create_user(
        f"{name}@arcada.example", "porch-and-arches", name=name.title(), role=role
    )


@pytest.mark.django_db
class TestLadder:
    def test_a_stage_warns_at_eighty_percent_and_is_breached_at_the_end_each_once(self, play):
        play.fill()  # 4 hours for us, at ten
        play.at("2026-11-23 13:11").ring()
        assert play.said("sla.warned") == []
        play.at("2026-11-23 13:12").ring()
        play.at("2026-11-23 13:13").ring()
        assert [row["stage"] for row in play.said("sla.warned")] == ["gather"]
        play.at("2026-11-23 14:00").ring()
        play.at("2026-11-23 14:01").ring()
        (said,) = play.said("sla.breached")
        assert (said["kind"], said["visit"], said["tell"]) == ("us", 1, ["owner", "lead"])
        assert play.clock("gather", "us").state == "breached"
        assert sla.time_left([play.case.pk], play.now)[play.case.pk, "gather"].seconds == -60

    def test_a_clock_that_stands_warns_nobody(self, play):
        play.fill().wait(hours=1).pause().wait(hours=3).ring()
        assert play.said("sla.warned") == []
        play.resume().wait(hours=2, minutes=12).ring()
        assert [row["stage"] for row in play.said("sla.warned")] == ["gather"]

    def test_an_event_that_was_not_handed_on_yet_still_stops_the_timer(self, play):
        play.fill()
        cases.complete(play.open("sort"), "done", actor=CARMEN, now=play.wait(hours=3).now)
        play.wait(hours=2).ring()
        assert [row["stage"] for row in play.said("sla.breached")] == []

    def test_a_breach_is_noted_though_the_decision_came_before_the_sweep(self, play):
        play.fill().wait(hours=5).do("sort").wait(seconds=5).ring()
        assert [row["stage"] for row in play.said("sla.breached")] == ["gather"]
        assert play.said("sla.warned") == []

    def test_far_on_in_time_with_little_done_a_stage_is_behind(self, play):
        play.fill().do("sort").do("one").wait(hours=4, minutes=48).ring()
        (said,) = play.said("sla.behind")
        assert (said["stage"], said["done"], said["steps"]) == ("look", 1, 3)

    def test_with_enough_done_it_is_not(self, play):
        play.fill().do("sort").do("one").do("two").wait(hours=5).ring()
        assert play.said("sla.behind") == []

    def test_a_stage_of_two_steps_says_nothing_by_its_pace(self, play):
        play.fill().wait(hours=3).ring()
        assert play.said("sla.behind") == []

    def test_but_its_case_does(self, play):
        play.at("2026-11-25 09:00").ring()
        (said,) = play.said("sla.behind")
        assert (said["stage"], said["kind"], said["done"], said["steps"]) == ("", "promise", 0, 5)

    def test_warnings_raise_the_priority_and_a_breach_moves_the_work(self, play):
        carmen = hire("carmen")
        play.fill().hand_on("stage.opened")
        petru = hire("petru")
        assert work.owner(play.case, "gather").staff == carmen
        work.assign(play.case, "look", carmen, why="by-hand", actor=CARMEN, now=play.now)
        play.wait(hours=4).ring()
        assert play.case.priority == 2
        assert work.owner(play.case, "gather").staff == petru
        assert play.said("work.assigned")[-1]["why"] == "late"


@pytest.mark.django_db
class TestClient:
    def test_reminders_come_while_the_step_is_open_and_write_a_mail(self, play):
        play.wait(hours=24).ring()
        play.hand_on("reminder.due")
        (said,) = play.said("reminder.due")
        assert (said["step"], said["number"], said["count"]) == ("fill", 1, 1)
        mail = Message.objects.get(case=play.case, template="reminder")
        assert mail.context == {"wanted": [{"step": "fill"}], "again": False}

    def test_they_stop_when_it_has_ended(self, play):
        play.wait(hours=23).fill().wait(days=9).ring()
        assert play.said("reminder.due") == []

    def test_they_wait_while_the_case_is_paused(self, play):
        play.wait(hours=20).pause("client").wait(hours=50).ring()
        assert play.said("reminder.due") == []
        play.resume().wait(hours=3).ring()
        assert play.said("reminder.due") == []
        play.wait(hours=1).ring()
        assert len(play.said("reminder.due")) == 1

    def test_a_decision_taken_back_takes_the_reminders_along(self, play):
        cases.skip(play.case, "fill", "not needed", actor=CARMEN, now=play.now)
        cases.undo(play.case, actor=CARMEN, now=play.wait(seconds=3).now)
        play.keep().wait(hours=24).ring()
        assert [row["number"] for row in play.said("reminder.due")] == [play.open("fill").number]

    def test_at_the_end_of_the_clients_budget_somebody_calls_once(self, play):
        play.at("2026-11-25 10:00").ring()
        assert [row["kind"] for row in play.said("sla.breached")] == ["client"]
        assert play.last("phone@fill").status == "open"
        play.do("phone@fill", "unreached").wait(days=5).ring()
        assert play.last("phone@fill").number == 1

    def test_without_a_budget_it_is_after_the_last_reminder(self, ana):
        journey = """
journey: remind
stages:
  only:
    steps: {send: {upload: [a], remind: [24h, 72h], then: phone}}
    exceptions: {phone: {call: help, if unreached: go on}}
"""
        play = Played(ana, journey)
        play.wait(hours=119).ring()
        assert ([row["count"] for row in play.said("reminder.due")], play.last("phone@send")) == (
            [1, 2],
            None,
        )
        play.wait(hours=1).ring()
        assert play.last("phone@send").status == "open"


@pytest.mark.django_db
class TestWaits:
    JOURNEY = """
journey: waits
stages:
  only:
    steps:
      rest: {wait: 14 days, for: time}
      login: {wait: first-login, for: client, within: 3 days, if late: {redo: rest, limit: 2}}
"""

    def test_a_wait_for_time_ends_when_the_time_has_passed(self, ana):
        play = Played(ana, self.JOURNEY).wait(days=13, hours=23)
        assert play.ring() == 0
        assert play.wait(hours=1).ring() == 1
        assert (play.last("rest").outcome, play.last("login").status) == ("came", "open")

    def test_a_wait_for_an_event_is_late_when_it_does_not_come(self, ana):
        play = Played(ana, self.JOURNEY).wait(days=14)
        play.ring()
        play.keep().wait(days=3).ring()
        assert (play.last("login").number, play.last("rest").status) == (2, "open")

    def test_and_ends_when_it_comes(self, ana):
        play = Played(ana, self.JOURNEY).wait(days=14)
        play.ring()
        cases.happened(play.case, "first-login", actor=CARMEN, now=play.now)
        play.keep().wait(days=9).ring()
        assert (play.last("login").outcome, play.case.state) == ("came", "ended")


ROUNDS = """
journey: rounds
stages:
  before: {steps: {go: {todo: x}}}
  month: {every: month, until: round.outcome == "stop", steps: {round: {review: r, if stop: go on}}}
"""
UTC_DAYS = WorkingTime("UTC", (((0, 1440),),) * 7)


@pytest.mark.django_db
class TestRounds:
    def test_a_round_begins_each_month_counted_from_the_first_start(self, ana):
        play = Played(ana, ROUNDS, at=at("2027-01-31 10:00")).do("go")
        begun = []
        for _ in range(3):
            play.do("round", "approve")
            timer = Timer.objects.get(case=play.case, kind="tick", fired_at=None)
            play.now = timer.fire_at
            play.ring()
            begun.append(timer.fire_at.astimezone(BUCHAREST).strftime("%d %b %H:%M"))
        assert begun == ["28 Feb 10:00", "31 Mar 10:00", "30 Apr 10:00"]
        assert play.last("round").number == 4

    def test_a_tick_while_the_last_round_is_open_is_missed_and_the_next_is_set(self, ana):
        play = Played(ana, ROUNDS, at=at("2027-01-10 10:00")).do("go").at("2027-02-10 10:00")
        play.ring()
        assert play.said("round.missed") == [{"stage": "month"}]
        assert Timer.objects.get(case=play.case, kind="tick", fired_at=None).fire_at == at("2027-03-10 10:00")

    def test_after_the_last_round_nothing_ticks(self, ana):
        play = Played(ana, ROUNDS, at=at("2027-01-10 10:00")).do("go").do("round", "stop")
        play.wait(days=400).ring()
        assert play.last("round").number == 1
        assert not Timer.objects.filter(case=play.case, kind="tick", fired_at=None).exists()


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(1, 60))
def test_months_are_counted_from_the_first_and_never_slip(day, count):
    anchor = datetime.combine(day, datetime.min.time(), UTC)
    found = rounds.nth(anchor, "month", count, UTC_DAYS)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == count
    assert found.day == day.day or (found + timedelta(days=1)).day == 1


def test_a_day_later_is_the_same_hour_on_the_wall_though_clocks_change():
    zone = ZoneInfo("Europe/Bucharest")
    hours = WorkingTime("Europe/Bucharest", (((0, 1440),),) * 7)
    found = rounds.nth(datetime(2026, 3, 28, 9, 0, tzinfo=zone), "day", 1, hours)
    assert found.astimezone(zone).isoformat() == "2026-03-29T09:00:00+03:00"


# -- any number of workers


def sweep(now):
    try:
        return timers.sweep(now=now)
    finally:
        connections.close_all()


def test_eight_workers_who_look_at_once_fire_each_timer_once(committed):
    ana = person("ana@electroinstal.example")
    plays = [Played(ana) for _ in range(6)]
    now = plays[0].wait(hours=24).now
    with ThreadPoolExecutor(8) as together:
        list(together.map(sweep, [now] * 8))
    sweep(now)
    said = Event.objects.filter(kind="reminder.due").values_list("case", flat=True)
    assert sorted(said) == [play.case.pk for play in plays]


def test_a_worker_that_dies_in_the_middle_neither_loses_a_timer_nor_doubles_it(committed):
    play = Played(person("ana@electroinstal.example")).wait(hours=24)
    timer = timers.due(play.now).get()
    dead = connections.create_connection("default")
    with dead.cursor() as cursor:  # a worker that holds the case and has marked the timer, and dies
        cursor.execute("begin")
        cursor.execute("select 1 from cases_case where id = %s for no key update", [play.case.pk])
        cursor.execute("update sla_timer set fired_at = now() where id = %s", [timer.pk])
    assert timers.sweep(now=play.now) == 0
    dead.close()
    assert timers.sweep(now=play.now) == 1
    assert timers.sweep(now=play.now) == 0
    assert len(play.said("reminder.due")) == 1


def test_the_cost_of_a_sweep_follows_what_is_due_not_what_is_open(committed):
    play = Played(person("ana@electroinstal.example"))
    far = play.now + timedelta(days=1000)
    Timer.objects.bulk_create(
        Timer(case=play.case, kind="remind", name="fill", number=n, fire_at=far) for n in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze sla_timer")
        query, parameters = timers.due(play.now).values_list("pk", "case_id")[:500].query.sql_with_params()
        cursor.execute("explain " + query, parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "armed_timers" in plan
    assert "Seq Scan on sla_timer" not in plan
    assert Case.objects.count() == 1
