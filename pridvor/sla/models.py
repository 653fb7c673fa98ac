"""Calendars with immutable revisions, clocks that hold a budget, the ledger of every second of a case, and timers."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Q

from pridvor.cases.models import Case
from pridvor.cases.seen import Seen
from pridvor.lib import chain
from pridvor.lib.ledger import Linked
from pridvor.sla.calendars import Blocks, WorkingTime


class Party(models.TextChoices):
    US = "us"
    CLIENT = "client"
    THIRD = "third party"
    CLOSED = "closed"  # it was our turn, outside our working hours


class Calendar(models.Model):
    """Working hours of one region; what they are stands in its latest revision."""

    name = models.CharField(max_length=60, unique=True)
    countries = models.JSONField(default=list)  # clients from there are served by it
    is_default = models.BooleanField(default=False)  # serves everybody else

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_calendar"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def latest(self) -> "CalendarRevision":
        return self.revisions.order_by("-number")[0]


class CalendarRevision(models.Model):
    """What a calendar said from some moment on. Never changed: a clock keeps its revision for ever."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    zone = models.CharField(max_length=60)
    week = models.JSONField()  # seven lists of [from, until] in minutes of the day, Monday first
    country = models.CharField(max_length=2, blank=True)  # whose public holidays; empty: nobody's
    holidays = models.JSONField(default=dict)  # what they were when this was written: day → name by language
    extra_off = models.JSONField(default=dict)  # further days off: day → name by language
    special = models.JSONField(default=dict)  # days with hours of their own: day → blocks
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="one_revision_each"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.number}"


class ClockKind(models.TextChoices):
    US = "us"  # runs while it is our turn
    CLIENT = "client"  # runs while only the client can act
    WHOLE = "whole"  # runs whoever acts
    PROMISE = "promise"  # of the whole case; runs whoever acts


class ClockState(models.TextChoices):
    RUNNING = "running"  # → stopped, met, breached
    STOPPED = "stopped"  # → running, met; for good when the case ended otherwise
    MET = "met"
    BREACHED = "breached"  # the budget was used up; overtime may still be counted


class Clock(models.Model):
    """A budget of working time, and how much of it is used: never a fixed moment. `due_at` follows from it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    stage = models.CharField(max_length=60, blank=True)  # empty: the promise
    visit = models.IntegerField(default=1)
    kind = models.CharField(max_length=8, choices=ClockKind.choices)
    revision = models.ForeignKey(CalendarRevision, on_delete=models.PROTECT)
    promised = models.CharField(max_length=40)  # the budget as the journey says it: `8h`, `3 working days`
    budget_days = models.IntegerField(default=0)  # if it was said in days
    budget_seconds = models.IntegerField()
    used_seconds = models.IntegerField(default=0)  # up to `running_since`, or all when it stands
    state = models.CharField(max_length=8, choices=ClockState.choices)
    started_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True)
    stopped_since = models.DateTimeField(null=True)
    stopped_for = models.CharField(max_length=12, blank=True)  # client | third party | paused
    stops = models.JSONField(default=dict)  # working seconds it stood, by what for
    due_at = models.DateTimeField(null=True)  # while it runs: when the budget is used up
    ended_at = models.DateTimeField(null=True)
    receipt = models.JSONField(default=dict)  # why it is due when it is, in each language

    objects = Seen["Clock"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "stage", "visit", "kind"], name="one_clock_each"),
            models.CheckConstraint(
                name="running_is_due",
                condition=~Q(state="running") | Q(running_since__isnull=False, due_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["case"], condition=Q(ended_at=None), name="open_clocks")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stage} {self.visit}".strip()

    @property
    def budget(self) -> timedelta:
        return timedelta(seconds=self.budget_seconds)

    @property
    def hours(self) -> WorkingTime:
        return working_time(self.revision_id)


class Ledger(models.Model):
    """How far the events of a case have been booked, and how things stood there."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    revision = models.ForeignKey(CalendarRevision, on_delete=models.PROTECT)
    last_event = models.BigIntegerField(default=0)
    at = models.DateTimeField()  # everything before this moment is booked
    parties = models.JSONField(
        default=dict
    )  # whose minute it is: of the case (""), and of each stage at work
    paused = models.BooleanField(default=False)
    over = models.BooleanField(default=False)

    objects = Seen["Ledger"]()


class Span(Linked):
    """One booking: so many seconds between two moments belong to this party. Only ever added.

    Every second of a case is booked once for the case (stage ""), and once for each stage it was at work in. Our own
    turn makes two bookings of one stretch: the seconds we worked, and those outside working hours.
    """

    LEDGER, SCOPE = "sla.span", "case_id"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="spans")
    stage = models.CharField(max_length=60, blank=True)
    party = models.CharField(max_length=12, choices=Party.choices)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    seconds = models.IntegerField()

    objects = Seen["Span"]()

    class Meta:
        indexes = [models.Index(fields=["case", "stage"]), models.Index(fields=["to_at"])]
        constraints = [
            models.UniqueConstraint(fields=["case", "stage", "party", "from_at"], name="booked_once"),
            models.CheckConstraint(name="span_has_a_length", condition=Q(seconds__gt=0)),
            models.UniqueConstraint(fields=["case", "position"], name="spans_in_a_chain"),
        ]

    def said(self) -> list[Any]:
        stretch = [chain.moment(self.from_at), chain.moment(self.to_at), self.seconds]
        return [self.stage, str(self.party), *stretch]


class Timer(models.Model):
    """Something that happens at a moment unless it is disarmed before. Fires once, whatever number of workers looks."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=10)  # a rung of a clock's ladder, or remind, then, wait, within, tick
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, null=True, related_name="timers")
    name = models.CharField(max_length=120, blank=True)  # the step or stage it is about
    number = models.IntegerField(default=0)  # of the attempt or visit
    count = models.IntegerField(default=0)  # which of several
    fire_at = models.DateTimeField(null=True)  # null: disarmed
    left_seconds = models.IntegerField(null=True)  # of a disarmed one: how long after the pause
    fired_at = models.DateTimeField(null=True)

    objects = Seen["Timer"]()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "clock", "name", "number", "count"],
                name="one_timer_each",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["fire_at"], condition=Q(fired_at=None, fire_at__isnull=False), name="armed_timers"
            ),
            models.Index(fields=["case"], condition=Q(fired_at=None), name="timers_of_a_case"),
        ]


@lru_cache(maxsize=200)
def working_time(revision_id: int) -> WorkingTime:
    """A revision as the pure calendar. Kept: a revision never changes."""
    return _pure(CalendarRevision.objects.get(pk=revision_id))


def unsaved(rules: Mapping[str, Any]) -> WorkingTime:
    """What a revision with these rules would be."""
    return _pure(CalendarRevision(**rules))


def _pure(row: CalendarRevision) -> WorkingTime:
    off = {date.fromisoformat(day): names for day, names in {**row.holidays, **row.extra_off}.items()}
    special = {date.fromisoformat(day): _blocks(blocks) for day, blocks in row.special.items()}
    return WorkingTime(row.zone, tuple(_blocks(blocks) for blocks in row.week), off, special)


def _blocks(stored: Sequence[Sequence[int]]) -> Blocks:
    return tuple((start, end) for start, end in stored)
