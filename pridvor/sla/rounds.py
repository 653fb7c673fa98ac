"""Timers of steps and of stages that repeat: reminders, what follows them, waits, and the ticks of rounds."""

from calendar import monthrange
from datetime import datetime, timedelta

from django.db.models import QuerySet

from pridvor.cases.models import Attempt, Case, Event
from pridvor.journeys.model import Step
from pridvor.sla import calendars
from pridvor.sla.calendars import WorkingTime
from pridvor.sla.models import Timer

OF_STEPS = ("remind", "then", "wait", "within")  # these stand still while the case is paused
MONTHS = {"month": 1, "quarter": 3, "year": 12}
LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def arm_step(case: Case, event: Event, hours: WorkingTime) -> None:
    """This will set the timers of a step that was opened."""
    key, number, at = str(event.data["step"]), int(event.data["number"]), calendars.whole(event.at)
    step = case.journey.steps.get(key.partition("@")[0])
    if step is None:
        return
    timers = [("remind", count, delay) for count, delay in enumerate(step.remind, 1)]
    timers += [("then", 0, _after_reminders(step))] if step.then and step.remind else []
    timers += [("wait", 0, step.span)] if step.span else []
    timers += [("within", 0, _within(step, at, hours))] if step.within else []
    Timer.objects.bulk_create(
        (
            Timer(case=case, kind=kind, name=key, number=number, count=count, fire_at=at + delay)
            for kind, count, delay in timers
        ),
        ignore_conflicts=True,
    )


def hold_steps(case: Case, at: datetime) -> None:
    """This will stop the timers of steps while the case is paused."""
    for timer in _of_steps(case).filter(fire_at__isnull=False):
        assert timer.fire_at is not None
        left = max(0, int((timer.fire_at - at).total_seconds()))
        Timer.objects.filter(pk=timer.pk).update(fire_at=None, left_seconds=left)


def release_steps(case: Case, at: datetime) -> None:
    """This will let them go on with what they had left."""
    for timer in _of_steps(case).filter(left_seconds__isnull=False):
        left = timedelta(seconds=timer.left_seconds or 0)
        Timer.objects.filter(pk=timer.pk).update(fire_at=at + left, left_seconds=None)


def carry_over(case: Case) -> None:
    """This will give the timers of an attempt to the one that took its place when a decision was taken back."""
    for key, number in Attempt.objects.filter(case=case, status="open").values_list("key", "number"):
        timers = _of_steps(case).filter(name=key)
        if not timers.filter(number=number).exists():
            last = timers.filter(number__lt=number).order_by("-number").first()
            if last:
                timers.filter(number=last.number).update(number=number)


def arm_tick(case: Case, stage: str, at: datetime, hours: WorkingTime) -> None:
    """This will set the next tick of a stage that repeats, unless one is set."""
    if not Timer.objects.filter(case=case, kind="tick", name=stage, fired_at=None).exists():
        anchor = _first_start(case, stage) or at
        every, count = case.journey.stages[stage].every, 1
        while nth(anchor, every, count, hours) <= at:
            count += 1
        Timer.objects.get_or_create(
            case=case,
            kind="tick",
            name=stage,
            count=count,
            defaults={"fire_at": nth(anchor, every, count, hours)},
        )


def nth(anchor: datetime, every: str, count: int, hours: WorkingTime) -> datetime:
    """The moment of the `count`th round after the first, on the wall of the calendar's zone.

    Months count from the first start, so that 31 January is followed by 28 February and then by 31 March.
    """
    if every == "hour":
        return anchor + count * LENGTHS["hour"]
    local = hours.local(anchor)
    wall = local.replace(tzinfo=None)
    if every in LENGTHS:
        return (wall + count * LENGTHS[every]).replace(tzinfo=local.tzinfo)
    months = wall.year * 12 + wall.month - 1 + count * MONTHS[every]
    year, month = months // 12, months % 12 + 1
    day = min(wall.day, monthrange(year, month)[1])
    return wall.replace(year=year, month=month, day=day, tzinfo=local.tzinfo)


# -- how


def _within(step: Step, at: datetime, hours: WorkingTime) -> timedelta:
    """How long the step may stay open: a time by the clock, or so many days of work."""
    if step.within_days:
        return calendars.add(hours, at, step.within_days * hours.ordinary_day) - at
    return step.within or timedelta()


def _after_reminders(step: Step) -> timedelta:
    """When reminding has not helped: as long after the last reminder as that came after the one before."""
    before = step.remind[-2] if len(step.remind) > 1 else timedelta()
    return step.remind[-1] + (step.remind[-1] - before)


def _of_steps(case: Case) -> QuerySet[Timer]:
    return Timer.objects.filter(case=case, kind__in=OF_STEPS, fired_at=None)


def _first_start(case: Case, stage: str) -> datetime | None:
    first = Event.objects.filter(case=case, kind="stage.opened", data__stage=stage).order_by("id").first()
    return calendars.whole(first.at) if first else None
