"""Steps: ended as staff end them, passed over, sent back, added; and what happened outside told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status

from pridvor.accounts.models import Scope
from pridvor.api import cases as shared
from pridvor.api.door import MachineKey, caller_of, case_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import (
    AddedStep,
    CaseShown,
    Decision,
    Happening,
    Reason,
    SentBack,
    SkipGiven,
    StepMade,
)
from pridvor.cases import actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case, StageVisit
from pridvor.journeys.model import Route
from pridvor.lib import clock
from pridvor.lib.actor import Actor

router = Router(tags=["steps"])
WRITE = MachineKey(Scope.CASES_WRITE)


@router.post(
    "/{uuid:case}/steps/{step}/decide/",
    response={200: CaseShown, **REFUSALS},
    auth=MachineKey(Scope.DECISIONS_WRITE),
    operation_id="decideStep",
)
def decide(request: HttpRequest, case: UUID, step: str, body: Decision) -> Any:
    """Ends a step that staff end. What sends back or closes needs reasons; rules of four eyes hold for machines, too."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    attempt = cases.open_attempt(found, step)
    if attempt is None:
        raise Problem("no-longer-open" if cases.attempt(found, step) else "not-found", case=found.public_id)
    if attempt.kind not in cases.PEOPLE_ACT:
        raise Problem("not-for-machines", reason=attempt.kind)
    _check_reasons(attempt, body)
    return shared.done(found, lambda: _complete(attempt, body, me, now))


@router.post(
    "/{uuid:case}/steps/{step}/skip/",
    response={200: CaseShown, **REFUSALS},
    auth=WRITE,
    operation_id="skipStep",
)
def skip(request: HttpRequest, case: UUID, step: str, body: SkipGiven) -> Any:
    """Passes over a step that has not ended."""
    found, me, now = _with_step(case, step), caller_of(request).actor, clock.now()
    return shared.done(found, lambda: actions.skip(found, step, body.reason, actor=me, now=now))


@router.post(
    "/{uuid:case}/steps/{step}/send-back/",
    response={200: CaseShown, **REFUSALS},
    auth=MachineKey(Scope.DECISIONS_WRITE),
    operation_id="sendBackStep",
)
def send_back(request: HttpRequest, case: UUID, step: str, body: SentBack) -> Any:
    """Opens a step again that has ended, with all that was judged on it."""
    found, me, now = _with_step(case, step), caller_of(request).actor, clock.now()

    @transaction.atomic
    def go() -> None:
        ref = actions.keep_note(found, step, 0, body.note, actor=me, now=now)
        reason = {"step": step, "code": "sent-back", "note_ref": str(ref)}
        actions.send_back(found, step, [reason], actor=me, now=now)

    return shared.done(found, go)


@router.post("/{uuid:case}/steps/", response={201: StepMade, **REFUSALS}, auth=WRITE, operation_id="addStep")
def add(request: HttpRequest, case: UUID, body: AddedStep) -> Any:
    """Adds a step that the journey does not have."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    if not StageVisit.objects.filter(case=found, key=body.stage, live=True).exists():
        raise Problem("wrong-fields", fields=[("stage", "option")])
    if (body.kind == "upload") != (body.item in found.journey.documents):
        raise Problem("wrong-fields", fields=[("item", "option")])
    made: list[str] = []
    items = [body.item] if body.item else []
    about: dict[str, Any] = {"items": items, "before": body.before, "actor": me, "now": now}
    shared.done(found, lambda: made.append(actions.add(found, body.stage, body.kind, body.what, **about)))
    return Status(201, {"step": made[0]})


@router.post(
    "/{uuid:case}/happenings/",
    response={200: CaseShown, **REFUSALS},
    auth=WRITE,
    operation_id="tellHappening",
)
def happened(request: HttpRequest, case: UUID, body: Happening) -> Any:
    """Says that something came that a step waits for: a first order, a first login."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    waits = {
        one.use for one in found.journey.steps.values() if one.kind == "wait" and isinstance(one.use, str)
    }
    if body.name not in waits:
        raise Problem("wrong-fields", fields=[("name", "option")])
    return shared.done(found, lambda: actions.happened(found, body.name, actor=me, now=now))


# -- how


def _with_step(case: UUID, step: str) -> Case:
    found = case_of(case)
    if cases.attempt(found, step) is None and step not in found.journey.steps:
        raise Problem("not-found")
    return found


@transaction.atomic
def _complete(attempt: Attempt, body: Decision, me: Actor, now: datetime) -> None:
    """The decision and its words, together or not at all."""
    reasons = [_kept(attempt, reason, me, now) for reason in body.reasons]
    wanted: dict[str, list[str]] = {}
    for reason in reasons:
        if reason.get("step"):
            wanted.setdefault(reason["step"], []).extend([reason["item"]] if reason.get("item") else [])
    gate_closes = attempt.kind == "gate" and body.outcome == "close"
    actions.complete(
        attempt,
        "close declined" if gate_closes else body.outcome,
        actor=me,
        now=now,
        reasons=reasons,
        targets=sorted(wanted),
        wanted=wanted,
        seen_version=body.seen_version,
    )


def _kept(attempt: Attempt, reason: Reason, me: Actor, now: datetime) -> dict[str, str]:
    """A reason as the case keeps it: its words are sealed."""
    said = {name: value for name in ("code", "step", "item") if (value := getattr(reason, name))}
    if reason.note:
        ref = actions.keep_note(attempt.case, attempt.step, attempt.number, reason.note, actor=me, now=now)
        said["note_ref"] = str(ref)
    return said


def _check_reasons(attempt: Attempt, body: Decision) -> None:
    """What the desk's pages would not let through either."""
    journey = attempt.case.journey
    step = journey.steps.get(attempt.step)
    route = step.routes.get(body.outcome) if step else None
    refuses = body.outcome == "close" if attempt.kind == "gate" else bool(step and step.refuses(body.outcome))
    redoes = bool(route and step and route.verb == "redo" and not step.items)
    if (refuses or redoes) and not body.reasons:
        raise Problem("wrong-fields", fields=[("reasons", "reason")])
    for place, reason in enumerate(body.reasons):
        is_known = reason.code in journey.reasons
        if not is_known or (redoes and route and not _can_send_back(attempt, route, reason)):
            raise Problem("wrong-fields", fields=[(f"reasons.{place}", "reason")])


def _can_send_back(attempt: Attempt, route: Route, reason: Reason) -> bool:
    """Whether the outcome leads back to this step, and the step asks for this item."""
    targets = {attempt.step if name == "self" else name for name in route.targets}
    step = attempt.case.journey.steps.get(reason.step)
    if step is None or reason.step not in targets:
        return False
    if not reason.item:
        return True
    if step.kind == "form" and step.use in attempt.case.journey.forms:
        form = attempt.case.journey.forms[step.use]
        return reason.item in {field.key for page in form.pages for field in page.fields} | {
            page.key for page in form.groups
        }
    return step.kind == "upload" and reason.item in step.uses
