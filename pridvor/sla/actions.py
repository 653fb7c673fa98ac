"""What may be done with calendars. Editing one writes a new revision; clocks that run keep theirs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from pridvor.lib.actor import Actor, machine
from pridvor.sla import calendars
from pridvor.sla.calendars import Blocks, Names
from pridvor.sla.models import Calendar, CalendarRevision

ME = machine("calendars")
DEFAULT = gettext_noop("Bucharest")  # names pass through the catalogue where they are shown
OFFICE = ((9 * 60, 17 * 60),)
YEARS_AHEAD = 6  # for how long public holidays are written into a revision
RULES = ("zone", "week", "country", "holidays", "extra_off", "special")
Rules = Mapping[str, object]


@transaction.atomic
def make(
    name: str,
    *,
    countries: Sequence[str] = (),
    is_default: bool = False,
    rules: Rules,
    actor: Actor,
    now: datetime,
) -> Calendar:
    """This will add a calendar for clients of these countries, with its first revision."""
    calendar = Calendar.objects.create(name=name, countries=sorted(countries), is_default=is_default)
    CalendarRevision.objects.create(calendar=calendar, number=1, made_at=now, made_by=str(actor), **rules)
    return calendar


@transaction.atomic
def name(calendar: Calendar, new: str, countries: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """This will give a calendar another name, and other countries whose clients it serves."""
    Calendar.objects.filter(pk=calendar.pk).update(name=new, countries=sorted(countries))


@transaction.atomic
def revise(calendar: Calendar, rules: Rules, *, actor: Actor, now: datetime) -> CalendarRevision:
    """This will write a new revision, which clocks that start from now on take; without a change, none."""
    Calendar.objects.select_for_update().get(pk=calendar.pk)
    latest = calendar.latest
    if all(getattr(latest, name) == value for name, value in rules.items()):
        return latest
    said = {name: getattr(latest, name) for name in RULES} | dict(rules)
    return CalendarRevision.objects.create(
        calendar=calendar, number=latest.number + 1, made_at=now, made_by=str(actor), **said
    )


def rules(
    *,
    zone: str,
    week: Sequence[Blocks],
    country: str,
    now: datetime,
    extra_off: Mapping[date, Names] | None = None,
    special: Mapping[date, Blocks] | None = None,
) -> dict[str, object]:
    """What a revision says, ready to be stored. Raises calendars.Impossible for hours that cannot be."""
    for blocks in (*week, *(special or {}).values()):
        calendars.check(blocks)
    return {
        "zone": zone,
        "week": [[list(block) for block in blocks] for blocks in week],
        "country": country,
        "holidays": _holidays(country, now),
        "extra_off": {day.isoformat(): dict(names) for day, names in (extra_off or {}).items()},
        "special": {
            day.isoformat(): [list(block) for block in blocks] for day, blocks in (special or {}).items()
        },
    }


def default(*, now: datetime) -> Calendar:
    """The calendar that serves whoever no other serves; made when it is first wanted: Bucharest, Mon to Fri, 9 to 17."""
    found = Calendar.objects.filter(is_default=True).first()
    if found is None:
        said = rules(zone="Europe/Bucharest", week=[OFFICE] * 5 + [()] * 2, country="RO", now=now)
        found = make(DEFAULT, countries=["RO"], is_default=True, rules=said, actor=ME, now=now)
    return found


def for_client(country: str, *, now: datetime) -> CalendarRevision:
    """The hours by which we serve clients of a country."""
    mine = Calendar.objects.filter(countries__contains=[country]).order_by("pk").first()
    return (mine or default(now=now)).latest


def renew_holidays(*, now: datetime) -> int:
    """This will write a new revision of each calendar whose country's public holidays have changed or run out."""
    changed = 0
    for calendar in Calendar.objects.order_by("pk"):
        before = calendar.latest
        after = revise(calendar, {"holidays": _holidays(before.country, now)}, actor=ME, now=now)
        changed += after.pk != before.pk
    return changed


# -- how


def _holidays(country: str, now: datetime) -> dict[str, dict[str, str]]:
    years = range(now.year - 1, now.year + YEARS_AHEAD + 1)
    return {day.isoformat(): names for day, names in calendars.public_holidays(country, years).items()}
