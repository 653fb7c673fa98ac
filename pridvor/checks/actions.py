"""Running the checks of a step: gather, judge, write down, and say how it ended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases import items
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Case, Event
from pridvor.checks import assessing, gathering, screening
from pridvor.checks.models import Certainty, Finding
from pridvor.checks.rules import RULES, Seen
from pridvor.clients import actions as clients
from pridvor.connectors.findings import Found
from pridvor.journeys.scorecards import Judged
from pridvor.lib.actor import machine

CHECKER = machine("checks")


def run(event: Event, *, now: datetime) -> None:
    """This will run the checks of a step that was opened. Called again, it finds the step ended and does nothing."""
    attempt = case_queries.attempt_of(event)
    if attempt and attempt.status == "open":
        _run(attempt, now=now)


def go_on(event: Event, *, now: datetime) -> None:
    """This will run the checks that waited for this: a document scanned and read, a list that was asked."""
    for attempt in Attempt.objects.select_related("case__client", "case__person").filter(
        case_id=event.case_id, kind="check", status="open"
    ):
        _run(attempt, now=now)


def _run(attempt: Attempt, *, now: datetime) -> None:
    case = attempt.case
    step = case.journey.steps[attempt.step]
    rules = list(step.uses)
    if step.items and "assets" not in rules:
        rules.append("assets")  # a check of a list looks at the list, whatever else it looks at
    if screening.RULE in rules and not screening.is_ready(attempt, now=now):
        return  # the list is being asked: its answer brings us here again
    gathered = gathering.gather(
        case, actor=CHECKER, purpose="automatic check", now=now, rules=rules, attempt=attempt
    )
    if gathered is None:
        return  # something is still being scanned: its event brings us here again
    insisted = _insisted(case)
    seen = [
        finding.insist()
        if (finding.step, finding.item) in insisted and finding.certainty == Certainty.CERTAIN
        else finding
        for rule in rules
        for finding in RULES[rule](gathered)
    ]
    judged = assessing.judge(attempt, now=now) if step.scorecard else None
    _conclude(attempt, seen, judged, now=now)
    if isinstance(gathered.registry, Found) and gathered.registry.company.state == "active" and not seen:
        clients.correct(case.client, {"registry_state": "confirmed"})


@transaction.atomic
def _conclude(attempt: Attempt, seen: list[Seen], judged: Judged | None, *, now: datetime) -> None:
    attempt = Attempt.objects.select_for_update().select_related("case").get(pk=attempt.pk)
    if attempt.status != "open":
        return
    Finding.objects.bulk_create(
        Finding(
            case=attempt.case,
            attempt=attempt,
            code=f.code,
            certainty=f.certainty,
            step=f.step,
            item=f.item,
            params=dict(f.params),
            insisted=f.insisted,
            found_at=now,
        )
        for f in seen
    )
    certain = [finding for finding in seen if finding.certainty == Certainty.CERTAIN]
    wanted: dict[str, list[str]] = {}
    for finding in certain:
        if finding.step:
            wanted.setdefault(finding.step, []).append(finding.item)
    if judged:
        assessing.keep(attempt, judged, now=now)
    cases.complete(
        attempt,
        "fail" if certain or (judged and not judged.band.grants) else "ok",
        actor=CHECKER,
        now=now,
        values=assessing.values(attempt, judged) if judged else None,
        reasons=[_reason(finding) for finding in certain if not finding.item.startswith(items.KEY)],
        targets=sorted(wanted),
        wanted=wanted,
    )


def _reason(finding: Seen) -> dict[str, Any]:
    return {"step": finding.step, "item": finding.item, "code": finding.code, "params": dict(finding.params)}


def _insisted(case: Case) -> set[tuple[str, str]]:
    """The items of which the client said: this is correct, let a person look."""
    events: Iterable[Event] = Event.objects.filter(case=case, kind="item.insisted")
    return {(event.data["step"], event.data["item"]) for event in events}
