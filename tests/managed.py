"""A managed service's journey in small: credentials, the tests of the client's interface, monitoring, going live."""

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case, Event
from tests.conftest import NOW, WORKER, Clock, actor_of, client_of, publish

TOKEN = "canary-7f3a9c-token"  # what must be found nowhere in clear
FORMS = """
forms:
  access:
    interface:
      title: {en: Your interface, ro: Interfața dumneavoastră}
      fields:
        base_url: {label: {en: Address, ro: Adresa}}
        token: {type: secret, label: {en: Access token, ro: Cheia de acces}, expires_in_days: 30}
"""
JOURNEY = f"""
journey: managed
reference: MS
title: {{en: Managed service, ro: Serviciu administrat}}
end: live
{FORMS}
stages:
  technical:
    title: {{en: Technical, ro: Tehnic}}
    steps:
      access: {{form: access, kept_until: launch, title: {{en: Access, ro: Acces}}}}
      look: {{review: x, title: {{en: Look, ro: Verificare}}, if reject: {{close: declined}}}}
  launch:
    title: {{en: Launch, ro: Lansare}}
    steps:
      go-live: {{todo: x, title: {{en: Go live, ro: Lansare}}}}
  after:
    title: {{en: After, ro: După}}
    steps:
      monitor: {{todo: x, title: {{en: Monitor, ro: Monitorizare}}}}
"""


class Managed:
    """One client's case. Verbs return what a test asks next."""

    def __init__(self, person, source=JOURNEY, **known):
        self.person, self.me, self.time = person, actor_of(person), Clock()
        self.case = cases.open_case(
            publish(source),
            client_of(person),
            person,
            language="en",
            actor=self.me,
            now=NOW,
            known=known,
        )

    def open(self, step):
        return case_queries.open_attempt(self.case, step)

    def hand_over(self, token=TOKEN, base="https://api.electroinstal.example"):
        """The client sends the form with a credential in it."""
        answers, personal = {"base_url": base}, {"token": token}
        cases.submit(self.open("access"), answers, personal, actor=self.me, now=self.time())
        return self

    def do(self, step, outcome="done", actor=WORKER):
        cases.complete(self.open(step), outcome, actor=actor, now=self.time())
        return self

    def event(self, kind, **data):
        """The newest event of a kind, as a reaction gets it."""
        found = Event.objects.filter(case=self.case, kind=kind)
        for name, value in data.items():
            found = found.filter(**{f"data__{name}": value})
        return cases.event(found.latest("id").pk)

    def events(self, kind):
        return [row.data for row in Event.objects.filter(case=self.case, kind=kind).order_by("id")]

    def again(self):
        return Case.objects.get(pk=self.case.pk)
