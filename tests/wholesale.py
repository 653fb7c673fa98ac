"""The wholesaler's house in small: the shipped journey, the wiring as it is, and stand-ins of ERP, CRM and shop."""

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, Case, Event
from pridvor.connectors import actions as connectors
from pridvor.connectors.models import Call, SandboxRecord, Switch
from pridvor.connectors.sandbox_store import opened
from pridvor.notifications.models import Message
from pridvor.project import wiring
from tests.conftest import CARMEN, COMPANY, ROOT, Clock, actor_of, client_of, publish

SOURCE = (ROOT / "journeys" / "customer-account.yaml").read_text()
JOINERS = {  # in the stand-in's registry since 2006, registered for VAT
    **COMPANY,
    "name": "TÂMPLĂRIA ȚESĂTORILOR S.R.L.",
    "cui": "28460319",
    "vat": "RO28460319",
}
OWN = "ana@tamplaria-tesatorilor.ro"
MEMBER = "journey: member\nstages: {entry: {steps: {look: {todo: x}}}}\n"


class Played:
    """A case on a journey, with the wiring as it is. Every verb runs all that follows from it, as the workers would."""

    def __init__(self, person, source, company):
        wiring.connect()
        self.person, self.me, self.time, self.heard = person, actor_of(person), Clock(), 0
        self.case = cases.open_case(
            publish(source),
            client_of(person, **company),
            person,
            language="en",
            actor=self.me,
            now=self.time(),
        )

    def run(self):
        """Reactions and calls until nothing more comes of them."""
        while self._react() or self._call():
            pass
        return self

    def later(self, **delta):
        self.time.forward(**delta)
        return self.run()

    def do(self, step, outcome="done", actor=CARMEN, **values):
        row = self.open(step)
        named = {f"{row.step.replace('-', '_')}.{name}": value for name, value in values.items()}
        cases.complete(row, outcome, actor=actor, now=self.time(), values=named)
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


class Customer(Played):
    """Somebody who asks for an account in the shop."""

    def __init__(self, person, credit=12000, company=JOINERS):
        super().__init__(person, SOURCE, company)
        plain = {
            name: company[name] for name in ("name", "street", "city", "county", "postal_code", "country")
        }
        self.submit({"company_number": company["cui"], "credit": credit, **plain})

    def submit(self, plain):
        personal = {"contact_name": "Ana Pop", "phone": "+40721000111"}
        cases.submit(self.open("details"), plain, personal, actor=self.me, now=self.time())
        return self.run()


def switch(peer, mode):
    Switch.objects.update_or_create(peer=peer, defaults={"mode": mode})


def received(model):
    """What a stand-in holds."""
    return [opened(row) for row in SandboxRecord.objects.filter(model=model).order_by("pk")]


def brought_in(person, company=JOINERS):
    """Somebody who has brought this company to a good end with us: its administrator."""
    done = cases.open_case(
        publish(MEMBER),
        client_of(person, **company),
        person,
        language="ro",
        actor=actor_of(person),
        now=Clock().now,
    )
    cases.complete(Attempt.objects.get(case=done), "done", actor=CARMEN, now=Clock().now)
    return done
