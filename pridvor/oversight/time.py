"""Promises and whose the time was: each stage of the newest version of each journey, over the last twelve weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.journeys import queries as journeys
from pridvor.sla import queries as sla
from pridvor.sla.models import ClockKind, Party
from pridvor.sla.queries import Compliance

WEEKS = 12
GOAL = 0.95  # of the clocks in time
PARTIES = (Party.US, Party.CLIENT, Party.THIRD, Party.CLOSED)


@dataclass(frozen=True)
class Line:
    """One stage: what was done in time, and in percent whose its time was."""

    title: str
    in_time: str
    kind: str  # good | bad | "": nothing ended
    shares: tuple[str, ...]


@dataclass(frozen=True)
class Journey:
    title: str
    promise: str
    lines: list[Line]


def page(language: str, now: datetime) -> list[Journey]:
    """Each journey with its stages in order."""
    since = now - timedelta(weeks=WEEKS)
    stages = {(row.journey, row.stage): row for row in sla.compliance(since, now)}
    promises = {row.journey: row for row in sla.compliance(since, now, kind=ClockKind.PROMISE)}
    split = sla.split_of_stages(since, now)
    return [
        Journey(
            journey.text(journey.title, language),
            _kept(promises.get(journey.name)),
            [
                _line(journey.text(stage.title, language), stages.get(at), split.get(at, {}))
                for stage in journey.stages.values()
                for at in [(journey.name, stage.key)]
            ],
        )
        for journey in journeys.newest()
    ]


# -- how


def _kept(row: Compliance | None) -> str:
    if row is None:
        return ""
    whole = row.met + row.breached
    said = ngettext("%(met)d of %(n)d promise was kept.", "%(met)d of %(n)d promises were kept.", whole)
    return said % {"met": row.met, "n": whole}


def _line(title: str, row: Compliance | None, split: dict[str, int]) -> Line:
    total = sum(split.values())
    shares = tuple(f"{100 * split[party] / total:.0f} %" if total else "–" for party in PARTIES)
    if row is None:
        return Line(title, "–", "", shares)
    said = _("%(met)d of %(n)d") % {"met": row.met, "n": row.met + row.breached}
    return Line(title, said, "good" if row.share >= GOAL else "bad", shares)
