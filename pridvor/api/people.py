"""People of the client beside the applicant: let in, given a role or a step, asked to approve or sign, and put out."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from pridvor.accounts.models import Scope
from pridvor.api.door import MachineKey, caller_of, case_of, purpose_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.registering import must_be_an_address
from pridvor.api.shapes import (
    Addressed,
    Approval,
    Delegated,
    Invited,
    NewDelegation,
    People,
    RoleGiven,
)
from pridvor.cases import actions, approvals, colleagues
from pridvor.cases import queries as cases
from pridvor.cases.models import Case, Delegation, Membership
from pridvor.clients import actions as clients
from pridvor.documents import deliveries
from pridvor.lib import clock

router = Router(tags=["people"])
READ, WRITE = MachineKey(Scope.CASES_READ), MachineKey(Scope.CASES_WRITE)


@router.get("/{uuid:case}/people/", response={200: People, **REFUSALS}, auth=READ, operation_id="listPeople")
def list_people(
    request: HttpRequest,
    case: UUID,
    personal: bool = False,
    purpose: Annotated[str, Query(max_length=200)] = "",
) -> Any:
    """Who works on the case. Their addresses need the scope personal:read and a purpose, kept with the look."""
    found = case_of(case)
    addresses: dict[str, str] = {}
    if personal:
        why, actor = purpose_of(request, purpose), caller_of(request).actor
        refs = {str(row.person_id): row.person.email_ref for row in colleagues.members(found)}
        addresses = clients.reveal_refs(refs, actor=actor, purpose=why, now=clock.now(), case=found.reference)
    return _people(found, addresses)


@router.post(
    "/{uuid:case}/people/", response={201: People, **REFUSALS}, auth=WRITE, operation_id="inviteColleague"
)
def invite(request: HttpRequest, case: UUID, body: Invited) -> Any:
    """Lets a colleague in, and has them told by mail."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    must_be_an_address(body.email)
    return Status(
        201, _done(found, lambda: colleagues.invite(found, body.email, body.role, actor=me, now=now))
    )


@router.post(
    "/{uuid:case}/people/{uuid:person}/role/",
    response={200: People, **REFUSALS},
    auth=WRITE,
    operation_id="giveRole",
)
def give_role(request: HttpRequest, case: UUID, person: UUID, body: RoleGiven) -> Any:
    """Changes what a colleague may do, from their next page on."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    row = _member(found, person)
    return _done(found, lambda: colleagues.give_role(row, body.role, actor=me, now=now))


@router.post(
    "/{uuid:case}/people/{uuid:person}/remove/",
    response={200: People, **REFUSALS},
    auth=WRITE,
    operation_id="removeColleague",
)
def remove(request: HttpRequest, case: UUID, person: UUID) -> Any:
    """Puts a colleague out at their next request."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    row = _member(found, person)
    return _done(found, lambda: colleagues.remove(row, actor=me, now=now))


@router.post(
    "/{uuid:case}/delegations/",
    response={201: Delegated, **REFUSALS},
    auth=WRITE,
    operation_id="delegateStep",
)
def delegate(request: HttpRequest, case: UUID, body: NewDelegation) -> Any:
    """Asks a colleague to do one open form or upload; somebody new sees this step and nothing else."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    must_be_an_address(body.email)
    made: list[Delegation] = []
    _done(found, lambda: made.append(colleagues.delegate(found, body.step, body.email, actor=me, now=now)))
    return Status(201, _delegated(made[0]))


@router.post(
    "/{uuid:case}/delegations/{uuid:delegation}/take-back/",
    response={200: People, **REFUSALS},
    auth=WRITE,
    operation_id="takeBackStep",
)
def take_back(request: HttpRequest, case: UUID, delegation: UUID) -> Any:
    """The step is the applicant's again."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    row = next((one for one in colleagues.delegations(found) if one.public_id == delegation), None)
    if row is None:
        raise Problem("not-found")
    return _done(found, lambda: colleagues.take_back(row, actor=me, now=now))


@router.get(
    "/{uuid:case}/steps/{step}/approval/",
    response={200: Approval, **REFUSALS},
    auth=READ,
    operation_id="readApproval",
)
def approval(request: HttpRequest, case: UUID, step: str) -> Any:
    """Who is asked for their word on a step that is open for approval, and who has given it."""
    found = case_of(case)
    attempt = cases.open_attempt(found, step)
    if attempt is None or attempt.kind != "approve":
        raise Problem("not-found")
    versions = deliveries.numbers(attempt)
    standing = approvals.standing(attempt, versions)
    asked = [{"person": one.subject, "outcome": standing.said.get(one.pk, "")} for one in standing.asked]
    return {
        "step": step,
        "number": attempt.number,
        "needed": standing.needed,
        "agreed": standing.agreed,
        "asked": asked,
        "versions": versions,
    }


@router.post(
    "/{uuid:case}/steps/{step}/ask/", response={200: People, **REFUSALS}, auth=WRITE, operation_id="askPerson"
)
def ask(request: HttpRequest, case: UUID, step: str, body: Addressed) -> Any:
    """Asks somebody to approve or to sign; they are told by mail. Their word is theirs to give, and no key gives it."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    must_be_an_address(body.email)
    if step not in found.journey.steps:
        raise Problem("not-found")
    return _done(found, lambda: approvals.name(found, step, body.email, actor=me, now=now))


# -- how


def _done(case: Case, act: Callable[[], object]) -> dict[str, Any]:
    """The people of the case after the action; a refusal is a problem."""
    try:
        act()
    except colleagues.CannotInvite as cannot:
        raise Problem("refused", reason=cannot.code, case=case.public_id) from None
    except actions.Refused as refused:
        raise Problem("refused", reason=str(refused), case=case.public_id) from None
    return _people(case, {})


def _member(case: Case, person: UUID) -> Membership:
    row = colleagues.member(case, person)
    if row is None:
        raise Problem("not-found")
    return row


def _people(case: Case, addresses: dict[str, str]) -> dict[str, Any]:
    return {
        "colleagues": [_colleague(row, addresses) for row in colleagues.members(case)],
        "delegations": [_delegated(row) for row in colleagues.delegations(case)],
    }


def _colleague(row: Membership, addresses: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.person.subject,
        "role": row.role,
        "email": addresses.get(str(row.person_id)),
        "has_come": row.person.confirmed_at is not None,
        "at": row.at,
    }


def _delegated(row: Delegation) -> dict[str, Any]:
    return {"id": row.public_id, "step": row.step, "person": row.person.subject, "at": row.at}
