"""What happens as a budget is used up, as data. Each rung is climbed once per clock.

`share` is the part of the budget that is used; a rung with `done_most` counts only while at most so much of the
required steps is done. `does` names actions of sla.timers. Whoever is to be told stands in the event.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pridvor.journeys.language import Journey
from pridvor.sla.models import ClockKind

FEWEST_STEPS = 3  # a stage of fewer says nothing by its pace


@dataclass(frozen=True)
class Rung:
    key: str  # the timer's kind
    share: float
    says: str  # the event
    tells: tuple[str, ...] = ("owner", "lead")
    does: tuple[str, ...] = ()
    done_most: float | None = None


BEHIND = Rung("pace", 0.6, "sla.behind", does=("raise-priority", "move"), done_most=0.4)
WARNING = Rung("warn", 0.8, "sla.warned", does=("raise-priority",))
BREACH = Rung("breach", 1.0, "sla.breached", does=("raise-priority", "move"))

LADDERS: Mapping[str, tuple[Rung, ...]] = {
    ClockKind.US: (BEHIND, WARNING, BREACH),
    ClockKind.PROMISE: (BEHIND, WARNING, BREACH),
    ClockKind.WHOLE: (WARNING, BREACH),
    ClockKind.CLIENT: (
        Rung("warn", 0.8, "sla.warned", tells=("owner",), does=("remind",)),
        Rung("breach", 1.0, "sla.breached", tells=("owner",), does=("call",)),
    ),
}


def ladder(journey: Journey, stage: str, kind: str) -> tuple[Rung, ...]:
    """The rungs of a clock. A stage of fewer than three required steps takes part in the pace through its case only."""
    rungs = LADDERS[kind]
    few = bool(stage) and len(required(journey, stage)) < FEWEST_STEPS
    return tuple(rung for rung in rungs if rung.done_most is None or not few)


def rung(kind: str, key: str) -> Rung:
    return next(rung for rung in LADDERS[kind] if rung.key == key)


def required(journey: Journey, stage: str = "") -> list[str]:
    """The steps that a stage, or the whole journey, cannot do without."""
    return [
        step.key
        for step in journey.steps.values()
        if not step.optional and not step.exception and stage in ("", step.stage)
    ]
