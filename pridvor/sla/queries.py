"""Reads of clocks and of the ledger: what is due and why, how much is left, and whose the time was."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from pridvor.accounts.sight import without_tests
from pridvor.cases.models import Case
from pridvor.sla import books, calendars
from pridvor.sla.models import Calendar, Clock, ClockKind, ClockState, Ledger, Party, Span, working_time

JOURNEY = "case__journey_version__name"


@dataclass(frozen=True)
class Receipt:
    """When something is due and why, in the words that were frozen when it was promised."""

    due_at: datetime | None  # None: the clock stands
    state: str
    sentences: Mapping[str, Mapping[str, str]]  # by language, then by reader: staff, client

    def said(self, language: str, reader: str = "staff") -> str:
        return self.sentences.get(language, self.sentences.get("en", {})).get(reader, "")


@dataclass(frozen=True)
class TimeLeft:
    """Of a budget: working seconds left (below nothing: overdue by so many), and when they are used up."""

    due_at: datetime | None
    seconds: int
    budget_seconds: int
    state: str

    @property
    def is_late(self) -> bool:
        return self.state == ClockState.BREACHED or self.seconds < 0


@dataclass(frozen=True)
class Booking:
    """A line of the ledger; the last one of an open case runs until now."""

    stage: str
    party: str
    from_at: datetime
    to_at: datetime
    seconds: int


@dataclass(frozen=True)
class Compliance:
    """Of the clocks of a stage that ended in a period: how many in time."""

    journey: str
    stage: str
    met: int
    breached: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.met / (self.met + self.breached)


def receipt(case: Case, stage: str = "") -> Receipt | None:
    """Why a stage (or the promise of the whole case) is due when it is; None where nothing is promised."""
    kinds = (ClockKind.US, ClockKind.WHOLE) if stage else (ClockKind.PROMISE,)
    clock = _latest(case, stage, kinds)
    return said(clock) if clock else None


def clients_receipt(case: Case) -> Receipt | None:
    """Until when the client should do their part, and why; None while it is not their turn."""
    running = Clock.objects.filter(
        case=case, kind=ClockKind.CLIENT, ended_at=None, running_since__isnull=False
    )
    clock = running.order_by("due_at").first()
    return said(clock) if clock else None


def due(case: Case, stage: str = "") -> datetime | None:
    """When a stage's work (or the case as a whole) is due; None while its clock stands, and where nothing is promised."""
    found = receipt(case, stage)
    return found.due_at if found else None


def time_left(case_ids: Iterable[int], now: datetime) -> dict[tuple[int, str], TimeLeft]:
    """What is left of our budget in each stage at work, by case and stage: one query for a whole queue."""
    rows = (
        _open(case_ids)
        .filter(kind__in=(ClockKind.US, ClockKind.WHOLE))
        .order_by(F("due_at").desc(nulls_first=True))
    )
    return {(row.case_id, row.stage): left(row, now) for row in rows}


def promises(case_ids: Iterable[int], now: datetime) -> dict[int, TimeLeft]:
    """What is left of the promise of each case."""
    rows = _open(case_ids).filter(kind=ClockKind.PROMISE)
    return {row.case_id: left(row, now) for row in rows}


def clocks(case: Case) -> list[Clock]:
    """All clocks of a case, in the order in which they were started."""
    return list(Clock.objects.filter(case=case).select_related("revision__calendar").order_by("pk"))


def ledger(case: Case, now: datetime) -> list[Booking]:
    """Every booking of a case, and what has passed since the last one."""
    rows = Span.objects.filter(case=case).order_by("from_at", "stage", "pk")
    booked = [Booking(row.stage, row.party, row.from_at, row.to_at, row.seconds) for row in rows]
    return [*booked, *_running(case, now)]


def split(case: Case, now: datetime) -> dict[str, dict[str, int]]:
    """Whose the seconds of a case were, by stage ("": the whole case) and party."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Party.values, 0))
    for row in ledger(case, now):
        found[row.stage][row.party] += row.seconds
    return dict(found)


@without_tests()
def split_of_stages(since: datetime, until: datetime) -> dict[tuple[str, str], dict[str, int]]:
    """Whose the seconds booked in a period were, over all cases: by journey and stage, then by party."""
    rows = Span.objects.filter(to_at__gt=since, to_at__lte=until).exclude(stage="")
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(Party.values, 0))
    summed = rows.values_list(JOURNEY, "stage", "party").annotate(n=Sum("seconds"))
    for journey, stage, party, seconds in summed:
        found[journey, stage][party] = seconds
    return dict(found)


@without_tests()
def compliance(since: datetime, until: datetime, *, kind: str = ClockKind.US) -> list[Compliance]:
    """How many of the clocks that ended in a period did so in time, by journey and stage (of promises: stage "")."""
    rows = Clock.objects.filter(
        kind=kind, ended_at__gt=since, ended_at__lte=until, state__in=(ClockState.MET, ClockState.BREACHED)
    )
    counted = rows.values(JOURNEY, "stage").annotate(
        met=Count("pk", filter=Q(state=ClockState.MET)),
        breached=Count("pk", filter=Q(state=ClockState.BREACHED)),
    )
    return [
        Compliance(row[JOURNEY], row["stage"], row["met"], row["breached"])
        for row in counted.order_by(JOURNEY, "stage")
    ]


def overdue(*, kind: str = ClockKind.US) -> QuerySet[Clock]:
    """Clocks over their budget in cases that are open."""
    return Clock.objects.filter(kind=kind, state=ClockState.BREACHED, ended_at=None, case__state="open")


def all_calendars() -> list[Calendar]:
    return list(Calendar.objects.order_by("-is_default", "name"))


def coming_days(hours: calendars.WorkingTime, now: datetime, days: int = 30) -> list[dict[str, Any]]:
    """The next days of a calendar: the hours of each, and why it is off."""
    first = hours.local(now).date()
    return [_day(hours, first + timedelta(days=n)) for n in range(days)]


def said(clock: Clock) -> Receipt:
    """The receipt of one clock."""
    return Receipt(clock.due_at, clock.state, clock.receipt)


def left(clock: Clock, now: datetime) -> TimeLeft:
    """What is left of one clock."""
    used = clock.used_seconds
    if clock.running_since is not None:
        used += int(calendars.worked(clock.hours, clock.running_since, now).total_seconds())
    return TimeLeft(clock.due_at, clock.budget_seconds - used, clock.budget_seconds, clock.state)


# -- how


def _day(hours: calendars.WorkingTime, day: date) -> dict[str, Any]:
    return {
        "on": day,
        "blocks": hours.blocks(day),
        "names": hours.off.get(day),
        "special": day in hours.special,
    }


def _open(case_ids: Iterable[int]) -> QuerySet[Clock]:
    return Clock.objects.filter(case__in=list(case_ids), ended_at=None)


def _latest(case: Case, stage: str, kinds: Iterable[str]) -> Clock | None:
    return Clock.objects.filter(case=case, stage=stage, kind__in=list(kinds)).order_by("visit", "pk").last()


def _running(case: Case, now: datetime) -> list[Booking]:
    """What has passed since the last booking, as it would be booked now."""
    kept = Ledger.objects.filter(case=case).first()
    if kept is None:
        return []
    until, hours = calendars.whole(now), working_time(kept.revision_id)
    return [
        Booking(scope, party, kept.at, until, seconds)
        for scope, whose in sorted(kept.parties.items())
        if until > kept.at
        for party, seconds in books.bookings(hours, whose, kept.at, until)
    ]
