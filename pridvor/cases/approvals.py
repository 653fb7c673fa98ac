"""Approval by the client: who is asked, what each said, and what they want changed, pinned to its place.

A vote counts in one attempt only, and only for the versions that its person looked at. Enough approvals end the
attempt with `approve`; one person who asks for changes ends it with the step's other outcome, and the comments go with
it as reasons. Codes of Refused: `not-asked`, `said-already`, `no-comment`, `stale`, and those of cases.actions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from pridvor.cases import actions, rights, store
from pridvor.cases.actions import Refused
from pridvor.cases.models import (
    APPROVER,
    ApprovalVote,
    Approver,
    Attempt,
    Case,
    Comment,
    Membership,
)
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.clients.models import Person
from pridvor.journeys.model import Step
from pridvor.lib.actor import Actor

APPROVE = "approve"
NAMED = {"approve": "approver.named", "sign": "signatory.named"}  # by kind of step: the event that says so
LONGEST = 2000  # characters of a comment, or of an answer to one


@dataclass(frozen=True)
class Place:
    """Where a comment is pinned. Everything empty: it is about the whole version."""

    piece: UUID | None = None
    page: int | None = None
    x: int | None = None
    y: int | None = None
    paragraph: int | None = None


@dataclass(frozen=True)
class Pinned:
    """A comment with its words and its answer's, as revealed for one look; both empty once they are erased."""

    comment: Comment
    text: str
    answer: str


@dataclass(frozen=True)
class Standing:
    """Who is asked in an attempt, how many must agree, and who has, of the versions as they stand."""

    asked: tuple[Person, ...]
    needed: int
    said: Mapping[int, str]  # by key of the person: the outcome

    @property
    def agreed(self) -> int:
        return sum(outcome == APPROVE for outcome in self.said.values())

    @property
    def too_few(self) -> bool:
        """Fewer are asked than must agree: somebody has to be named."""
        return len(self.asked) < self.needed


@transaction.atomic
def name(case: Case, step: str, email: str, *, actor: Actor, now: datetime) -> Approver:
    """This will ask for somebody's word on a step. They sign in with this address, and see what they are asked about."""
    event = NAMED[_step(case, step, *NAMED).kind]
    _lock(case)
    person = sign_in.known_or_new(email, language=case.language, now=now)
    if person.pk != case.person_id:
        given = {"role": APPROVER, "by": str(actor), "at": now}
        Membership.objects.get_or_create(case=case, person=person, defaults=given)
        clients.join(case.client, person, APPROVER, now=now)
    row, is_new = Approver.objects.get_or_create(
        case=case, step=step, person=person, defaults={"by": str(actor), "at": now}
    )
    if is_new:
        said = {"step": step, "person": str(person.subject)}
        store.record(case.pk, [(event, said)], actor=actor, now=now)
    return row


def standing(attempt: Attempt, versions: Mapping[str, int]) -> Standing:
    """How far an attempt is from being agreed on; `versions` are those of its deliverables now."""
    case, step = attempt.case, attempt.case.journey.steps[attempt.step]
    asked = tuple(who_is_asked(case, attempt.step))
    needed = len(asked) if step.approvers == "all" else 1 if step.approvers == "one" else int(step.approvers)
    rows = ApprovalVote.objects.filter(attempt=attempt).order_by("id")
    said = {row.person_id: row.outcome for row in rows if row.seen == dict(versions)}
    mine = {person.pk for person in asked}
    return Standing(asked, max(needed, 1), {who: outcome for who, outcome in said.items() if who in mine})


def who_is_asked(case: Case, step: str) -> list[Person]:
    """Those who were named for this step; where nobody was, the applicant and the colleagues who may sign."""
    named = list(Person.objects.filter(approver_of__case=case, approver_of__step=step).order_by("pk"))
    if named:
        return named
    let_in = Membership.objects.filter(case=case, role__in=rights.MAY_SIGN)
    others = Person.objects.filter(memberships__in=let_in).order_by("pk")
    return list({person.pk: person for person in (case.person, *others)}.values())


def is_asked(case: Case, person: Person | None) -> bool:
    """Whether somebody was named to approve anything in this case."""
    return Approver.objects.filter(case=case, person=person).exists()


@transaction.atomic
def vote(
    attempt: Attempt,
    person: Person,
    outcome: str,
    *,
    seen: Mapping[str, int],
    versions: Mapping[str, int],
    actor: Actor,
    now: datetime,
) -> None:
    """This will note an approver's word on the versions they looked at, and end the attempt once it is decided.

    `versions` are those that stand now: a vote on older ones is refused as stale. Who asks for changes must have said
    which, in a comment of this attempt.
    """
    _lock(attempt.case)
    if dict(seen) != dict(versions):
        raise Refused("stale")
    before = standing(attempt, versions)
    if person.pk not in {one.pk for one in before.asked}:
        raise Refused("not-asked")
    if before.said.get(person.pk) == outcome:
        raise Refused("said-already")
    if outcome != APPROVE and not Comment.objects.filter(attempt=attempt, person=person).exists():
        raise Refused("no-comment")
    actions.vote(attempt, outcome, actor=actor, now=now)
    ApprovalVote.objects.create(
        attempt=attempt, person=person, outcome=outcome, seen=dict(seen), by=str(actor), at=now
    )
    _conclude(attempt, outcome, versions, actor=actor, now=now)


