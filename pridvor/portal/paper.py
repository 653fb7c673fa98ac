"""The contract that is downloaded to be signed on paper, as its page asks for it."""

from datetime import datetime
from typing import Any

from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.documents import particulars
from pridvor.lib.actor import Actor
from pridvor.portal import door


def contract_data(case: Case, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """The contract's data in the reader's language; opens the name and the account, which is logged."""
    purpose = "fill in one's own contract"
    return particulars.contract_data(case, door.language(), actor=actor, purpose=purpose, now=now)


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
