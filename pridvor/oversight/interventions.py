"""The page about what did not go by itself, over the last twelve weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pridvor.insights import interventions
from pridvor.insights.interventions import Loop
from pridvor.journeys import map as maps
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.sla import receipts

WEEKS = 12
KINDS: dict[str, Promise] = {
    "gate.opened": _("A loop reached its limit, or a condition could not be answered"),
    "case.paused": _("Paused"),
    "case.returned": _("Sent back by a person"),
    "step.added": _("A step added by hand"),
    "step.changed": _("An answer corrected after it was sent"),
    "step.skipped": _("A step passed over by a person"),
    "criteria.accepted": _("A stage let go on although something was missing"),
    "decision.undone": _("A decision taken back"),
    "case.migrated": _("Moved to another version"),
}


@dataclass(frozen=True)
class LoopRow:
    journey: str
    step: str
    reason: str
    count: int
    cost: str  # the mean time until it was done again


@dataclass(frozen=True)
class Page:
    automatic: str
    machine: int
    people: int
    kinds: list[tuple[Promise | str, int]]
    exceptions: list[tuple[str, str, int]]
    loops: list[LoopRow]


def page(language: str, now: datetime) -> Page:
    since, known = now - timedelta(weeks=WEEKS), {journey.name: journey for journey in journeys.newest()}
    share = interventions.share(since, now)
    automatic = share.automatic
    return Page(
        "–" if automatic is None else f"{automatic:.0%}",
        share.machine,
        share.people,
        [(KINDS[kind], count) for kind, count in interventions.counted(since, now).items()],
        [
            (_journey(known.get(name), name, language), _step(known.get(name), step, language), count)
            for name, step, count in interventions.exceptions(since, now)
        ],
        [_loop(row, known.get(row.journey), language) for row in interventions.loops(since, now)],
    )


def _loop(row: Loop, journey: Journey | None, language: str) -> LoopRow:
    own = journey.reasons.get(row.reason) if journey else None
    reason = journey.text(own, language) if journey and own else row.reason
    cost = receipts.length(timedelta(seconds=row.seconds))
    return LoopRow(
        _journey(journey, row.journey, language),
        _step(journey, row.step.partition("@")[0], language),
        reason,
        row.count,
        cost,
    )


def _journey(journey: Journey | None, name: str, language: str) -> str:
    return maps.name(journey.title, name, language) if journey else name


def _step(journey: Journey | None, key: str, language: str) -> str:
    step = journey.steps.get(key) if journey else None
    return (journey.text(step.title, language) if journey and step else "") or key
