"""The pages of calendars: which there are, one with its hours, and what its next days will be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from pridvor.oversight import forms
from pridvor.sla import queries as sla
from pridvor.sla.calendars import WorkingTime
from pridvor.sla.models import Calendar
from pridvor.ui import dates


@dataclass(frozen=True)
class Day:
    """One of the coming days."""

    title: str
    hours: str
    note: str
    kind: str  # of its tag: wait for a day off, info for one with hours of its own


def rows(now: datetime) -> list[dict[str, Any]]:
    return [_row(calendar, now) for calendar in sla.all_calendars()]


def coming(hours: WorkingTime, now: datetime) -> list[Day]:
    """The next thirty days."""
    return [_day(row) for row in sla.coming_days(hours, now)]


# -- how


def _row(calendar: Calendar, now: datetime) -> dict[str, Any]:
    latest = calendar.latest
    served = ", ".join(calendar.countries) or _("no country of its own")
    changes = ngettext("%(n)d version", "%(n)d versions", latest.number) % {"n": latest.number}
    return {
        "url": reverse("oversight:calendar", args=[calendar.pk]),
        "title": _(calendar.name),
        "note": f"{served} · {latest.zone} · {changes}",
        "aside": dates.said(latest.made_at, "short"),
        "tag": _("serves everybody else") if calendar.is_default else "",
        "tag_kind": "info",
    }


def _day(row: dict[str, Any]) -> Day:
    names = row["names"]
    off = names is not None and not row["special"]
    note = (names.get(get_language() or "en") or _("day off")) if off else ""
    if row["special"]:
        note = _("hours of its own")
    hours = forms.written(row["blocks"]) or "–"
    return Day(dates.said(row["on"], "long"), hours, note, "wait" if off else "info" if note else "")
