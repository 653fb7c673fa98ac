"""Dates, durations and sizes as people say them, in the reader's language and time zone."""

from datetime import UTC, date, datetime, timedelta

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

# (with a time, without): Babel's own long forms sound like a form letter in both languages.
PATTERNS = {
    "ro": {"long": ("EEEE, d MMMM, HH:mm", "EEEE, d MMMM"), "short": ("d MMM, HH:mm", "d MMM")},
    "en": {"long": ("EEEE d MMMM, HH:mm", "EEEE d MMMM"), "short": ("d MMM, HH:mm", "d MMM")},
}
SIZES = ("B", "kB", "MB", "GB", "TB")


def locale() -> Locale:
    """The reader's locale; English is British, with the day before the month."""
    code = (get_language() or "en").replace("-", "_")
    return Locale.parse("en_GB" if code == "en" else code)


def said(moment: date, style: str = "long", *, today: date | None = None) -> str:
    """The moment as said aloud; the year only when it is not this one. `style`: long, short, day, time, year."""
    local = (
        timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment
    )
    spoken = locale()
    if style == "time":
        return format_datetime(_plain(local), "HH:mm", locale=spoken)
    forms = PATTERNS.get(spoken.language, PATTERNS["en"])
    with_time, without = forms["short" if style == "short" else "long"]
    pattern = with_time if isinstance(local, datetime) and style != "day" else without
    if style == "year" or local.year != (today or timezone.localdate()).year:
        pattern = (
            pattern.replace("MMMM", "MMMM y").replace("MMM,", "MMM y,")
            if "MMMM" in pattern
            else pattern.replace("MMM", "MMM y")
        )
    if isinstance(local, datetime):
        return format_datetime(_plain(local), pattern, locale=spoken)
    return format_date(local, pattern, locale=spoken)


def ago(moment: datetime | timedelta, *, now: datetime | None = None) -> str:
    """How long ago, or in how long: "3 hours ago", "in 2 days"."""
    return format_timedelta(_distance(moment, now), add_direction=True, locale=locale(), threshold=0.95)


def since(moment: datetime | timedelta, *, now: datetime | None = None) -> str:
    """The length alone: "3 hours"."""
    return format_timedelta(abs(_distance(moment, now)), locale=locale(), threshold=0.95)


def filesize(count: int) -> str:
    """Bytes as a person reads them: "2.4 MB"."""
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(SIZES) - 1:
        size, unit = size / 1000, unit + 1
    return f"{format_decimal(size, format='#,##0.#' if unit and size < 100 else '#,##0', locale=locale())} {SIZES[unit]}"


def _distance(moment: datetime | timedelta, now: datetime | None) -> timedelta:
    return moment if isinstance(moment, timedelta) else moment - (now or datetime.now(UTC))


def _plain(moment: date) -> datetime:
    """Already in the reader's zone, so Babel must not move it again."""
    return (
        moment.replace(tzinfo=None)
        if isinstance(moment, datetime)
        else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 a day has no zone
    )
