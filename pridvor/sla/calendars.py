"""Working time: how much of it lies between two moments, and the moment at which so much of it has passed. Pure.

Blocks are hours on the wall of the calendar's zone. On a day on which clocks change, a block has the length that really
passes (a day of 24 hours has 23 or 25); a wall time that is left out means the moment of the change, one that comes
twice means its first coming. Cost grows with days, never with minutes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

DAY = 24 * 60  # minutes
MOST_DAYS = 366 * 12  # no span is looked for beyond this
LANGUAGES = {"en": "en_US", "ro": "ro"}  # ours, as the holidays package calls them

Block = tuple[int, int]  # minutes of the day on the wall, from and until: 9:00 to 17:00 is (540, 1020)
Blocks = tuple[Block, ...]
Names = Mapping[str, str]  # of a day off, by language


class Impossible(ValueError):
    """Hours that cannot be. The message is a code: overlap, order, range."""


class Endless(ArithmeticError):
    """So much working time does not pass within twelve years: the calendar has too few hours."""


@dataclass(frozen=True)
class DayOff:
    """A day that would have been worked; `names` is empty where nobody said why."""

    on: date
    names: Names


@dataclass(frozen=True)
class WorkingTime:
    """Hours of each weekday from Monday on, the days off (by name), and days with hours of their own."""

    zone: str
    week: tuple[Blocks, ...]
    off: Mapping[date, Names] = field(default_factory=dict)
    special: Mapping[date, Blocks] = field(default_factory=dict)
    _days: dict[date, tuple[tuple[int, int], ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for blocks in (*self.week, *self.special.values()):
            check(blocks)

    def blocks(self, day: date) -> Blocks:
        """The hours of a day: its own, none on a day off, else those of its weekday."""
        if day in self.special:
            return self.special[day]
        return () if day in self.off else self.week[day.weekday()]

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)

    @cached_property
    def ordinary_day(self) -> timedelta:
        """How long a day of work is: the commonest length in the week, the longer of two as common."""
        lengths = Counter(sum(end - start for start, end in blocks) for blocks in self.week if blocks)
        minutes = max(lengths, key=lambda length: (lengths[length], length), default=0)
        return timedelta(minutes=minutes)

    def spans(self, day: date) -> tuple[tuple[int, int], ...]:
        """A day's blocks as seconds since 1970, from and until."""
        if day not in self._days:
            ends = ((self._second(day, start), self._second(day, end)) for start, end in self.blocks(day))
            self._days[day] = tuple((start, end) for start, end in ends if start < end)
        return self._days[day]

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _second(self, day: date, minute: int) -> int:
        wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        first, second = (wall.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset() or _exists(first):
            return int(first.timestamp())
        return self._change(int(second.timestamp()), int(first.timestamp()))

    def _change(self, before: int, after: int) -> int:
        """The second in this range at which the zone's clocks change."""
        old = datetime.fromtimestamp(before, self._zone).utcoffset()
        seconds = range(before, after + 1)
        return before + bisect_right(
            seconds, False, key=lambda second: datetime.fromtimestamp(second, self._zone).utcoffset() != old
        )


def check(blocks: Blocks) -> None:
    """Raises Impossible unless the blocks lie within one day, in order, and do not overlap."""
    for start, end in blocks:
        if not (0 <= start <= DAY and 0 <= end <= DAY):
            raise Impossible("range")
        if start >= end:
            raise Impossible("order")  # a block across midnight is two blocks, on two days
    if any(before[1] > after[0] for before, after in pairwise(blocks)):
        raise Impossible("overlap")


def worked(calendar: WorkingTime, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two moments, in whole seconds; nothing when `end` is not after `start`."""
    first, last = _second(start), _second(end)
    if last <= first:
        return timedelta()
    total = 0
    for day in _days(calendar, start, end):
        for begins, ends in calendar.spans(day):
            total += max(0, min(ends, last) - max(begins, first))
    return timedelta(seconds=total)


def add(calendar: WorkingTime, start: datetime, span: timedelta) -> datetime:
    """The first moment at which so much working time has passed since `start`. Raises Endless."""
    left, first = int(span.total_seconds()), _second(start)
    if left < 0:
        raise ValueError("working time is not taken back")
    if left == 0:
        return datetime.fromtimestamp(first, UTC)
    day = calendar.local(start).date()
    for _ in range(MOST_DAYS):
        for begins, ends in calendar.spans(day):
            begins = max(begins, first)
            if ends - begins >= left:
                return datetime.fromtimestamp(begins + left, UTC)
            left -= max(0, ends - begins)
        day += timedelta(days=1)
    raise Endless(f"{span} of working time does not pass within {MOST_DAYS} days")


def explain(calendar: WorkingTime, start: datetime, end: datetime) -> list[DayOff]:
    """The days off between two moments on which there would have been work, in order."""
    first, last = calendar.local(start).date(), calendar.local(end).date()
    return [
        DayOff(day, calendar.off[day])
        for day in sorted(calendar.off)
        if first <= day <= last and calendar.week[day.weekday()] and day not in calendar.special
    ]


def whole(moment: datetime) -> datetime:
    """The ledger counts whole seconds."""
    return moment.replace(microsecond=0)


def public_holidays(country: str, years: Iterable[int]) -> dict[date, dict[str, str]]:
    """The public holidays of a country by day, each named in our languages where the package can. Empty: no country."""
    found: dict[date, dict[str, str]] = {}
    for ours, theirs in LANGUAGES.items() if country else ():
        for day, name in holidays.country_holidays(country, years=list(years), language=theirs).items():
            found.setdefault(day, {})[ours] = name
    return dict(sorted(found.items()))


# -- how


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _exists(moment: datetime) -> bool:
    """Whether the clocks on the wall ever show it."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(
        tzinfo=None
    )


def _days(calendar: WorkingTime, start: datetime, end: datetime) -> Iterable[date]:
    day, last = calendar.local(start).date(), calendar.local(end).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
