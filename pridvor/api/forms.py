"""Answers: read, with personal values only for a purpose; and forms sent whole."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router

from pridvor.accounts.machines import Caller
from pridvor.accounts.models import Scope
from pridvor.api import cases as shared
from pridvor.api.door import MachineKey, caller_of, case_of, language, purpose_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import Answers, CaseShown, FormSent
from pridvor.cases import actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.connectors import companies
from pridvor.journeys import filling
from pridvor.lib import clock
from pridvor.privacy import texts

router = Router(tags=["answers"])
PREFIX = "answers."


@router.get(
    "/{uuid:case}/answers/",
    response={200: Answers, **REFUSALS},
    auth=MachineKey(Scope.CASES_READ),
    operation_id="readAnswers",
)
def answers(
    request: HttpRequest,
    case: UUID,
    personal: bool = False,
    purpose: Annotated[str, Query(max_length=200)] = "",
) -> Any:
    """Every answer as it stands. Personal values need the scope personal:read and a purpose, kept with the look."""
    found, caller = case_of(case), caller_of(request)
    rows = cases.given(found, language())
    opened: dict[str, str] = {}
    if personal:
        why = purpose_of(request, purpose)
        refs = {f"{row.step}.{row.field}": row.ref for row in rows if row.ref}
        opened = clients.reveal_refs(
            refs, actor=caller.actor, purpose=why, now=clock.now(), case=found.reference
        )
    plain = {(row.step, row.field): row.value for row in cases.standing(found)}
    return {"answers": [_shown(row, plain, opened) for row in rows]}


@router.post(
    "/{uuid:case}/forms/{slug:step}/",
    response={200: CaseShown, **REFUSALS},
    auth=MachineKey(Scope.CASES_WRITE),
    operation_id="sendForm",
)
def send_form(request: HttpRequest, case: UUID, step: str, body: FormSent) -> Any:
    """Sends an open form with its answers, whole: all of them can stand, or none is kept."""
    found, caller, now = case_of(case), caller_of(request), clock.now()
    return shared.done(
        found,
        lambda: send(
            found, step, body.answers, body.agreed_to_terms, caller, now=now, seen_version=body.seen_version
        ),
    )


def send(
    case: Case,
    step: str,
    given: dict[str, Any],
    agreed: bool,
    caller: Caller,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> None:
    """This will end an open form with these answers. Raises Problem; then nothing is kept."""
    known, attempt = case.journey.steps.get(step), cases.open_attempt(case, step)
    if known is None or known.kind != "form" or known.use not in case.journey.forms:
        raise Problem("not-found")
    if attempt is None:
        raise Problem("no-longer-open", case=case.public_id)
    is_first = attempt.number == 1 and _is_first(case, step)
    if is_first and not agreed:
        raise Problem("wrong-fields", fields=[("agreed_to_terms", "must-agree")])
    filled = _filled(case, step, given)
    with transaction.atomic():
        if is_first:
            texts.accept_needed(case.person, language=case.language, actor=caller.actor, now=now)
            said = {"version": str(texts.current("terms").number), "language": case.language}
            actions.record(case, "terms.accepted", actor=caller.actor, now=now, data=said)
        actions.submit(
            attempt,
            filled.plain,
            filled.personal,
            actor=caller.actor,
            now=now,
            seen_version=seen_version,
        )
        form = case.journey.forms[known.use]
        companies.align(case, form, {**cases.answers(case), **filled.plain}, now=now)


# -- how


def _filled(case: Case, step: str, given: dict[str, Any]) -> filling.Filled:
    form = case.journey.forms[case.journey.steps[step].use]
    standing = {row.field: row.value if row.ref is None else True for row in cases.standing(case)}
    standing = {name: value for name, value in standing.items() if value is not None}
    drafts = {name: row.value for name, row in cases.drafts(case, step).items() if not row.ref}
    filled = filling.fill(form, {**drafts, **given}, standing, cases.seen(case), case.client.country)
    if filled.wrong:
        raise Problem("wrong-fields", fields=[(f"{PREFIX}{name[:60]}", code) for name, code in filled.wrong])
    return filled


def _is_first(case: Case, step: str) -> bool:
    first = next((one.key for one in case.journey.steps.values() if one.kind == "form"), "")
    return step == first


def _shown(row: cases.Given, plain: dict[tuple[str, str], Any], opened: dict[str, str]) -> dict[str, Any]:
    """An answer by its code; people read its words elsewhere."""
    value = opened.get(f"{row.step}.{row.field}") if row.ref else plain.get((row.step, row.field))
    named = {name: getattr(row, name) for name in ("step", "field", "label", "type", "at")}
    return {**named, "is_personal": row.ref is not None or row.personal, "value": value}
