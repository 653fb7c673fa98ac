"""What goes into a contract: the two companies, and who stands for the client."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.company.reading import company
from pridvor.lib import identifiers
from pridvor.lib.actor import Actor


def contract_data(case: Case, language: str, *, actor: Actor, purpose: str, now: datetime) -> dict[str, Any]:
    """The contract's data; opens the applicant's name and the account, which is logged."""
    client = case.client
    mine = cases.reveal(case, ["contact_name", "iban"], actor=actor, purpose=purpose, now=now)
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
            "capacity": _capacity(case, language),
        },
    }


def _capacity(case: Case, language: str) -> str:
    """What the applicant is to the company, in the words of the question that asked."""
    given = str(case_queries.answers(case).get("role") or "")
    questions = (question for form in case.journey.forms.values() for question in form.fields)
    asked = next((question for question in questions if question.key == "role"), None)
    if asked is None or given not in asked.options:
        return given if asked else ""
    return case.journey.text(asked.options[given], language)
