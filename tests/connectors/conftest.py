from dataclasses import replace

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.connectors import actions
from pridvor.connectors.customer import Customer
from pridvor.connectors.models import Call
from tests.conftest import COMPANY, NOW, actor_of, client_of, publish
from tests.peers import tryton as peer

JOURNEY = """
journey: connected
forms:
  bank:
    one:
      title: {en: Bank}
      fields:
        iban: {label: {en: IBAN}, type: iban, personal: true}
        payment_days: {label: {en: Days}, type: int}
stages:
  activation:
    owner: operator
    steps:
      bank: {form: bank}
      erp: {connect: erp.create_customer, after: bank, if fail: {open: by-hand}}
    exceptions:
      by-hand: {todo: create-customer}
"""
IBAN = "RO49AAAA1B31007593840000"
BTRL = "RO76BTRL0130120212345678"
ELECTRO = Customer(
    key="PR-2026-000001",
    name="Țesături Brașov SRL",
    country="RO",
    cui="18547290",
    vat="RO18547290",
    street="Str. Lungă 12",
    city="Brașov",
    county="Brașov",
    postal_code="500058",
    email="ana@electroinstal.example",
    phone="+40721000111",
    iban=IBAN,
    payment_days=30,
)
_numbers = iter(range(1, 10_000))


def customer(**changes) -> Customer:
    """A customer under a code that no other test has used, without the numbers that must be one's own."""
    return replace(ELECTRO, **{"key": f"T-{next(_numbers)}", "cui": "", "vat": "", "iban": "", **changes})


@pytest.fixture(scope="session")
def tryton(tmp_path_factory):
    """A real Tryton, furnished, started once for the session."""
    with peer.running(tmp_path_factory.mktemp("tryton")) as running:
        yield running


def case_at_connect(person, **given):
    """A case whose ERP step has just been opened, and the call that the wiring would have started."""
    case = at_connect(person, **given)
    return case, start(case)


def at_connect(person, *, iban=IBAN, days=30, **company):
    """A case whose ERP step has just been opened."""
    case = cases.open_case(
        publish(JOURNEY),
        client_of(person, **{**COMPANY, **company}),
        person,
        language="ro",
        actor=actor_of(person),
        now=NOW,
    )
    bank = Attempt.objects.get(case=case, key="bank")
    cases.submit(bank, {"payment_days": days}, {"iban": iban}, actor=actor_of(person), now=NOW)
    return case


def start(case) -> Call:
    event = case.events.filter(kind="step.opened", data__step="erp").latest("id")
    actions.note(cases.event(event.pk), now=NOW)
    return Call.objects.get(case=case)


def kinds(case) -> list[str]:
    return list(case.events.order_by("id").values_list("kind", flat=True))


def step(case, key="erp") -> Attempt:
    return Attempt.objects.filter(case=case, key=key).latest("number")
