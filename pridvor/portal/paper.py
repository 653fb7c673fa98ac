"""What goes into a contract: the two companies, and who signs for the client."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.company.reading import company
from pridvor.lib import identifiers
from pridvor.lib.actor import Actor
from pridvor.portal import door, forms


def contract_data(case: Case, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The contract's data; opens the name and the account of the person who asks, which is logged."""
    client = case.client
    mine = cases.reveal(
        case, ["contact_name", "iban"], actor=actor, purpose="fill in one's own contract", now=now
    )
    return {
        "number": case.reference,
        "date": timezone.localdate(now),
        "provider": {"name": company().name, "representative": company().contact},
        "partner": {
            "name": client.name,
            "tax_number": client.vat or client.cui,
            "registry_number": client.registration_number,
            "address": ", ".join(
                filter(None, (client.street, client.postal_code, client.city, client.county))
            ),
            "iban": identifiers.iban_spaced(mine.get("iban", "")),
            "representative": mine.get("contact_name", ""),
            "capacity": _capacity(case),
        },
    }


def lacks_account(case: Case) -> str:
    """The step that asks for the bank account, while it has not been answered: the contract is better with it."""
    step = next(
        (
            step
            for step in case.journey.steps.values()
            if step.kind == "form"
            and step.use in case.journey.forms
            and any(question.type == "iban" for question in case.journey.forms[step.use].fields)
        ),
        None,
    )
    return step.key if step and case_queries.open_attempt(case, step.key) else ""


def _capacity(case: Case) -> str:
    given = case_queries.answers(case).get("role")
    for form in case.journey.forms.values():
        for question in form.fields:
            if question.key == "role":
                return forms.shown(question, given, case.journey, door.language())
    return ""
