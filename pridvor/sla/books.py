"""Keeping the books of one case: its events are folded, in their order and each once, into clocks, ledger and timers.

A reaction may run twice, late, or beside another's: the fold goes on from the last event that was folded, under the
lock of the case, and takes every later one. So the books never depend on who folds, or when.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from pridvor.cases.models import Case, Event
from pridvor.journeys.model import Budget
from pridvor.lib import ledger
from pridvor.sla import actions, calendars, receipts, rounds, running
from pridvor.sla.calendars import WorkingTime
from pridvor.sla.ladder import ladder
from pridvor.sla.models import Clock, ClockKind, ClockState, Ledger, Party, Span, Timer, working_time

FOLDED = ("clock.turned", "stage.opened", "stage.done", "step.opened", "decision.undone", "case.ended")
TIMED = ("form", "upload", "sign", "guide", "approve", "vouch", "wait")  # kinds of steps that have timers
MOVES = (  # of a clock that exists; the rest never changes
    "used_seconds",
    "state",
    "running_since",
    "stopped_since",
    "stopped_for",
    "stops",
    "due_at",
    "ended_at",
    "receipt",
)
Key = tuple[str, int, str]  # stage, visit, kind
STAGE_KINDS = (ClockKind.US, ClockKind.CLIENT, ClockKind.WHOLE)


def follow(event: Event, *, now: datetime) -> None:
    """This will bring the books of the event's case up to date."""
    bring_up_to_date(event.case_id, now=now)


@transaction.atomic
def bring_up_to_date(case_id: int, *, now: datetime) -> Case:
    """This will fold what happened in a case since its books were last kept; the case stays locked."""
    locked = Case.objects.select_for_update(no_key=True, of=("self",))
    case = locked.select_related("client", "journey_version").get(pk=case_id)
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
        self.clocks: dict[Key, Clock] = {_key(row): row for row in rows}
        self.timers: dict[Key, list[Timer]] = {key: [] for key in self.clocks}
        for timer in Timer.objects.filter(case=case, clock__in=self.clocks.values(), fired_at=None):
            assert timer.clock_id is not None
            self.timers[self._key_of(timer.clock_id)].append(timer)
        self.spans: list[Span] = []
        self.changed: set[Key] = set()

    def take(self, event: Event) -> None:
        at = max(calendars.whole(event.at), self.ledger.at)
        if event.kind == "clock.turned":
            self._turn(event.data["parties"], bool(event.data["paused"]), at)
        elif event.kind == "stage.opened":
            self._stage_opened(event, at)
        elif event.kind == "stage.done":
            self._stage_done(event, at)
        elif event.kind == "step.opened":
            rounds.arm_step(self.case, event, self.hours)
        elif event.kind == "decision.undone":
            rounds.carry_over(self.case)
        else:
            self._case_ended(at)
        self.ledger.last_event = event.pk

    def close(self) -> None:
        """Write what changed. The receipt of a clock that has ended stays as it was."""
        changed = [self.clocks[key] for key in sorted(self.changed)]
        for clock in changed:
            if clock.ended_at is None or not clock.receipt:
                clock.receipt = receipts.write(clock)
            clock.save(update_fields=MOVES if clock.pk else None)  # few: cheaper one by one
        timers = [timer for key in self.changed for timer in self.timers[key]]
        new = [timer for timer in timers if timer.pk is None]
        for timer in timers:
            if timer.pk is not None:
                timer.save(update_fields=["fire_at"])
        Timer.objects.bulk_create(new)
        ledger.add(self.spans, self.case.pk)
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

    def _key_of(self, clock_id: int) -> Key:
        return next(key for key, clock in self.clocks.items() if clock.pk == clock_id)

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
        self.clocks[_key(clock)] = clock
        self.timers[_key(clock)] = [
            Timer(case=self.case, clock=clock, kind=each.key) for each in ladder(self.journey, stage, kind)
        ]
        self.changed.add(_key(clock))

    def _set(self, clock: Clock, at: datetime) -> None:
        """Start or stop a clock as the present moment wants it."""
        party, paused = self.ledger.parties.get(clock.stage), self.ledger.paused
        if party is None:
            self._leave(clock, at)
            return
        if clock.ended_at is not None:
            running.revive(clock)
        always = clock.kind in (ClockKind.WHOLE, ClockKind.PROMISE)
        runs = always or (party == clock.kind and not paused)
        what_for = "paused" if paused else party
        timers = self.timers[_key(clock)]
        if runs and clock.running_since is None:
            running.run(clock, timers, at)
        elif not runs and clock.running_since is not None:
            running.stop(clock, timers, at, what_for)
        elif not runs and clock.stopped_for != what_for:
            running.stand(clock, at, what_for)
        else:
            return
        self.changed.add(_key(clock))

    def _leave(self, clock: Clock, at: datetime) -> None:
        """Its stage is not at work, or the case is over."""
        if clock.kind == ClockKind.PROMISE:
            self._close(clock, at)
        elif clock.running_since is not None:
            running.stop(clock, self.timers[_key(clock)], at, "")
            self.changed.add(_key(clock))

    def _end(self, clock: Clock, at: datetime, *, done: bool = True) -> None:
        if clock.ended_at is None:
            running.end(clock, self.timers[_key(clock)], at, done=done)
            self.changed.add(_key(clock))

    def _close(self, clock: Clock, at: datetime) -> None:
        """The case is over: a promise is kept by the goal alone."""
        self._end(clock, at, done=clock.kind == ClockKind.PROMISE and self.case.goal)


def _key(clock: Clock) -> Key:
    return clock.stage, clock.visit, clock.kind
