"""The first page in words: each headline figure with the sentence that says what it means."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.insights import queries as insights
from pridvor.insights.queries import Week

ERROR_GOAL = 2.0  # percent of documents
TIME_GOAL = 72.0  # hours
Points = list[tuple[str, float]]


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    unit: str
    sentence: str
    kind: str  # good | wait | bad | "": is the goal met?


@dataclass(frozen=True)
class FirstPage:
    headline: str
    lede: str
    figures: list[Figure]
    stages: Points
    hours: Points
    errors: Points
    nps: Points


def first_page(language: str, now: datetime) -> FirstPage:
    stages, ends = insights.open_by_stage(language), insights.ends(now)
    hours, errors, nps = insights.activation_hours(now), insights.document_errors(now), insights.nps(now)
    typical, wrong = insights.median_hours(now), insights.overall(errors)
    fullest = max(stages, key=lambda stage: stage.cases, default=None)
    lede = (
        _("Most of them stand in “%(stage)s”: %(count)d.") % {"stage": fullest.title, "count": fullest.cases}
        if fullest and fullest.cases
        else ""
    )
    return FirstPage(
        headline=ngettext("%d partner is on the way", "%d partners are on the way", ends.open) % ends.open,
        lede=lede,
        figures=[
            _activated(ends),
            _time(typical),
            _errors(wrong, sum(week.count for week in errors)),
            _nps(nps),
        ],
        stages=[(stage.title, stage.cases) for stage in stages],
        hours=_points(hours, language),
        errors=_points(errors, language),
        nps=[
            (_("Promoters (9–10)"), nps.promoters),
            (_("Passives (7–8)"), nps.passives),
            (_("Detractors (0–6)"), nps.detractors),
        ],
    )


def _activated(ends: insights.Ends) -> Figure:
    other = ngettext("%d ended otherwise.", "%d ended otherwise.", ends.others) % ends.others
    return Figure(_("Activated"), str(ends.activated), "", _("In the last twelve weeks.") + " " + other, "")


def _time(hours: float | None) -> Figure:
    label = _("Time to active")
    if hours is None:
        return Figure(label, "–", "", _("Nobody has been activated yet."), "")
    value, unit = (f"{hours:.0f}", _("hours")) if hours >= 1 else (f"{hours * 60:.0f}", _("minutes"))
    sentence = _("Half of them were faster. The promise is three days.")
    return Figure(label, value, unit, sentence, "good" if hours <= TIME_GOAL else "bad")


def _errors(share: float | None, count: int) -> Figure:
    label = _("Wrong documents")
    if share is None:
        return Figure(label, "–", "", _("No document has been sent yet."), "")
    sentence = (
        ngettext(
            "Of %d document sent. The goal is under 2 %%.",
            "Of %d documents sent. The goal is under 2 %%.",
            count,
        )
        % count
    )
    return Figure(label, f"{share:.0f}", "%", sentence, "good" if share < ERROR_GOAL else "wait")


def _nps(nps: insights.Nps) -> Figure:
    if nps.score is None:
        return Figure("NPS", "–", "", _("Nobody has answered yet."), "")
    said = (
        ngettext(
            "%d answer, on a scale from −100 to 100.", "%d answers, on a scale from −100 to 100.", nps.answers
        )
        % nps.answers
    )
    return Figure("NPS", f"{nps.score:+d}".replace("-", "−"), "", said, "good" if nps.score > 0 else "wait")


def _points(weeks: list[Week], language: str) -> Points:
    """Weeks in which nothing was measured are left out: an empty week is not a zero."""
    return [(_day(week, language), round(week.value, 1)) for week in weeks if week.value is not None]


def _day(week: Week, language: str) -> str:
    return format_date(week.starts_on, "d MMM", locale=language)


def context(language: str, now: datetime) -> dict[str, Any]:
    return {"page": first_page(language, now), "section": "oversight", "now": now}
