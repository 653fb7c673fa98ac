"""The wholesaler's house in small: the shipped journey, the wiring as it is, and stand-ins of ERP, CRM and shop."""

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.connectors.models import SandboxRecord, Switch
from pridvor.connectors.sandbox_store import opened
from tests.conftest import CARMEN, COMPANY, ROOT, Clock, actor_of, client_of, publish
from tests.played import Played

SOURCE = (ROOT / "journeys" / "customer-account.yaml").read_text()
JOINERS = {  # in the stand-in's registry since 2006, registered for VAT
    **COMPANY,
    "name": "TÂMPLĂRIA ȚESĂTORILOR S.R.L.",
    "cui": "28460319",
    "vat": "RO28460319",
}
OWN = "ana@tamplaria-tesatorilor.ro"
MEMBER = "journey: member\nstages: {entry: {steps: {look: {todo: x}}}}\n"


class Customer(Played):
    """Somebody who asks for an account in the shop."""

    def __init__(self, person, credit=12000, company=JOINERS):
        super().__init__(person, SOURCE, client_of(person, **company))
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
