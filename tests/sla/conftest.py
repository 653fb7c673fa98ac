"""Cases on journeys with budgets, and the worker that hands their events on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Event
from pridvor.project import wiring
from pridvor.sla import books, timers
from tests.conftest import CARMEN, NOW, WORKER, actor_of, client_of, publish

BUCHAREST = ZoneInfo("Europe/Bucharest")
MONDAY = datetime(
    2026, 11, 23, 10, 0, tzinfo=BUCHAREST
)  # a Monday at ten; the next holidays are 30 Nov and 1 Dec

JOURNEY = """
journey: clocks
target: 3 working days
forms: {f: {one: {title: {en: F}, fields: {name: {label: {en: Name}}}}}}
stages:
  gather:
    owner: operator
    sla: {us: 4h, client: 2d}
    steps:
      fill: {form: f, remind: [24h, 72h], then: phone, title: {en: Fill it in, ro: Completați}}
      sort: {todo: x}
    exceptions: {phone: {call: help, if unreached: go on}}
  look:
    owner: operator
    sla: 8h
    steps:
      one: {todo: x}
      two: {todo: x}
      read: {review: r, if correct: {redo: fill, limit: 3}, if reject: {close: declined}}
"""


class Played:
    """A case and its time. Verbs act at the present moment, then the worker hands on what happened."""

    def __init__(self, person, journey=JOURNEY, at=MONDAY, **company):
        self.person, self.now = person, at
        self.case = cases.open_case(
            publish(journey),
            client_of(person, **company),
            person,
            language="ro",
            actor=actor_of(person),
            now=at,
        )
        self.keep()

    def wait(self, **delta):
        self.now += timedelta(**delta)
        return self

    def at(self, text):
        self.now = datetime.fromisoformat(text).replace(tzinfo=BUCHAREST)
        return self

    def do(self, step, outcome="done", actor=CARMEN):
        cases.complete(self.open(step), outcome, actor=actor, now=self.now)
        return self.keep()

    def fill(self):
        cases.submit(self.open("fill"), {"name": "E"}, {}, actor=actor_of(self.person), now=self.now)
        return self.keep()

    def pause(self, party="us"):
        cases.pause(self.case, "why", actor=CARMEN, now=self.now, party=party)
        return self.keep()

    def resume(self):
        cases.resume(self.case, actor=CARMEN, now=self.now)
        return self.keep()

    def keep(self):
        books.bring_up_to_date(self.case.pk, now=self.now)
        self.case.refresh_from_db()
        return self

    def ring(self):
        """What the sweep does at this moment."""
        fired = timers.sweep(now=self.now)
        self.case.refresh_from_db()
        return fired

    def open(self, step):
        found = case_queries.open_attempt(self.case, step)
        assert found, f"{step} is not open"
        return found

    def last(self, step):
        return Attempt.objects.filter(case=self.case, key=step).order_by("-number").first()

    def clock(self, stage="", kind="promise", visit=None):
        rows = self.case.clocks.filter(stage=stage, kind=kind)
        return rows.get(visit=visit) if visit else rows.order_by("visit").last()

    def said(self, kind):
        return [event.data for event in Event.objects.filter(case=self.case, kind=kind).order_by("id")]

    def hand_on(self, kind):
        """The reactions to the latest event of a kind."""
        event = cases.event(Event.objects.filter(case=self.case, kind=kind).latest("pk").pk)
        for wire in wiring.WIRES:
            if wire.when == kind:
                wire.then(event, now=self.now)
        return self


@pytest.fixture
def play(ana):
    return Played(ana)


__all__ = ["NOW", "WORKER"]
