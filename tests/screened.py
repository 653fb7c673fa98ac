"""A journey that screens its client, in small, and somebody who goes through it; lists and people as they are."""

from pridvor.cases import actions as cases
from pridvor.cases.models import Case, Event
from pridvor.checks import screening
from pridvor.connectors.models import Switch
from pridvor.connectors.sandbox_store import DatabaseStore
from pridvor.connectors.stand_ins.yente import ADDED
from pridvor.lib.actor import Actor
from tests.conftest import client_of
from tests.played import Played

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


class Screened(Played):
    """A client who is screened once the form is sent."""

    def __init__(
        self, person, name="Ana Pop", *, second=True, company="SC Electro Instal SRL", is_test=False, **more
    ):
        client = more.pop("client", None) or client_of(person, name=company, **more)
        super().__init__(person, JOURNEY.replace("SECOND", str(second).lower()), client, is_test=is_test)
        self.give(name)

    def give(self, name):
        cases.submit(self.open("contact"), {}, {"contact_name": name}, actor=self.me, now=self.time())
        return self.run()

    def status(self, step):
        return self.steps()[step]

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


def switch(mode):
    Switch.objects.update_or_create(peer="screening", defaults={"mode": mode})


def listed(entry, name, schema="Person", **properties):
    """The stand-in's list has one more entry, or another text of one."""
    said = {name: list(values) for name, values in properties.items()}
    new = {"id": entry, "schema": schema, "caption": name, "properties": {"name": [name], **said}}
    DatabaseStore().add(ADDED, {"entry": {**new, "datasets": ["fictional_eu"]}})
