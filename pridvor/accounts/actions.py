"""What may be done with staff. Each change of what somebody may do is a row of the staff's ledger.

Codes of CannotChange: `oneself` (nobody changes their own rights), `no-such-region`, `last-administrator`, `awaited`
(somebody who was invited comes in by their link alone).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from pridvor.accounts import queries, sessions
from pridvor.accounts.models import Absence, Region, RegionEvent, Role, Staff, StaffEvent
from pridvor.lib.actor import Actor


class CannotChange(Exception):
    """The change is not made; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def set_role(
    staff: Staff, role: Role, regions: Iterable[str], *, lead: bool, actor: Actor, now: datetime
) -> None:
    """This will give somebody a role and regions (none: every region). Raises CannotChange. No change, no event."""
    wanted = check_regions(regions)
    if role != Role.ADMINISTRATOR:
        _must_leave_an_administrator(staff)
    _change(staff, "staff.role", {"role": role.value, "regions": wanted, "is_lead": lead}, actor, now)


@transaction.atomic
def disable(staff: Staff, *, actor: Actor, now: datetime) -> None:
    """This will cut somebody off, at their next request, and end their sessions. Raises CannotChange.

    Their work moves to others by itself (cases.work.sweep).
    """
    _must_leave_an_administrator(staff)
    _change(staff, "staff.disabled", {"is_active": False}, actor, now)
    sessions.end_others(staff)


@transaction.atomic
def enable(staff: Staff, *, actor: Actor, now: datetime) -> None:
    """This will let somebody in again, with the role that they had. Raises CannotChange."""
    if queries.is_awaited(staff):
        raise CannotChange("awaited")
    _change(staff, "staff.enabled", {"is_active": True}, actor, now)


@transaction.atomic
def note_absence(
    staff: Staff,
    *,
    from_at: datetime,
    until_at: datetime | None,
    reason: str,
    substitute: Staff | None = None,
    actor: Actor,
    now: datetime,
) -> Absence:
    """This will note that somebody is away. Their work moves when the absence begins (cases.work.sweep)."""
    return Absence.objects.create(
        staff=staff,
        from_at=from_at,
        until_at=until_at,
        reason=Absence.Reason(reason),
        substitute=substitute,
        by=str(actor),
        noted_at=now,
    )


@transaction.atomic
def end_absence(absence: Absence, *, actor: Actor, now: datetime) -> None:
    """This will end an absence early; one that has not begun is taken back."""
    if now <= absence.from_at:
        absence.delete()
    elif absence.until_at is None or absence.until_at > now:
        Absence.objects.filter(pk=absence.pk).update(until_at=now, by=str(actor), noted_at=now)


@transaction.atomic
def draw_region(
    code: str, names: Mapping[str, str], covers: Iterable[str], *, actor: Actor, now: datetime
) -> Region:
    """This will add a region, or give it other names and places. Cases keep the region in which they were opened.

    `covers`: `RO` a whole country, `RO:brasov` one county. Raises CannotChange `place-taken`: two regions would
    cover the same place.
    """
    wanted = sorted(set(covers))
    if Region.objects.exclude(pk=code).filter(covers__overlap=wanted).exists():
        raise CannotChange("place-taken")
    before = Region.objects.select_for_update().filter(pk=code).first()
    after = {"name": dict(names), "covers": wanted}
    was = {"name": before.name, "covers": before.covers} if before else {}
    region = Region(code=code, **after)
    if was == after:
        return region
    region.save()
    RegionEvent.objects.create(region=code, at=now, by=str(actor), data={"before": was, "after": after})
    return region


def check_regions(codes: Iterable[str]) -> list[str]:
    """The codes in order, each once. Raises CannotChange."""
    wanted = sorted(set(codes))
    if Region.objects.filter(code__in=wanted).count() != len(wanted):
        raise CannotChange("no-such-region")
    return wanted


# -- how


def _change(staff: Staff, kind: str, wanted: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Write what differs, and one row of the ledger that says what it was before."""
    if actor == staff.actor or actor.id == str(staff.public_id):
        raise CannotChange("oneself")
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    before = {name: getattr(locked, name) for name in wanted}
    if before == wanted:
        return
    for name, value in wanted.items():
        setattr(staff, name, value)
    staff.save(update_fields=list(wanted))
    data = {"before": before, "after": dict(wanted)}
    StaffEvent.objects.create(staff=staff, at=now, kind=kind, by=str(actor), data=data)


def _must_leave_an_administrator(staff: Staff) -> None:
    """Somebody must be left who can undo this; administrators are locked, so that two cannot remove each other at once."""
    active = Staff.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    if {one.pk for one in active.order_by("pk")} == {staff.pk}:
        raise CannotChange("last-administrator")
