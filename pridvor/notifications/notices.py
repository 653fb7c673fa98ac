"""What staff are told: each thing once, and each person chooses how: at once by mail, gathered, or on the desk alone.

A digest takes the notices that no mail has carried yet and the mail that carries them in one transaction, so that each
is in exactly one; where nothing waits, nothing is sent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from pridvor.accounts.models import Staff
from pridvor.cases import work
from pridvor.cases.models import Case, Event
from pridvor.notifications import actions
from pridvor.notifications.models import How, Notice, NoticeChoice, NoticeKind

KINDS = {
    "work.assigned": NoticeKind.ASSIGNED,
    "note.mentioned": NoticeKind.MENTIONED,
    "sla.warned": NoticeKind.WARNING,
    "sla.behind": NoticeKind.WARNING,
    "sla.breached": NoticeKind.WARNING,
    "screening.found": NoticeKind.SCREENING,
    "screening.confirmed": NoticeKind.SCREENING,
}
AS_SHIPPED = {
    NoticeKind.ASSIGNED: How.DESK,
    NoticeKind.MENTIONED: How.NOW,
    NoticeKind.WARNING: How.NOW,
    NoticeKind.SCREENING: How.NOW,
}
DAILY_AT = 8  # o'clock, of the company's own time


@transaction.atomic
def notice(event: Event, *, now: datetime) -> None:
    """This will tell whom the event concerns, each once however often it runs; whoever did it needs no telling."""
    kind = KINDS[event.kind]
    for staff in _concerned(event):
        if str(staff.public_id) == event.actor_id:
            continue
        row, fresh = Notice.objects.get_or_create(
            staff=staff,
            event_id=event.pk,
            defaults={"kind": kind, "what": event.kind, "case": event.case, "at": now},
        )
        if fresh and not event.case.is_test and choices(staff)[kind] == How.NOW:
            _mail(staff, [row], cause=f"notice:{row.pk}", now=now)


def digest(*, now: datetime) -> int:
    """This will mail what has gathered: every hour to those who want that, at eight to the others. Returns the mails."""
    due = [How.HOURLY, *([How.DAILY] if timezone.localtime(now).hour == DAILY_AT else [])]
    unread = Notice.objects.filter(message=None, read_at=None, staff__is_active=True)
    waiting = unread.exclude(case__is_test=True)
    people = Staff.objects.filter(pk__in=waiting.values("staff")).order_by("pk")
    return sum(_gather(staff, due, now) for staff in people)


@transaction.atomic
def read(staff: Staff, notices: Iterable[UUID] | None = None, *, now: datetime) -> int:
    """This will mark one's own notices as read: these, or all."""
    rows = Notice.objects.filter(staff=staff, read_at=None)
    return (rows if notices is None else rows.filter(public_id__in=list(notices))).update(read_at=now)


def seen(staff: Staff, case: Case, *, now: datetime) -> None:
    """This will mark as read what somebody was told of a case, because they look at it."""
    Notice.objects.filter(staff=staff, case=case, read_at=None).update(read_at=now)


@transaction.atomic
def choose(staff: Staff, wanted: Mapping[str, str]) -> None:
    """This will keep how somebody wants to be told of each kind."""
    for kind, how in wanted.items():
        NoticeChoice.objects.update_or_create(staff=staff, kind=NoticeKind(kind), defaults={"how": How(how)})


# -- reads


def choices(staff: Staff) -> dict[str, str]:
    """How somebody wants to be told of each kind; as shipped, where they chose nothing."""
    chosen = dict(NoticeChoice.objects.filter(staff=staff).values_list("kind", "how"))
    return {kind: chosen.get(kind, how) for kind, how in AS_SHIPPED.items()}


def unread(staff: Staff) -> int:
    return Notice.objects.filter(staff=staff, read_at=None).count()


def inbox(staff: Staff, most: int = 100) -> list[Notice]:
    """The newest first, unread ones above."""
    rows = Notice.objects.filter(staff=staff).select_related("case__client")
    return sorted(rows.order_by("-id")[:most], key=lambda row: row.read_at is not None)


# -- how


def _concerned(event: Event) -> list[Staff]:
    """Who is named; everybody of a role that is named who sees the case; of a clock, its owner and the leads of its role."""
    active = Staff.objects.filter(is_active=True)
    if "roles" in event.data:
        region = event.case.region_id
        found_there = active.filter(role__in=event.data["roles"])
        return [one for one in found_there if not one.regions or region is None or region in one.regions]
    if "staff" in event.data:
        return list(active.filter(public_id=event.data["staff"]))
    found: dict[int, Staff] = {}
    for (_case, stage), owner in work.owners_of([event.case_id]).items():
        if event.data.get("stage") in ("", stage) and "owner" in event.data.get("tell", ()):
            found[owner.pk] = owner
    if "lead" in event.data.get("tell", ()):
        journey, stage = event.case.journey, str(event.data.get("stage", ""))
        roles = {journey.stages[stage].owner} if stage else {one.owner for one in journey.stages.values()}
        found |= {one.pk: one for one in active.filter(is_lead=True, role__in=roles)}
    return [one for one in found.values() if one.is_active]


@transaction.atomic
def _gather(staff: Staff, due: list[Any], now: datetime) -> int:
    wanted = [kind for kind, how in choices(staff).items() if how in due]
    rows = list(
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(staff=staff, kind__in=wanted, message=None, read_at=None)
        .exclude(case__is_test=True)
        .order_by("id")
    )
    if not rows:
        return 0
    _mail(staff, rows, cause=f"digest:{staff.pk}:{rows[-1].pk}", now=now)
    return 1


def _mail(staff: Staff, rows: list[Notice], *, cause: str, now: datetime) -> None:
    message = actions.owe_staff(staff, "notices", cause=cause, now=now)
    if message is not None:
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(message=message)
