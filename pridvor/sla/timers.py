"""Firing what is due. Each timer fires once, whatever number of workers looks, and whichever of them dies.

The sweep finds what is due by the index of armed timers: its cost follows their number, not the number of open cases.
Each is then claimed and done in one transaction under the lock of its case, after the books were brought up to date:
what a later event has disarmed does not fire, and a worker that dies leaves the timer as it was.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import work
from pridvor.cases.models import Attempt, Case, StageVisit
from pridvor.documents import agreements
from pridvor.lib.actor import machine
from pridvor.sla import books, ladder, rounds
from pridvor.sla.models import Clock, ClockState, Ledger, Timer, working_time

log = logging.getLogger(__name__)

ME = machine("clock")
BATCH = 500


def due(now: datetime) -> QuerySet[Timer]:
    """Armed timers whose moment has come, the earliest first."""
    return Timer.objects.filter(fired_at=None, fire_at__isnull=False, fire_at__lte=now).order_by("fire_at")


def sweep(*, now: datetime, limit: int = BATCH) -> int:
    """This will fire what is due, and return how many timers fired. One that fails is tried again by the next sweep."""
    fired = 0
    for timer, case in list(due(now).values_list("pk", "case_id")[:limit]):
        try:
            fired += fire(timer, case, now=now)
        except Exception:  # one case's trouble must not stop the others' clocks
            log.exception("timer %s of case %s did not fire", timer, case)
    return fired


@transaction.atomic
def fire(timer_id: int, case_id: int, *, now: datetime) -> bool:
    """This will do what a timer is for; False: another worker has the case, or it is not due any more."""
    if not Case.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=case_id).values("pk"):
        return False
    case = books.bring_up_to_date(case_id, now=now)
    timer = due(now).filter(pk=timer_id).select_related("clock").first()
    if timer is None:
        return False
    Timer.objects.filter(pk=timer.pk).update(fired_at=now)
    try:
        with transaction.atomic():
            EFFECTS[timer.kind](case, timer, now)
    except cases.Refused as refusal:  # the case has gone on meanwhile: then it counts as fired
        log.info("timer %s of %s: %s", timer.kind, case, refusal)
    return True


# -- clocks


def _climb(case: Case, timer: Timer, now: datetime) -> None:
    """A rung of a clock's ladder."""
    clock = timer.clock
    assert clock is not None
    rung = ladder.rung(clock.kind, timer.kind)
    over = clock.ended_at is not None
    if timer.kind == "breach":
        Clock.objects.filter(pk=clock.pk).update(state=ClockState.BREACHED)
    elif over:
        return
    steps = progress(case, clock.stage)
    if rung.done_most is not None and (not steps[1] or steps[0] > rung.done_most * steps[1]):
        Timer.objects.filter(pk=timer.pk).update(
            fired_at=None, fire_at=None
        )  # looked at again when it runs anew
        return
    said = {
        "stage": clock.stage,
        "visit": clock.visit,
        "kind": clock.kind,
        "budget": clock.budget_seconds,
        "due": clock.due_at.isoformat() if clock.due_at else "",
        "done": steps[0],
        "steps": steps[1],
        "tell": list(rung.tells),
    }
    cases.record(case, rung.says, actor=ME, now=now, data=said)
    for name in () if over else rung.does:
        ACTIONS[name](case, clock, rung.says, now)


def progress(case: Case, stage: str = "") -> tuple[int, int]:
    """How many of the required steps are done, and how many there are; those that were skipped count as neither."""
    wanted = set(ladder.required(case.journey, stage))
    rows = [row for row in case_queries.latest_attempts(case).values() if row.key in wanted]
    counted = [row for row in rows if row.status not in ("skipped", "cancelled")]
    return sum(row.status == "done" for row in counted), len(counted)


def _raise(case: Case, clock: Clock, why: str, now: datetime) -> None:
    work.raise_priority(case, why=why, actor=ME, now=now)


def _move(case: Case, clock: Clock, why: str, now: datetime) -> None:
    """To a present person with less work; of the promise: every stage in which it is our turn."""
    stages = [clock.stage] if clock.stage else _ours(case)
    for stage in stages:
        work.move(case, stage, why="late" if why == "sla.breached" else "behind", actor=ME, now=now)


