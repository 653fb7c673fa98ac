"""Cases: opened, listed, read, paused, resumed, withdrawn; where one stands, and what was written to its client."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status

from pridvor.accounts.models import Scope
from pridvor.api import cursors, registering
from pridvor.api.door import MachineKey, caller_of, case_of, language
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import (
    Cases,
    CaseShown,
    Course,
    Mails,
    NewCase,
    Pause,
)
from pridvor.cases import actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case
from pridvor.lib import clock
from pridvor.lib.identifiers import WrongIdentifier, company_number
from pridvor.notifications import queries as letters

router = Router(tags=["cases"])
READ, WRITE = MachineKey(Scope.CASES_READ), MachineKey(Scope.CASES_WRITE)
AS_REFUSED = {"no-longer-open", "stale", "no-such-outcome"}  # refusals that are problems of their own


@router.get("/", response={200: Cases, **REFUSALS}, auth=READ, operation_id="listCases")
def list_cases(
    request: HttpRequest,
    state: Literal["open", "closing", "ended"] | None = None,
    journey: Annotated[str, Query(max_length=80)] = "",
    reference: Annotated[str, Query(max_length=24)] = "",
    company_number: Annotated[str, Query(max_length=30)] = "",
    opened_since: datetime | None = None,
    cursor: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Any:
    """The cases that exist for the key, the newest first."""
    found = cases.cases().filter(_of_company(company_number)).order_by("-id")
    wanted = {
        "state": state,
        "journey_version__name": journey,
        "reference__iexact": reference,
        "opened_at__gte": _in_utc(opened_since),
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    if before := cursors.read(cursor):
        found = found.filter(pk__lt=before)
    rows = list(found[: limit + 1])
    following = cursors.after(rows[limit - 1].pk) if len(rows) > limit else ""
    return {"cases": [_in_list(case) for case in rows[:limit]], "next": following}


@router.post("/", response={201: CaseShown, **REFUSALS}, auth=WRITE, operation_id="openCase")
def open_case(request: HttpRequest, body: NewCase) -> Any:
    """Opens a case for a company and whoever speaks for it. The company is recognised by its number."""
    case = registering.register(body, caller_of(request), language=language(), now=clock.now())
    return Status(201, shown(case))


@router.get("/{uuid:case}/", response={200: CaseShown, **REFUSALS}, auth=READ, operation_id="readCase")
def read_case(request: HttpRequest, case: UUID) -> Any:
    """One case, and who acts next."""
    return shown(case_of(case))


@router.get("/{uuid:case}/course/", response={200: Course, **REFUSALS}, auth=READ, operation_id="readCourse")
def course(request: HttpRequest, case: UUID) -> Any:
    """Stages and steps, as the applicant's tracker has them."""
    found, spoken = case_of(case), language()
    track = cases.tracker(found, spoken)
    return {
        "case": found.public_id,
        "reference": found.reference,
        "state": found.state,
        "waiting_for": track.acting,
        "since": track.since,
        "stages": track.stages,
        "steps": [_step(found, step) for step in track.steps],
        "tracking_url": settings.PUBLIC_URL + reverse("portal:case", args=[found.public_id]),
    }


@router.post(
    "/{uuid:case}/pause/", response={200: CaseShown, **REFUSALS}, auth=WRITE, operation_id="pauseCase"
)
def pause(request: HttpRequest, case: UUID, body: Pause) -> Any:
    """Stops automation until somebody resumes the case; the minutes are those of whom it waits for."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    return done(found, lambda: actions.pause(found, body.reason, party=body.party, actor=me, now=now))


@router.post(
    "/{uuid:case}/resume/", response={200: CaseShown, **REFUSALS}, auth=WRITE, operation_id="resumeCase"
)
def resume(request: HttpRequest, case: UUID) -> Any:
    """Lets automation go on."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    return done(found, lambda: actions.resume(found, actor=me, now=now))


@router.post(
    "/{uuid:case}/withdraw/", response={200: CaseShown, **REFUSALS}, auth=WRITE, operation_id="withdrawCase"
)
def withdraw(request: HttpRequest, case: UUID) -> Any:
    """Ends the case because the client does not want to go on."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    return done(found, lambda: actions.withdraw(found, actor=me, now=now))


@router.get(
    "/{uuid:case}/messages/", response={200: Mails, **REFUSALS}, auth=READ, operation_id="listMessages"
)
def messages(request: HttpRequest, case: UUID) -> Any:
    """What was written to the client, and whether a mail server took it; not the words."""
    rows = letters.of_case(case_of(case))
    return {"messages": [{"id": row.public_id, **_named(row)} for row in rows]}


# -- shared with the other files of operations


def shown(case: Case) -> dict[str, Any]:
    """A case with what is open in it."""
    fresh = case_of(case.public_id)
    track = cases.tracker(fresh, "en")
    open_now = Attempt.objects.filter(case=fresh, status="open").order_by("id")
    parties = {step.key: step.party for step in track.steps}
    steps = [
        {
            "step": row.key,
            "kind": row.kind,
            "number": row.number,
            "acts": parties.get(row.step, "us"),
            "since": row.opened_at,
        }
        for row in open_now
    ]
    return {**_in_list(fresh), "waiting_for": track.acting, "since": track.since, "open_steps": steps}


def done(case: Case, act: Callable[[], object]) -> dict[str, Any]:
    """The case after the action; a refusal of the case is a problem."""
    try:
        act()
    except actions.Refused as refused:
        code = str(refused)
        raise Problem(code if code in AS_REFUSED else "refused", reason=code, case=case.public_id) from None
    return shown(case)


# -- how


def _in_list(case: Case) -> dict[str, Any]:
    client, version = case.client, case.journey_version
    named = ("reference", "state", "end", "paused", "language", "is_test", "version")
    moments = ("opened_at", "touched_at", "ended_at")
    return {
        "id": case.public_id,
        "journey": {"name": version.name, "version": version.number},
        "company": {"name": client.name, "country": client.country, "cui": client.cui, "vat": client.vat},
        "region": case.region_id or "",
        **{name: getattr(case, name) for name in (*named, *moments)},
    }


def _step(case: Case, step: cases.StepView) -> dict[str, Any]:
    known = case.journey.steps.get(step.key)
    outcomes = list(known.routes) if known and step.state == "open" else []
    public = ("step", "item", "code")
    return {
        **{name: getattr(step, name) for name in ("key", "title", "kind", "state", "optional", "number")},
        **{"since": step.since, "ended_at": step.ended_at, "acts": step.party, "outcomes": outcomes},
        "reasons": [{key: str(row[key]) for key in public if row.get(key)} for row in step.reasons],
        "wanted": list(step.wanted),
    }


def _named(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("template", "language", "state", "queued_at", "sent_at")}


def _in_utc(moment: datetime | None) -> datetime | None:
    """Databases know fewer zones than ISO 8601; without one it is UTC."""
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise Problem("wrong-fields", fields=[("opened_since", "invalid")]) from None


def _of_company(number: str) -> Q:
    """Clients of this CUI or VAT number; a number that cannot be right finds nobody."""
    if not number:
        return Q()
    try:
        found = company_number(number)
    except WrongIdentifier:
        return Q(pk=None)
    return Q(client__cui=found.number, client__country=found.country) | Q(client__vat=found.vat)
