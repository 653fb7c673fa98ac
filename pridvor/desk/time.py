"""The time of one case as its page shows it: each running promise with its receipt, and whose the time was."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from pridvor.cases.models import Case
from pridvor.sla import queries as sla
from pridvor.sla import receipts
from pridvor.sla.models import Clock, ClockKind
from pridvor.sla.queries import TimeLeft

NEAR = 0.2  # of its budget: so little left is pressing
PARTIES = ("us", "client", "third party", "closed")


def clocks(case: Case, language: str, now: datetime) -> list[dict[str, Any]]:
    """Clocks that have not ended, the promise of the whole case first, each with its words."""
    rows = sorted((row for row in sla.clocks(case) if row.ended_at is None), key=lambda row: row.stage != "")
    return [_clock(case, row, sla.left(row, now), language) for row in rows]


def shares(case: Case, now: datetime) -> Sequence[Mapping[str, Any]]:
    """Whose the time of the case was so far."""
    split = sla.split(case, now).get("", {})
    said = {
        "us": _("ours"),
        "client": _("the client's"),
        "third party": _("outside systems'"),
        "closed": _("closed hours"),
    }
    return [
        {"whose": said[party], "time": receipts.length(timedelta(seconds=split[party]))}
        for party in PARTIES
        if split.get(party)
    ]


def words(left: TimeLeft | None) -> str:
    """Working time that is left, or over; nothing where nothing is promised."""
    if left is None:
        return ""
    said = receipts.length(timedelta(seconds=abs(left.seconds)))
    if left.is_late:
        return _("%(time)s over") % {"time": said}
    return _("%(time)s, stopped") % {"time": said} if left.due_at is None else said


def kind(left: TimeLeft | None) -> str:
    """bad when it is over, wait when it is pressing."""
    if left is None:
        return ""
    if left.is_late:
        return "bad"
    return "wait" if left.due_at and left.seconds < NEAR * left.budget_seconds else ""


# -- how


def _clock(case: Case, row: Clock, left: TimeLeft, language: str) -> dict[str, Any]:
    return {
        "title": _title(case, row, language),
        "left": words(left),
        "kind": kind(left) or ("paused" if left.due_at is None else ""),
        "value": max(0, left.seconds),
        "max": left.budget_seconds,
        "why": sla.said(row).said(language),
    }


def _title(case: Case, row: Clock, language: str) -> str:
    if not row.stage:
        return _("The whole case")
    stage = case.journey.stages.get(row.stage)
    title = case.journey.text(stage.title, language) if stage else row.stage
    whose = {
        ClockKind.US: _("%(stage)s, our part"),
        ClockKind.CLIENT: _("%(stage)s, the client"),
        ClockKind.WHOLE: _("%(stage)s, in all"),
    }
    return whose[ClockKind(row.kind)] % {"stage": title}
