"""Keeping the books of one case: its events are folded, in their order and each once, into clocks, ledger and timers.

A reaction may run twice, late, or beside another's: the fold goes on from the last event that was folded, under the
lock of the case, and takes every later one. So the books never depend on who folds, or when.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from pridvor.cases.models import Case, Event
from pridvor.journeys.model import Budget
from pridvor.sla import actions, calendars, receipts, rounds
from pridvor.sla.calendars import WorkingTime
from pridvor.sla.ladder import ladder, rung
from pridvor.sla.models import Clock, ClockKind, ClockState, Ledger, Party, Span, Timer, working_time

FOLDED = ("clock.turned", "stage.opened", "stage.done", "step.opened", "decision.undone", "case.ended")
TIMED = ("form", "upload", "sign", "guide", "approve", "wait")  # kinds of steps that have timers
STAGE_KINDS = (ClockKind.US, ClockKind.CLIENT, ClockKind.WHOLE)


def follow(event: Event, *, now: datetime) -> None:
    """This will bring the books of the event's case up to date."""
    bring_up_to_date(event.case_id, now=now)


@transaction.atomic
def bring_up_to_date(case_id: int, *, now: datetime) -> Case:
    """This will fold what happened in a case since its books were last kept; the case stays locked."""
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case_id)
    case = Case.objects.select_related("client", "journey_version").get(pk=case_id)
    ledger = Ledger.objects.select_related("revision").filter(case=case).first()
    events = Event.objects.filter(case=case, kind__in=FOLDED, id__gt=ledger.last_event if ledger else 0)
    found = list(events.order_by("id"))
    if found:
        books = _Books(case, ledger or _open(case, now=now))
        for event in found:
            books.take(event)
        books.close()
    return case


def bookings(hours: WorkingTime, party: str, start: datetime, end: datetime) -> list[tuple[str, int]]:
    """Whose the seconds of a stretch are. Our own turn outside working hours is nobody's fault: closed."""
    seconds = int((end - start).total_seconds())
    if party != Party.US:
        return [(party, seconds)] if seconds else []
    worked = int(calendars.worked(hours, start, end).total_seconds())
    return [(who, count) for who, count in ((Party.US, worked), (Party.CLOSED, seconds - worked)) if count]


def seconds_of(budget: Budget, hours: WorkingTime) -> int:
    """A budget in working seconds: hours as they are, days as the calendar's ordinary day."""
    return int((budget.time + budget.days * hours.ordinary_day).total_seconds())


# -- how


def _open(case: Case, *, now: datetime) -> Ledger:
    revision = actions.for_client(case.client.country, now=now)
    return Ledger.objects.create(case=case, revision=revision, at=calendars.whole(case.opened_at))


