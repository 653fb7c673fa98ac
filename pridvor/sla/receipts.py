"""The deadline receipt: why something is due when it is, in sentences that are written once and kept.

Two readers, two languages. What was promised stays as it was said, whatever becomes of the calendar or the policy.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.sla import calendars
from pridvor.sla.models import Clock
from pridvor.ui import dates

LANGUAGES = ("en", "ro")
READERS = ("staff", "client")


def write(clock: Clock) -> dict[str, Any]:
    """The receipt of a clock as it stands: its due moment, what led to it, and the sentences."""
    kept: dict[str, Any] = {
        "due_at": clock.due_at.isoformat() if clock.due_at else "",
        "days_off": [[day.on.isoformat(), dict(day.names)] for day in _off(clock)],
        "stops": dict(clock.stops),
        "calendar": str(clock.revision),
    }
    for language in LANGUAGES:
        with translation.override(language), timezone.override(ZoneInfo(clock.revision.zone)):
            kept[language] = {reader: _sentence(clock, language, reader) for reader in READERS}
    return kept


def length(span: timedelta) -> str:
    """Working time as people say it: `3 h 10 min`."""
    minutes = int(span.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


# -- how


def _sentence(clock: Clock, language: str, reader: str) -> str:
    why = ", ".join(
        [
            _promised(clock),
            _("%(name)s calendar") % {"name": _(clock.revision.calendar.name)},
            *_days_off(clock, language),
            *_stood(clock, reader),
        ]
    )
    if clock.due_at is None:
        left = length(timedelta(seconds=max(0, clock.budget_seconds - clock.used_seconds)))
        return _("The clock stands; %(left)s are left of %(why)s.") % {"left": left, "why": why}
    return _("Due %(when)s, because: %(why)s.") % {
        "when": _moment(clock.due_at, clock.started_at),
        "why": why,
    }


def _promised(clock: Clock) -> str:
    if clock.budget_days:
        return ngettext("%(n)d working day", "%(n)d working days", clock.budget_days) % {
            "n": clock.budget_days
        }
    hours, rest = divmod(clock.budget_seconds, 3600)
    if rest:
        return _("%(length)s of working time") % {"length": length(clock.budget)}
    return ngettext("%(n)d working hour", "%(n)d working hours", hours) % {"n": hours}


def _moment(moment: datetime, since: datetime) -> str:
    return dates.said(moment, "long", today=timezone.localtime(since).date())


def _off(clock: Clock) -> list[calendars.DayOff]:
    until = clock.due_at or clock.stopped_since or clock.started_at
    return calendars.explain(clock.hours, clock.started_at, until)


def _days_off(clock: Clock, language: str) -> list[str]:
    return [
        _("%(day)s off (%(name)s)")
        % {"day": dates.said(day.on, "short", today=day.on), "name": day.names[language]}
        if day.names.get(language)
        else _("%(day)s off") % {"day": dates.said(day.on, "short", today=day.on)}
        for day in _off(clock)
    ]


def _stood(clock: Clock, reader: str) -> list[str]:
    said = {
        "client": _("paused %(time)s for your reply")
        if reader == "client"
        else _("paused %(time)s for the client's reply"),
        "us": _("%(time)s in which it was our turn do not count"),
        "third party": _("paused %(time)s for an outside system"),
        "paused": _("on hold for %(time)s"),
    }
    return [
        said[what] % {"time": length(timedelta(seconds=seconds))}
        for what, seconds in clock.stops.items()
        if seconds >= 60
    ]
