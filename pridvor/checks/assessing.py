"""What a client may be granted: the facts that a scorecard asks for, its judgement, and the record of it, line by line."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case
from pridvor.checks.models import Assessment
from pridvor.connectors import registry
from pridvor.connectors.findings import Found
from pridvor.journeys.conditions import word
from pridvor.journeys.scorecards import Judged

YEAR = 365.25  # days


def judge(attempt: Attempt, *, now: datetime) -> Judged:
    """What the scorecard of this step says of the case now. Asks the registry, which may not answer: then it is unknown."""
    case = attempt.case
    card = case.journey.scorecards[case.journey.steps[attempt.step].scorecard]
    return card.judge({**evidence(case, now=now), **cases.seen(case)})


def evidence(case: Case, *, now: datetime) -> dict[str, Any]:
    """The facts of scorecards.EVIDENCE; what nobody knows is left out."""
    well, otherwise = cases.ended_before(case)
    known = (now - case.client.created_at).days / (YEAR / 12)
    found = {
        **_of_registry(case, now),
        "client.months": round(known, 2),
        "client.journeys_done": well,
        "client.journeys_ended": otherwise,
    }
    return {name: value for name, value in found.items() if value is not None}


def keep(attempt: Attempt, judged: Judged, *, now: datetime) -> Assessment:
    """Write down how it came about; called in the transaction that ends the step."""
    case = attempt.case
    return Assessment.objects.create(
        case=case,
        attempt=attempt,
        scorecard=case.journey.steps[attempt.step].scorecard,
        version=case.journey.digest,
        score=judged.score,
        band=judged.band.key,
        grants=judged.band.grants,
        credit_limit=judged.credit_limit,
        payment_days=judged.band.payment_days,
        price_group=judged.band.price_group,
        lines=[asdict(line) for line in judged.lines],
        at=now,
    )


def values(attempt: Attempt, judged: Judged) -> dict[str, Any]:
    """What the journey's conditions see of it."""
    return {f"{word(attempt.step)}.{name}": value for name, value in judged.values.items()}


def _of_registry(case: Case, now: datetime) -> dict[str, Any]:
    client = case.client
    number = client.cui if client.country == "RO" else client.vat
    finding = registry.look_up(client.country, number, now=now) if number else None
    if not isinstance(finding, Found):
        return {}
    company = finding.company
    age = (now.date() - date.fromisoformat(company.registered)).days if company.registered else None
    return {
        "company.active": company.state == "active",
        "company.vat_payer": bool(company.vat),
        "company.years": round(age / YEAR, 2) if age is not None else None,
    }
