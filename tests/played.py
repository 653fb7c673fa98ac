"""Somebody who goes through a journey, and all that their doing brings about."""

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Case, Event
from pridvor.connectors import actions as connectors
from pridvor.connectors.models import Call
from pridvor.notifications.models import Message
from pridvor.project import wiring
from tests.conftest import CARMEN, Clock, actor_of, publish


class Played:
    """A case on a journey, with the wiring as it is. Every verb runs all that follows from it, as the workers would."""

    def __init__(self, person, source, client, *, is_test=False):
        wiring.connect()
        self.person, self.me, self.time, self.heard = person, actor_of(person), Clock(), 0
        self.case = cases.open_case(
            publish(source),
            client,
            person,
            language="en",
            actor=self.me,
            now=self.time(),
            is_test=is_test,
        )

    def run(self):
        """Reactions and calls until nothing more comes of them."""
        while self._react() or self._call():
            pass
        return self

    def later(self, **delta):
        self.time.forward(**delta)
        return self.run()

    def do(self, step, outcome="done", actor=CARMEN, reasons=(), **values):
        row = self.open(step)
        named = {f"{row.step.replace('-', '_')}.{name}": value for name, value in values.items()}
        cases.complete(row, outcome, actor=actor, now=self.time(), values=named, reasons=reasons)
        return self.run()

    def open(self, step):
        found = case_queries.open_attempt(self.case, step)
        assert found, (step, self.steps())
        return found

    def steps(self):
        """Each step's latest attempt: status and outcome."""
        rows = Attempt.objects.filter(case=self.case).order_by("id")
        return {row.key: f"{row.status} {row.outcome}".strip() for row in rows}

    @property
    def end(self):
        return Case.objects.get(pk=self.case.pk).end

    def letters(self):
        return set(Message.objects.filter(case=self.case).values_list("template", flat=True))

    def _react(self):
        events = list(Event.objects.filter(case=self.case, id__gt=self.heard).order_by("id"))
        for event in events:
            self.heard = event.pk
            for name in store.heard_by(event.kind, event.data):
                wiring.react(cases.event(event.pk), name, now=self.time())
        return bool(events)

    def _call(self):
        due = list(Call.objects.filter(case=self.case, state="waiting", next_at__lte=self.time()))
        for call in due:
            connectors.attempt_call(call.pk, now=self.time())
        return bool(due)
