"""One thing done to many cases: each in a transaction of its own, each with its result, none half done in silence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts import policy
from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import queries, work
from pridvor.cases.models import Attempt
from pridvor.desk import door, queue

REST = timedelta(days=1)  # between two reminders that people send
MOST = 200  # rows at once: one page of the longest queue


@dataclass(frozen=True)
class Order:
    """What is to be done, by whom, and what it needs besides."""

    verb: str
    actor: Staff
    staff: Staff | None = None  # to whom work is given
    reason: str = ""  # why it is paused


@dataclass(frozen=True)
class Result:
    """What came of one row; `why` is empty when it was done."""

    reference: str
    client: str
    url: str
    why: str

    @property
    def done(self) -> bool:
        return not self.why


class CannotDo(Exception):
    """Why this row is left as it is, in words."""


def carry_out(order: Order, attempts: Iterable[int], *, now: datetime) -> list[Result]:
    """This will do it to each of these attempts, and say what came of each."""
    return [_one(order, attempt, now) for attempt in queries.attempts(attempts)[:MOST]]


def allowed(staff: Staff) -> list[tuple[str, str]]:
    """The verbs that a person may use, in words."""
    return [(verb, str(words)) for verb, words in WORDS.items() if policy.may(staff, ABILITIES[verb])]


# -- how


def _one(order: Order, attempt: Attempt, now: datetime) -> Result:
    why = ""
    try:
        _must_be_open(attempt)
        VERBS[order.verb](order, attempt, now)
    except CannotDo as reason:
        why = str(reason)
    except cases.Refused as refusal:
        why = door.why_not(refusal)
    case = attempt.case
    return Result(case.reference, case.client.name, f"/desk/cases/{case.public_id}/", why)


def _must_be_open(attempt: Attempt) -> None:
    if attempt.status != "open" or attempt.case.state != "open":
        raise cases.Refused("no-longer-open")


def _assign(order: Order, attempt: Attempt, now: datetime) -> None:
    staff = order.staff
    if staff is None:
        raise CannotDo(_("Choose to whom."))
    if attempt.case.journey.stages[attempt.stage].owner not in queue.roles(staff):
        raise CannotDo(_("%(name)s may not do this stage.") % {"name": staff.name})
    owner = work.owner(attempt.case, attempt.stage)
    if owner and owner.staff_id == staff.pk:
        raise CannotDo(_("%(name)s has it already.") % {"name": staff.name})
    why = "taken" if staff.pk == order.actor.pk else "by-hand"
    work.assign(attempt.case, attempt.stage, staff, why=why, actor=order.actor.actor, now=now)


def _pause(order: Order, attempt: Attempt, now: datetime) -> None:
    if not order.reason:
        raise CannotDo(_("Say why the case is paused."))
    if attempt.case.is_paused:
        raise CannotDo(_("It is paused already."))
    cases.pause(attempt.case, order.reason, actor=order.actor.actor, now=now)


def _resume(order: Order, attempt: Attempt, now: datetime) -> None:
    if not attempt.case.is_paused:
        raise CannotDo(_("It is not paused."))
    cases.resume(attempt.case, actor=order.actor.actor, now=now)


def _raise(order: Order, attempt: Attempt, now: datetime) -> None:
    before = attempt.case.priority
    if work.raise_priority(attempt.case, why="by-hand", actor=order.actor.actor, now=now) == before:
        raise CannotDo(_("It stands at the top already."))


def _remind(order: Order, attempt: Attempt, now: datetime) -> None:
    step = attempt.case.journey.steps.get(attempt.step)
    if step is None or step.party != "client":
        raise CannotDo(_("The client has nothing to do."))
    before = queries.reminders(attempt)
    if before and now - before[-1] < REST:
        raise CannotDo(_("The client was reminded less than a day ago."))
    said = {"step": attempt.step, "number": attempt.number, "count": len(before) + 1}
    cases.record(attempt.case, "reminder.due", actor=order.actor.actor, now=now, data=said)


WORDS = {
    "assign": gettext_lazy("Give to"),
    "raise": gettext_lazy("Raise"),
    "remind": gettext_lazy("Remind"),
    "pause": gettext_lazy("Pause"),
    "resume": gettext_lazy("Resume"),
}
VERBS: dict[str, Callable[[Order, Attempt, datetime], None]] = {
    "assign": _assign,
    "raise": _raise,
    "remind": _remind,
    "pause": _pause,
    "resume": _resume,
}
ABILITIES = {
    "assign": "case.assign",
    "raise": "case.assign",
    "remind": "case.pause",
    "pause": "case.pause",
    "resume": "case.pause",
}
