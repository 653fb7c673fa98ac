"""People of a client who work on one case: invited with a role, asked to do single steps, removed.

Codes of CannotInvite: `is-applicant`, `is-member`, `not-open`, `unknown-role`, `not-a-member`, `step-not-open`,
`delegated-already`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from pridvor.cases import queries, rights, store
from pridvor.cases.models import APPROVER, DELEGATE, Case, Delegation, Membership
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.clients.models import Person
from pridvor.lib.actor import Actor

SPECIAL = (APPROVER, DELEGATE)  # roles that come with what somebody was asked, and are not given on their own


class CannotInvite(Exception):
    """Nothing was done; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def invite(case: Case, email: str, role: str, *, actor: Actor, now: datetime) -> Membership:
    """This will let somebody in to the case in a role; they sign in with a code sent to this address. Raises CannotInvite."""
    _lock_open(case)
    _known(role)
    person = _person(case, email, now=now)
    row = Membership.objects.filter(case=case, person=person).first()
    if row and row.role not in SPECIAL:
        raise CannotInvite("is-member")
    given = {"role": role, "by": str(actor), "at": now}
    row, _new = Membership.objects.update_or_create(case=case, person=person, defaults=given)
    clients.join(case.client, person, role, now=now)
    _record(case, "member.invited", person, actor=actor, now=now, role=role)
    return row


@transaction.atomic
def give_role(row: Membership, role: str, *, actor: Actor, now: datetime) -> None:
    """This will change what a colleague may do, from their next request on. Raises CannotInvite."""
    _lock(row.case)
    _known(role)
    if not Membership.objects.filter(pk=row.pk).exclude(role=role).update(role=role):
        return
    _record(row.case, "member.changed", row.person, actor=actor, now=now, role=role)


@transaction.atomic
def remove(row: Membership, *, actor: Actor, now: datetime) -> None:
    """This will put a colleague out at their next request; what they did stays in the ledger. Raises CannotInvite."""
    _lock(row.case)
    for given in Delegation.objects.filter(case=row.case, person=row.person, ended_at=None):
        _end(given, actor=actor, now=now)
    Membership.objects.filter(pk=row.pk).delete()
    _record(row.case, "member.removed", row.person, actor=actor, now=now)


@transaction.atomic
def delegate(case: Case, step: str, email: str, *, actor: Actor, now: datetime) -> Delegation:
    """This will ask a colleague to do one open step; somebody new sees this step and nothing else. Raises CannotInvite."""
    _lock_open(case)
    attempt = queries.open_attempt(case, step)
    if attempt is None or step not in {one.key for one in delegable(case)}:
        raise CannotInvite("step-not-open")
    if rights.live_delegations(case).filter(step=step).exists():
        raise CannotInvite("delegated-already")
    person = _person(case, email, now=now)
    given = {"role": DELEGATE, "by": str(actor), "at": now}
    Membership.objects.get_or_create(case=case, person=person, defaults=given)
    row = Delegation.objects.create(
        case=case, step=step, number=attempt.number, person=person, by=str(actor), at=now
    )
    _record(case, "step.delegated", person, actor=actor, now=now, step=step)
    return row


@transaction.atomic
def take_back(row: Delegation, *, actor: Actor, now: datetime) -> None:
    """This will end a delegation; whoever was let in for it alone is out at their next request."""
    _lock(row.case)
    if Delegation.objects.filter(pk=row.pk, ended_at=None).exists():
        _end(row, actor=actor, now=now)


def members(case: Case) -> list[Membership]:
    """Colleagues with a role of their own, in the order in which they came."""
    rows = Membership.objects.filter(case=case).exclude(role__in=SPECIAL)
    return list(rows.select_related("person", "case").order_by("at", "pk"))


def member(case: Case, subject: UUID) -> Membership | None:
    """The colleague with this subject."""
    return next((row for row in members(case) if row.person.subject == subject), None)


def delegations(case: Case) -> list[Delegation]:
    """Those that stand, the oldest first."""
    rows = rights.live_delegations(case)
    return list(rows.select_related("person", "case").order_by("at"))


def delegable(case: Case) -> Sequence[queries.StepView]:
    """Open steps that a colleague may be asked to do: forms and uploads."""
    steps = queries.tracker(case, case.language).steps
    return [one for one in steps if one.state == "open" and one.kind in ("form", "upload")]


# -- how


def _lock(case: Case) -> Case:
    return Case.objects.select_for_update(no_key=True).only("pk", "state").get(pk=case.pk)


def _lock_open(case: Case) -> None:
    if _lock(case).state != "open":
        raise CannotInvite("not-open")


def _known(role: str) -> None:
    if role not in rights.ROLES:
        raise CannotInvite("unknown-role")


def _person(case: Case, email: str, *, now: datetime) -> Person:
    person = sign_in.known_or_new(email, language=case.language, now=now)
    if person.pk == case.person_id:
        raise CannotInvite("is-applicant")
    return person


def _end(row: Delegation, *, actor: Actor, now: datetime) -> None:
    Delegation.objects.filter(pk=row.pk).update(ended_at=now)
    _record(row.case, "step.taken-back", row.person, actor=actor, now=now, step=row.step)
    others = Delegation.objects.filter(case=row.case, person=row.person, ended_at=None)
    if not others.exists():
        Membership.objects.filter(case=row.case, person=row.person, role=DELEGATE).delete()


def _record(case: Case, kind: str, person: Person, *, actor: Actor, now: datetime, **said: str) -> None:
    store.record(case.pk, [(kind, {"person": str(person.subject), **said})], actor=actor, now=now)
