"""A journey that screens its client, in small, and somebody who goes through it; lists and people as they are."""

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Case, Event
from pridvor.checks import screening
from pridvor.connectors import actions as connectors
from pridvor.connectors.models import Call, Switch
from pridvor.connectors.sandbox_store import DatabaseStore
from pridvor.connectors.stand_ins.yente import ADDED
from pridvor.lib.actor import Actor
from pridvor.project import wiring
from tests.conftest import Clock, actor_of, client_of, publish

JOURNEY = """
journey: screened
forms:
  contact: {one: {title: {en: Contact}, fields: {contact_name: {personal: true, label: {en: Name}}}}}
reasons:
  reject-sanctions: {en: The law does not let us work together}
stages:
  entry:
    owner: compliance
    steps:
      contact: {form: contact}
      sanctions: {check: [sanctions], if fail: {open: adjudicate}}
      welcome: {todo: welcome}
    exceptions:
      adjudicate: {review: sanctions-hit, second_person: SECOND, if reject: {close: declined}}
"""
LISTED = "Vadim Întunecatu"
DAN = Actor("staff", "00000000-0000-7000-8000-00000000000e", "compliance")


class Screened:
    """Every verb runs all that follows from it, as the workers would."""

    def __init__(
        self, person, name="Ana Pop", *, second=True, company="SC Electro Instal SRL", is_test=False, **more
    ):
        wiring.connect()
        self.me, self.time, self.heard = actor_of(person), Clock(), 0
        self.case = cases.open_case(
            publish(JOURNEY.replace("SECOND", str(second).lower())),
            more.pop("client", None) or client_of(person, name=company, **more),
            person,
            language="en",
            actor=self.me,
            now=self.time(),
            is_test=is_test,
        )
        self.give(name)

    def give(self, name):
        cases.submit(self.open("contact"), {}, {"contact_name": name}, actor=self.me, now=self.time())
        return self.run()

    def run(self):
        while self._react() or self._call():
            pass
        return self

    def later(self, **delta):
        self.time.forward(**delta)
        return self.run()

    def open(self, step):
        return case_queries.open_attempt(self.case, step)

    def status(self, step):
        row = Attempt.objects.filter(case=self.case, key=step).order_by("-number").first()
        return f"{row.status} {row.outcome}".strip()

    def candidates(self):
        return screening.latest(self.case)

    def say(self, verdict, actor, why="The birth dates differ.", entry=None):
        row = next(one for one in self.candidates() if entry in (None, one.entry))
        standing = screening.adjudicate(row, verdict, why, actor=actor, now=self.time())
        self.run()
        return standing

    def review(self, outcome, actor):
        cases.complete(self.open("adjudicate@sanctions"), outcome, actor=actor, now=self.time())
        return self.run()

    def fresh(self):
        return Case.objects.get(pk=self.case.pk)

    def events(self):
        return list(Event.objects.filter(case=self.case).order_by("id").values_list("kind", flat=True))

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


def switch(mode):
    Switch.objects.update_or_create(peer="screening", defaults={"mode": mode})


def listed(entry, name, schema="Person", **properties):
    """The stand-in's list has one more entry, or another text of one."""
    said = {name: list(values) for name, values in properties.items()}
    new = {"id": entry, "schema": schema, "caption": name, "properties": {"name": [name], **said}}
    DatabaseStore().add(ADDED, {"entry": {**new, "datasets": ["fictional_eu"]}})