class _Books:
    """One case's books while events are folded into them."""

    def __init__(self, case: Case, ledger: Ledger) -> None:
        self.case, self.ledger, self.journey = case, ledger, case.journey
        self.hours = working_time(ledger.revision_id)
        rows = Clock.objects.filter(case=case).select_related("revision__calendar")
        self.clocks = {(row.stage, row.visit, row.kind): row for row in rows}
        self.spans: list[Span] = []

    def take(self, event: Event) -> None:
        at = max(calendars.whole(event.at), self.ledger.at)
        if event.kind == "clock.turned":
            self._turn(event.data["parties"], bool(event.data["paused"]), at)
        elif event.kind == "stage.opened":
            self._stage_opened(event, at)
        elif event.kind == "stage.done":
            self._stage_done(event, at)
        elif event.kind == "step.opened":
            rounds.arm_step(self.case, event)
        elif event.kind == "decision.undone":
            rounds.carry_over(self.case)
        else:
            self._case_ended(at)
        self.ledger.last_event = event.pk

    def close(self) -> None:
        Span.objects.bulk_create(self.spans)
        self.ledger.save()

    def _turn(self, parties: Mapping[str, str], paused: bool, at: datetime) -> None:
        for scope, party in self.ledger.parties.items():
            for who, seconds in bookings(self.hours, party, self.ledger.at, at):
                self.spans.append(
                    Span(
                        case=self.case,
                        stage=scope,
                        party=who,
                        from_at=self.ledger.at,
                        to_at=at,
                        seconds=seconds,
                    )
                )
        if paused != self.ledger.paused:
            rounds.hold_steps(self.case, at) if paused else rounds.release_steps(self.case, at)
        self.ledger.parties, self.ledger.paused, self.ledger.at = dict(parties), paused, at
        if "" in parties:
            self._promise(at)
        for clock in self._present():
            self._set(clock, at)

    def _stage_opened(self, event: Event, at: datetime) -> None:
        key, visit = str(event.data["stage"]), int(event.data["visit"])
        stage = self.journey.stages.get(key)
        for clock in self._present():
            if clock.stage == key and clock.visit < visit:
                self._end(clock, at)
        for kind in STAGE_KINDS:
            budget = stage.sla.get(kind.value) if stage else None
            if budget is not None:
                self._begin(key, visit, kind, budget, at)
        if stage and stage.every:
            rounds.arm_tick(self.case, key, at, self.hours)

    def _stage_done(self, event: Event, at: datetime) -> None:
        for clock in self._present():
            if clock.stage == event.data["stage"] and clock.visit == event.data["visit"]:
                self._end(clock, at)

    def _case_ended(self, at: datetime) -> None:
        for clock in self._present():
            self._close(clock, at)

    def _promise(self, at: datetime) -> None:
        if self.journey.target is not None and ("", 1, ClockKind.PROMISE) not in self.clocks:
            start = calendars.whole(self.case.opened_at)
            self._begin("", 1, ClockKind.PROMISE, self.journey.target, start)

    # -- clocks

    def _present(self) -> list[Clock]:
        """Clocks that have not ended, and those that ended in a decision which was taken back."""
        return [
            clock
            for clock in self.clocks.values()
            if clock.ended_at is None or (clock.stage in self.ledger.parties and self._is_latest(clock))
        ]

    def _is_latest(self, clock: Clock) -> bool:
        return clock.visit == max(visit for stage, visit, _ in self.clocks if stage == clock.stage)

    def _begin(self, stage: str, visit: int, kind: ClockKind, budget: Budget, at: datetime) -> None:
        if (stage, visit, kind) in self.clocks:
            return
        revision = actions.for_client(self.case.client.country, now=at)
        clock = Clock(
            case=self.case,
            stage=stage,
            visit=visit,
            kind=kind,
            revision=revision,
            promised=budget.text,
            budget_days=budget.days,
            budget_seconds=seconds_of(budget, working_time(revision.pk)),
            state=ClockState.STOPPED,
            started_at=at,
            stopped_since=at,
        )
        clock.save()
        self.clocks[stage, visit, kind] = clock
        Timer.objects.bulk_create(
            Timer(case=self.case, clock=clock, kind=each.key) for each in ladder(self.journey, stage, kind)
        )

    def _set(self, clock: Clock, at: datetime) -> None:
        """Start or stop a clock as the present moment wants it."""
        parties, paused = self.ledger.parties, self.ledger.paused
        party = parties.get(clock.stage)
        if party is None:
            if clock.kind == ClockKind.PROMISE:
                self._close(clock, at)
            elif clock.running_since is not None:
                self._stop(clock, at, "")
            return
        if clock.ended_at is not None:  # it ended in a decision that was taken back
            clock.ended_at = None
            clock.state = ClockState.STOPPED if clock.state == ClockState.MET else clock.state
        if clock.kind in (ClockKind.WHOLE, ClockKind.PROMISE):
            runs = True
        else:
            runs = party == clock.kind and not paused
        if runs and clock.running_since is None:
            self._run(clock, at)
        elif not runs and clock.running_since is not None:
            self._stop(clock, at, "paused" if paused else party)
        elif not runs:
            self._stand(clock, at, "paused" if paused else party)

    def _run(self, clock: Clock, at: datetime) -> None:
        _note_stop(clock, at)
        left = clock.budget_seconds - clock.used_seconds
        clock.running_since, clock.stopped_since, clock.stopped_for = at, None, ""
        clock.state = ClockState.RUNNING if left > 0 else ClockState.BREACHED
        clock.due_at = calendars.add(clock.hours, at, timedelta(seconds=left)) if left > 0 else clock.due_at
        self._keep(clock)
        for timer in clock.timers.filter(fired_at=None):
            needed = max(0, _threshold(clock, timer.kind) - clock.used_seconds)
            Timer.objects.filter(pk=timer.pk).update(
                fire_at=calendars.add(clock.hours, at, timedelta(seconds=needed))
            )

    def _stop(self, clock: Clock, at: datetime, what_for: str) -> None:
        assert clock.running_since is not None
        clock.used_seconds += int(calendars.worked(clock.hours, clock.running_since, at).total_seconds())
        clock.running_since, clock.stopped_since, clock.stopped_for = None, at, what_for
        breached = clock.used_seconds > clock.budget_seconds or clock.state == ClockState.BREACHED
        clock.state = ClockState.BREACHED if breached else ClockState.STOPPED
        if not breached:
            clock.due_at = None
        self._keep(clock)
        for timer in clock.timers.filter(fired_at=None):
            if clock.used_seconds <= _threshold(clock, timer.kind):  # reached ones fire, late as they are
                Timer.objects.filter(pk=timer.pk).update(fire_at=None)

    def _stand(self, clock: Clock, at: datetime, what_for: str) -> None:
        """It stands already, and now perhaps for another reason."""
        if clock.stopped_for != what_for:
            _note_stop(clock, at)
            clock.stopped_since, clock.stopped_for = at, what_for
        self._keep(clock)

    def _end(self, clock: Clock, at: datetime) -> None:
        """The work is done: was it done in time?"""
        if clock.ended_at is not None:
            return
        if clock.running_since is not None:
            self._stop(clock, at, "")
        clock.state = ClockState.BREACHED if clock.state == ClockState.BREACHED else ClockState.MET
        clock.ended_at = at
        clock.save()

    def _close(self, clock: Clock, at: datetime) -> None:
        """The case is over: a promise is kept by the goal alone."""
        if clock.kind == ClockKind.PROMISE and self.case.goal:
            self._end(clock, at)
        else:
            self._abandon(clock, at)

    def _abandon(self, clock: Clock, at: datetime) -> None:
        """The case ended otherwise: neither met nor, unless it was before, breached."""
        if clock.ended_at is not None:
            return
        if clock.running_since is not None:
            self._stop(clock, at, "")
        clock.ended_at = at
        clock.save()

    def _keep(self, clock: Clock) -> None:
        clock.receipt = receipts.write(clock)
        clock.save()


def _threshold(clock: Clock, kind: str) -> int:
    return math.ceil(clock.budget_seconds * rung(clock.kind, kind).share)


def _note_stop(clock: Clock, at: datetime) -> None:
    """Add the working time that a clock stood to what it stood for."""
    if clock.stopped_since is None or not clock.stopped_for:
        return
    stood = int(calendars.worked(clock.hours, clock.stopped_since, at).total_seconds())
    clock.stops = {**clock.stops, clock.stopped_for: clock.stops.get(clock.stopped_for, 0) + stood}
