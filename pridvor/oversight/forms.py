"""What a manager fills in: the hours of a calendar, written as people write them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

import holidays
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pridvor.sla import actions as calendars
from pridvor.sla.calendars import Blocks, Impossible, check
from pridvor.sla.models import Calendar, CalendarRevision
from pridvor.ui import values

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LABELS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
BLOCK = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})")


class HoursField(forms.CharField):
    """Blocks of one day: `9:00-13:00, 14:00-18:00`; empty: not worked."""

    def clean(self, value: Any) -> Any:
        return blocks(super().clean(value))


class DaysField(forms.CharField):
    """A day on each line, `2026-12-24` and something after it."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        return dict(_day(line) for line in lines)


class CalendarForm(forms.Form):
    """A calendar with its hours. The fields of weekdays stand together as `week`."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    countries = forms.CharField(
        label=gettext_lazy("Clients from these countries"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Two-letter codes with spaces between them, for example RO MD BG."),
    )
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)
    extra_off = DaysField(
        label=gettext_lazy("Further days off"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("One on each line, with its reason: 2026-12-24 Christmas Eve"),
    )
    special = DaysField(
        label=gettext_lazy("Days with hours of their own"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("One on each line, with its hours: 2026-12-19 9:00-13:00"),
    )

    def __init__(self, *args: Any, calendar: Calendar | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar = calendar
        for name, label in zip(DAYS, LABELS, strict=True):
            self.fields[name] = HoursField(label=label, required=False, max_length=100)
        self.fields["zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("none")), *_countries()]  # type: ignore[attr-defined]

    @property
    def week(self) -> list[Any]:
        return [self[name] for name in DAYS]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        taken = Calendar.objects.filter(name__iexact=name)
        if self.calendar:
            taken = taken.exclude(pk=self.calendar.pk)
        if taken.exists():
            raise ValidationError(_("Another calendar has this name."))
        return name

    def clean_countries(self) -> list[str]:
        codes = re.findall(r"[A-Za-z]+", self.cleaned_data["countries"])
        wrong = [code for code in codes if len(code) != 2]
        if wrong:
            raise ValidationError(_("“%(code)s” is not a two-letter country code.") % {"code": wrong[0]})
        return sorted({code.upper() for code in codes})

    def clean_special(self) -> dict[date, Blocks]:
        return {day: blocks(rest) for day, rest in self.cleaned_data["special"].items()}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not any(found[name] for name in DAYS):
            raise ValidationError(_("Give at least one day hours: without any, nothing ever becomes due."))
        return found

    def rules(self, now: datetime) -> Mapping[str, object]:
        said = self.cleaned_data
        off = {day: {"en": text, "ro": text} if text else {} for day, text in said["extra_off"].items()}
        return calendars.rules(
            zone=said["zone"],
            week=[said[name] for name in DAYS],
            country=said["country"],
            now=now,
            extra_off=off,
            special=said["special"],
        )


def blocks(text: str) -> Blocks:
    """`9:00-13:00, 14:00-18:00` as minutes of the day. Raises ValidationError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [BLOCK.fullmatch(part) for part in parts]
    wrong = [part for part, match in zip(parts, found, strict=True) if match is None]
    if wrong:
        raise ValidationError(
            _("“%(text)s” is not a stretch of hours: write 9:00-17:00.") % {"text": wrong[0]}
        )
    read = tuple((_minute(match[1], match[2]), _minute(match[3], match[4])) for match in found if match)
    try:
        check(read)
    except Impossible as impossible:
        raise ValidationError(_why(str(impossible))) from None
    return read


def written(hours: Blocks) -> str:
    """Blocks as a person writes them."""
    return ", ".join(f"{_wall(start)}–{_wall(end)}" for start, end in hours)


def initial(calendar: Calendar, revision: CalendarRevision) -> dict[str, Any]:
    """A calendar as its form shows it."""
    language = "ro" if get_language() == "ro" else "en"
    week = {name: written(_pairs(day)) for name, day in zip(DAYS, revision.week, strict=True)}
    off = [f"{day} {names.get(language, '')}".strip() for day, names in revision.extra_off.items()]
    special = [f"{day} {written(_pairs(hours))}" for day, hours in revision.special.items()]
    return {
        "name": calendar.name,
        "countries": " ".join(calendar.countries),
        "zone": revision.zone,
        "country": revision.country,
        "extra_off": "\n".join(sorted(off)),
        "special": "\n".join(sorted(special)),
        **week,
    }


# -- how


def _why(code: str) -> str:
    return {
        "overlap": _("These stretches overlap, or are not in order."),
        "order": _("A stretch ends after it begins; one across midnight is two, on two days."),
        "range": _("A day has hours from 0:00 to 24:00."),
    }[code]


def _minute(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute)


def _wall(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _pairs(stored: list[list[int]]) -> Blocks:
    return tuple((start, end) for start, end in stored)


def _day(line: str) -> tuple[date, str]:
    first, _space, rest = line.partition(" ")
    try:
        return date.fromisoformat(first), rest.strip()
    except ValueError:
        raise ValidationError(
            _("“%(text)s” is not a day: write it as 2026-12-24.") % {"text": first}
        ) from None


def _countries() -> list[tuple[str, str]]:
    known = holidays.list_supported_countries(include_aliases=False)
    return [(code, name) for code, name in values.countries() if code in known]
