"""The watch over the access ledger: what is unusual becomes an incident, one for each person, kind and day.

It looks at two days each time and adds to what it has found, so it may run as often as it likes.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.utils import timezone

from pridvor.accounts.models import Role, Staff
from pridvor.cases.models import Assignment, Case, CaseState
from pridvor.lib.actor import machine
from pridvor.privacy import incidents
from pridvor.privacy.incidents import Touched
from pridvor.privacy.models import Incident
from pridvor.vault import queries as vault
from pridvor.vault.models import Look

ME = machine("watch")
BACK = timedelta(days=2)
HOUR = timedelta(hours=1)
MASS = 60  # clients that nobody needs within an hour
MASS_FOR_THEM = 20  # clients within an hour, when that is also …
HABIT = 3  # … so many times this person's own usual busiest hour
HABIT_DAYS = 30
NIGHT_FROM, NIGHT_UNTIL = 22, 6  # o'clock, of the company's own time
NIGHT_COPIES = 3
FOREIGN_CASES = 5  # cases in a day that are not one's work
FRESH = timedelta(days=30)  # a case that ended is still somebody's work for so long
SEES_ALL = {Role.COMPLIANCE, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR, Role.SECURITY}

Found = tuple[list[Look], dict[str, Any]]  # the looks that are unusual, and what was counted


def watch(*, now: datetime) -> int:
    """This will open an incident for each unusual day of somebody, and return how many are new."""
    fresh, since = 0, timezone.localtime(now - BACK).replace(hour=0, minute=0, second=0, microsecond=0)
    for staff, looks in _by_staff(since, now):
        for kind, day_of, rule in RULES:
            for day, some in _by_day(looks, day_of):
                found = rule(staff, some, now) if day >= since.date() else None  # an earlier one is not whole
                if found:
                    fresh += _tell(staff, kind, day, found, now)
    return fresh


# -- what is unusual


def _mass(staff: Staff, looks: list[Look], now: datetime) -> Found | None:
    """More clients within an hour than anybody needs, or than this person is used to."""
    most, inside = _busiest(looks, MASS_FOR_THEM)
    if most <= MASS_FOR_THEM:
        return None
    usual = _habit(staff, before=looks[0].at)
    limit = min(MASS, max(MASS_FOR_THEM, round(HABIT * usual))) if usual else MASS
    if most <= limit:
        return None
    return inside, {"clients": most, "limit": limit, "usual": usual}


def _night(staff: Staff, looks: list[Look], now: datetime) -> Found | None:
    """Copies that were taken when nobody works."""
    taken = [look for look in looks if _is_night(look.at) and any(f.startswith("copy:") for f in look.fields)]
    if len(taken) < NIGHT_COPIES:
        return None
    return taken, {"copies": len(taken), "limit": NIGHT_COPIES}


def _foreign(staff: Staff, looks: list[Look], now: datetime) -> Found | None:
    """Cases that were never given to this person, and in which their role has nothing to do."""
    if staff.role in SEES_ALL:
        return None
    named = {look.case for look in looks if look.case}
    cases = Case.objects.filter(reference__in=named).select_related("journey_version")
    given = set(Assignment.objects.filter(staff=staff, case__in=cases).values_list("case", flat=True))
    foreign = {case.reference for case in cases if case.pk not in given and not _is_work(case, staff, now)}
    if len(foreign) < FOREIGN_CASES:
        return None
    return [look for look in looks if look.case in foreign], {"cases": len(foreign), "limit": FOREIGN_CASES}


# -- how


def _by_staff(since: datetime, now: datetime) -> Iterator[tuple[Staff, list[Look]]]:
    looks: dict[str, list[Look]] = defaultdict(list)
    for look in vault.looks_of_staff(since, now + timedelta(seconds=1)):
        looks[look.actor_id].append(look)
    for staff in Staff.objects.filter(public_id__in=list(looks)).order_by("pk"):
        yield staff, looks[str(staff.public_id)]


def _by_day(looks: Iterable[Look], day_of: Callable[[datetime], date]) -> Iterator[tuple[date, list[Look]]]:
    days: dict[date, list[Look]] = defaultdict(list)
    for look in looks:
        days[day_of(look.at)].append(look)
    yield from days.items()


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _night_of(at: datetime) -> date:
    """A night belongs to the day on which it began."""
    return (timezone.localtime(at) - timedelta(hours=NIGHT_UNTIL)).date()


def _is_night(at: datetime) -> bool:
    hour = timezone.localtime(at).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def _busiest(looks: list[Look], limit: int = 0) -> tuple[int, list[Look]]:
    """The most clients within any hour; and the looks of every hour that passes the limit."""
    window: deque[Look] = deque()
    count: dict[UUID | None, int] = defaultdict(int)
    most, inside = 0, {}
    for look in looks:
        window.append(look)
        count[look.subject] += 1
        while look.at - window[0].at >= HOUR:
            gone = window.popleft()
            count[gone.subject] -= 1
            if not count[gone.subject]:
                del count[gone.subject]
        most = max(most, len(count))
        if len(count) > limit:
            inside.update({each.pk: each for each in window})
    return most, list(inside.values())


def _habit(staff: Staff, *, before: datetime) -> float:
    """The median of the busiest hours of this person's days in the month before; 0 when there were none."""
    looks = vault.looks_of_staff(before - timedelta(days=HABIT_DAYS), before, str(staff.public_id))
    return float(median([_busiest(some)[0] for _date, some in _by_day(looks, _day)] or [0]))


def _is_work(case: Case, staff: Staff, now: datetime) -> bool:
    """Whether the case is of this person's regions, is or was of late under way, and has something for their role."""
    if staff.regions and case.region_id and case.region_id not in staff.regions:
        return False
    if case.state == CaseState.ENDED and (case.ended_at is None or case.ended_at < now - FRESH):
        return False
    journey = case.journey
    return staff.role in {stage.owner for stage in journey.stages.values()} | {
        step.by for step in journey.steps.values()
    }


def _tell(staff: Staff, kind: str, day: date, found: Found, now: datetime) -> int:
    looks, figures = found
    by_subject: dict[UUID, list[Look]] = defaultdict(list)
    for look in looks:
        if look.subject:
            by_subject[look.subject].append(look)
    _incident, is_new = incidents.find(
        kind,
        f"{kind}:{staff.public_id}:{day.isoformat()}",
        staff=staff,
        figures=figures,
        touched=[_touched(subject, some) for subject, some in by_subject.items()],
        actor=ME,
        now=now,
    )
    return int(is_new)


def _touched(subject: UUID, looks: list[Look]) -> Touched:
    return Touched(
        subject,
        tuple(sorted({field for look in looks for field in look.fields})),
        tuple(sorted({look.case for look in looks if look.case})),
        looks[0].at,
        looks[-1].at,
        len(looks),
    )


Rule = Callable[[Staff, list[Look], datetime], Found | None]
RULES: list[tuple[str, Callable[[datetime], date], Rule]] = [
    (Incident.Kind.MASS, _day, _mass),
    (Incident.Kind.NIGHT, _night_of, _night),
    (Incident.Kind.FOREIGN, _day, _foreign),
]