@transaction.atomic
def comment(
    attempt: Attempt,
    person: Person,
    text: str,
    place: Place,
    *,
    deliverable: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> Comment:
    """This will pin a comment to its place in a version; only those who are asked comment, while the step is open."""
    _lock(attempt.case)
    _must_be_open(attempt)
    if person.pk not in {one.pk for one in who_is_asked(attempt.case, attempt.step)}:
        raise Refused("not-asked")
    highest = Comment.objects.filter(attempt=attempt).aggregate(highest=Max("number"))["highest"] or 0
    ref = clients.keep(attempt.case.subject, {"comment": text[:LONGEST]}, now=now)["comment"]
    row = Comment.objects.create(
        attempt=attempt,
        person=person,
        number=highest + 1,
        deliverable=deliverable,
        version=version,
        ref=ref,
        at=now,
        **vars(place),
    )
    said = {"step": attempt.key, "number": attempt.number, "comment": str(row.public_id)}
    store.record(attempt.case_id, [("comment.pinned", said)], actor=actor, now=now)
    return row


@transaction.atomic
def take_back(comment: Comment, person: Person, *, actor: Actor, now: datetime) -> None:
    """This will remove one's own comment while the step is still open."""
    attempt = comment.attempt
    _lock(attempt.case)
    _must_be_open(attempt)
    if comment.person_id != person.pk:
        raise Refused("not-asked")
    comment.delete()
    said = {"step": attempt.key, "number": attempt.number}
    store.record(attempt.case_id, [("comment.taken-back", said)], actor=actor, now=now)


@transaction.atomic
def answer(comment: Comment, done: bool, why: str, *, version: int, actor: Actor, now: datetime) -> None:
    """This will say what a new version made of a comment: it was done, or why not. Raises Refused `no-answer`."""
    case = comment.attempt.case
    if not done and not why.strip():
        raise Refused("no-answer")
    ref = clients.keep(case.subject, {"comment_answer": why[:LONGEST]}, now=now) if why.strip() else {}
    Comment.objects.filter(pk=comment.pk).update(
        answer=Comment.Answered.DONE if done else Comment.Answered.NOT_DONE,
        answer_ref=ref.get("comment_answer"),
        answered_in=version,
        answered_by=str(actor),
        answered_at=now,
    )
    said = {"comment": str(comment.public_id), "answer": "done" if done else "not-done"}
    store.record(case.pk, [("comment.answered", said)], actor=actor, now=now)


def unanswered(case: Case, deliverable: str) -> list[Comment]:
    """What was asked for of a deliverable, in attempts that have ended, and nobody has answered."""
    rows = Comment.objects.filter(attempt__case=case, deliverable=deliverable, answer="")
    return list(rows.exclude(attempt__status="open").select_related("attempt__case").order_by("pk"))


def comments_on(attempt: Attempt) -> list[Comment]:
    return list(Comment.objects.filter(attempt=attempt).select_related("attempt__case", "person"))


def asked_before(attempt: Attempt) -> list[Comment]:
    """The comments of the attempt before this one that had any: what the present version answers."""
    earlier = Comment.objects.filter(attempt__case=attempt.case_id, attempt__key=attempt.key)
    last = earlier.filter(attempt__number__lt=attempt.number).aggregate(last=Max("attempt__number"))["last"]
    return list(earlier.filter(attempt__number=last).select_related("attempt__case", "person"))


def read(comments: Iterable[Comment], *, actor: Actor, purpose: str, now: datetime) -> list[Pinned]:
    """This will log the look and return the comments with their words and answers."""
    rows = list(comments)
    refs = {f"said-{row.pk}": row.ref for row in rows}
    refs |= {f"answer-{row.pk}": row.answer_ref for row in rows if row.answer_ref}
    texts = clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now) if refs else {}
    return [Pinned(row, texts.get(f"said-{row.pk}", ""), texts.get(f"answer-{row.pk}", "")) for row in rows]


def changes_outcome(step: Step) -> str:
    """The outcome by which changes are asked for: the first that is not `approve`; empty: none is offered."""
    return next((outcome for outcome in step.routes if outcome != APPROVE), "")


# -- how


def _step(case: Case, step: str, *kinds: str) -> Step:
    found = case.journey.steps.get(step)
    if found is None or found.kind not in kinds:
        raise Refused("not-now")
    return found


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _must_be_open(attempt: Attempt) -> None:
    if not Attempt.objects.filter(pk=attempt.pk, status="open").exists():
        raise Refused("no-longer-open")


def _conclude(
    attempt: Attempt, outcome: str, versions: Mapping[str, int], *, actor: Actor, now: datetime
) -> None:
    """Changes are asked for as soon as one person asks; approval is given once enough people have."""
    if outcome != APPROVE:
        reasons = [_reason(row) for row in comments_on(attempt)]
        actions.complete(attempt, outcome, actor=actor, now=now, reasons=reasons)
        return
    now_stands = standing(attempt, versions)
    if now_stands.agreed >= now_stands.needed:
        rows = ApprovalVote.objects.filter(attempt=attempt, person__in=now_stands.said).order_by("id")
        last = {row.person_id: row.by for row in rows}
        agreed = [last[who] for who, said in now_stands.said.items() if said == APPROVE]
        actions.complete(attempt, APPROVE, actor=actor, now=now, agreed=agreed)


def _reason(row: Comment) -> dict[str, Any]:
    return {"code": "changes-asked", "comment": str(row.public_id), "params": {"pin": row.number}}
