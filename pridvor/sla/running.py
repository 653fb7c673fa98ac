"""How one clock runs, stands and ends, with the timers of its ladder. Changes values in memory; sla.books keeps them."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from pridvor.sla import calendars
from pridvor.sla.ladder import rung
from pridvor.sla.models import Clock, ClockState, Timer


def run(clock: Clock, timers: Sequence[Timer], at: datetime) -> None:
    """It runs from this moment: what is due, and each rung that was not climbed, moves by as long as it stood."""
    _note_stop(clock, at)
    left = clock.budget_seconds - clock.used_seconds
    clock.running_since, clock.stopped_since, clock.stopped_for = at, None, ""
    clock.state = ClockState.RUNNING if left > 0 else ClockState.BREACHED
    clock.due_at = _after(clock, at, left) if left > 0 else clock.due_at or at
    for timer in timers:
        timer.fire_at = _after(clock, at, max(0, threshold(clock, timer.kind) - clock.used_seconds))


def stop(clock: Clock, timers: Sequence[Timer], at: datetime, what_for: str) -> None:
    """It stands from this moment. A rung that was reached stays armed: the sweep that is late still climbs it."""
    assert clock.running_since is not None
    clock.used_seconds += int(calendars.worked(clock.hours, clock.running_since, at).total_seconds())
    clock.running_since, clock.stopped_since, clock.stopped_for = None, at, what_for
    if clock.used_seconds > clock.budget_seconds:
        clock.state = ClockState.BREACHED
    elif clock.state != ClockState.BREACHED:
        clock.state, clock.due_at = ClockState.STOPPED, None
    for timer in timers:
        if clock.used_seconds <= threshold(clock, timer.kind):
            timer.fire_at = None


def stand(clock: Clock, at: datetime, what_for: str) -> None:
    """It stands already, and from now on for another reason."""
    _note_stop(clock, at)
    clock.stopped_since, clock.stopped_for = at, what_for


def end(clock: Clock, timers: Sequence[Timer], at: datetime, *, done: bool) -> None:
    """Nothing runs any more. `done`: in time or not? Otherwise neither met nor, unless it was before, breached."""
    due = clock.due_at
    if clock.running_since is not None:
        stop(clock, timers, at, "")
    clock.due_at = due  # when it would have been due
    if done and clock.state != ClockState.BREACHED:
        clock.state = ClockState.MET
    clock.ended_at = at


def revive(clock: Clock) -> None:
    """It ended in a decision that was taken back."""
    clock.ended_at = None
    if clock.state == ClockState.MET:
        clock.state = ClockState.STOPPED


def threshold(clock: Clock, kind: str) -> int:
    """The used seconds at which a rung is reached."""
    return math.ceil(clock.budget_seconds * rung(clock.kind, kind).share)


# -- how


def _after(clock: Clock, at: datetime, seconds: int) -> datetime:
    return calendars.add(clock.hours, at, timedelta(seconds=seconds))


def _note_stop(clock: Clock, at: datetime) -> None:
    """Add the working time that a clock stood to what it stood for."""
    if clock.stopped_since is None or not clock.stopped_for:
        return
    stood = int(calendars.worked(clock.hours, clock.stopped_since, at).total_seconds())
    clock.stops = {**clock.stops, clock.stopped_for: clock.stops.get(clock.stopped_for, 0) + stood}
