"""THE table of what a person of a client may do in a case: the applicant, and colleagues by their role.

The second wall (project.walls) lets all of them see the rows of the case; which page opens, and which personal values
it shows, is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from pridvor.cases.models import APPROVER, DELEGATE, Attempt, Case, Delegation, Membership
from pridvor.clients.models import Person


class Right(StrEnum):
    STATUS = "status"  # see how far the case is
    READ = "read"  # see what was sent and what happened; personal values are masked
    PERSONAL = "personal"  # see personal values as they are: telephone, bank account
    ANSWER = "answer"  # fill in forms, confirm, answer
    UPLOAD = "upload"  # send documents, work on lists of items
    SIGN = "sign"  # sign and approve
    SERVICE = "service"  # see and test the interface of the service
    PEOPLE = "people"  # invite colleagues, give them roles and steps, remove them


APPLICANT, ADMINISTRATOR, SIGNATORY, TECHNICAL, READER = (
    "applicant",
    "administrator",
    "signatory",
    "technical",
    "reader",
)
ROLES = (ADMINISTRATOR, SIGNATORY, TECHNICAL, READER)  # that somebody may be given
ALL = frozenset(Right)
TABLE: Mapping[str, frozenset[Right]] = {
    APPLICANT: ALL,
    ADMINISTRATOR: ALL,
    SIGNATORY: frozenset({Right.STATUS, Right.READ, Right.UPLOAD, Right.SIGN}),
    TECHNICAL: frozenset({Right.STATUS, Right.SERVICE}),  # and steps whose journey says `by: technical`
    READER: frozenset({Right.STATUS}),
    DELEGATE: frozenset(),  # only the steps that they were asked to do
    APPROVER: frozenset(),  # only what they are asked to approve (cases.approvals)
}
FOR_KIND = {"upload": Right.UPLOAD, "sign": Right.SIGN, "approve": Right.SIGN}  # every other: ANSWER
MAY_SIGN = tuple(role for role, rights in TABLE.items() if Right.SIGN in rights)


@dataclass(frozen=True)
class Standing:
    """What one person is in one case."""

    case: Case
    role: str  # empty: a stranger
    delegated: frozenset[str] = frozenset()  # steps that they were asked to do

    def may(self, right: Right) -> bool:
        return right in TABLE.get(self.role, ())

    def may_do(self, name: str) -> bool:
        """Whether this step of the client's is theirs to open and to do."""
        step = self.case.journey.steps.get(name)
        if step is None or name in self.delegated:
            return step is not None
        if step.by == TECHNICAL and self.role == TECHNICAL:
            return True
        return self.may(FOR_KIND.get(step.kind, Right.ANSWER))


def standing(case: Case, person: Person | None) -> Standing:
    """What this person is in the case now; a role that the table does not know gives nothing."""
    if person is None:
        return Standing(case, "")
    if person.pk == case.person_id:
        return Standing(case, APPLICANT)
    row = Membership.objects.filter(case=case, person=person).first()
    steps = live_delegations(case).filter(person=person).values_list("step", flat=True)
    return Standing(case, row.role if row else "", frozenset(steps))


def live_delegations(case: Case) -> QuerySet[Delegation]:
    """Those that were not taken back, of attempts that are still open."""
    same = {"case": OuterRef("case"), "key": OuterRef("step"), "number": OuterRef("number")}
    is_open = Exists(Attempt.objects.filter(status="open", **same))
    return Delegation.objects.filter(is_open, case=case, ended_at=None)