def _remind(case: Case, clock: Clock, why: str, now: datetime) -> None:
    """Of the steps for which the journey itself names no reminders."""
    for attempt in _clients_steps(case, clock.stage):
        if not case.journey.steps[attempt.step].remind:
            _remind_of(case, attempt, 1, now)


def _call(case: Case, clock: Clock, why: str, now: datetime) -> None:
    """The client's budget is used up: what the journey says under `then:` opens beside the step."""
    for attempt in _clients_steps(case, clock.stage):
        _open_then(case, attempt, now)


ACTIONS: dict[str, Callable[[Case, Clock, str, datetime], None]] = {
    "raise-priority": _raise,
    "move": _move,
    "remind": _remind,
    "call": _call,
}


# -- steps and rounds


def _remind_client(case: Case, timer: Timer, now: datetime) -> None:
    attempt = _still_open(case, timer)
    if attempt is not None:
        _remind_of(case, attempt, timer.count, now)


def _stalled(case: Case, timer: Timer, now: datetime) -> None:
    attempt = _still_open(case, timer)
    if attempt is not None:
        _open_then(case, attempt, now)


def _came(case: Case, timer: Timer, now: datetime) -> None:
    attempt = _still_open(case, timer)
    if attempt is not None and not agreements.is_signed_by_all(
        attempt
    ):  # its seal is late, not its signatories
        cases.complete(attempt, "came" if timer.kind == "wait" else "late", actor=ME, now=now)


def _tick(case: Case, timer: Timer, now: datetime) -> None:
    visit = StageVisit.objects.filter(case=case, key=timer.name).first()
    if visit is None or visit.over or case.state != "open" or timer.name not in case.journey.stages:
        return
    try:
        with transaction.atomic():
            cases.tick(case, timer.name, actor=ME, now=now)
    except cases.Refused:
        log.info("round %s of %s in %s was not begun", timer.count, timer.name, case)
    rounds.arm_tick(case, timer.name, now, working_time(_ledger(case, now).revision_id))


EFFECTS: dict[str, Callable[[Case, Timer, datetime], None]] = {
    "pace": _climb,
    "warn": _climb,
    "breach": _climb,
    "remind": _remind_client,
    "then": _stalled,
    "wait": _came,
    "within": _came,
    "tick": _tick,
}


# -- how


def _still_open(case: Case, timer: Timer) -> Attempt | None:
    rows = Attempt.objects.filter(case=case, key=timer.name, number=timer.number, status="open")
    return rows.select_related("case").first() if case.state == "open" and not case.paused else None


def _clients_steps(case: Case, stage: str) -> list[Attempt]:
    rows = Attempt.objects.filter(case=case, stage=stage, status="open", optional=False).order_by("pk")
    steps = case.journey.steps
    return [row for row in rows if row.step in steps and steps[row.step].party == "client"]


def _remind_of(case: Case, attempt: Attempt, count: int, now: datetime) -> None:
    said = {"step": attempt.key, "number": attempt.number, "kind": attempt.kind, "count": count}
    cases.record(case, "reminder.due", actor=ME, now=now, data=said)


def _open_then(case: Case, attempt: Attempt, now: datetime) -> None:
    """Once for each attempt: the last reminder and the end of the client's budget may both lead here."""
    step = case.journey.steps.get(attempt.step)
    then = step.then if step else ""
    beside = Attempt.objects.filter(case=case, key=f"{then}@{attempt.key}", opened_at__gte=attempt.opened_at)
    if then and not beside.exists():
        cases.stalled(case, attempt.key, attempt.number, actor=ME, now=now)


def _ours(case: Case) -> list[str]:
    parties = Ledger.objects.get(case=case).parties
    return [stage for stage, party in parties.items() if stage and party == "us"]


def _ledger(case: Case, now: datetime) -> Ledger:
    """As it stands after what was just done."""
    books.bring_up_to_date(case.pk, now=now)
    return Ledger.objects.get(case=case)
