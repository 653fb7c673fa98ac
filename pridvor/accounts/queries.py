"""Reads of staff: who is here, and who stands in for whom."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from pridvor.accounts.models import Absence, Invitation, Staff, StaffEvent


def absences(now: datetime) -> QuerySet[Absence]:
    """Those that last at this moment."""
    return Absence.objects.filter(Q(until_at=None) | Q(until_at__gt=now), from_at__lte=now)


def present(now: datetime) -> QuerySet[Staff]:
    """Active staff who are not away at this moment."""
    away = absences(now).filter(staff=OuterRef("pk"))
    return Staff.objects.filter(~Exists(away), is_active=True)


def is_present(staff: Staff, now: datetime) -> bool:
    return present(now).filter(pk=staff.pk).exists()


def substitute(staff: Staff, now: datetime) -> Staff | None:
    """Who stands in for somebody who is away, if that person is here; nobody stands in for one who is here."""
    rows = absences(now).filter(staff=staff, substitute__in=present(now)).select_related("substitute")
    row = rows.order_by("-from_at").first()
    return row.substitute if row else None


def awaited() -> QuerySet[Staff]:
    """Who was invited and has never come."""
    came = StaffEvent.objects.filter(staff=OuterRef("pk"), kind="staff.came")
    asked = Invitation.objects.filter(staff=OuterRef("pk"))
    return Staff.objects.filter(Exists(asked), ~Exists(came), is_active=False)


def is_awaited(staff: Staff) -> bool:
    return awaited().filter(pk=staff.pk).exists()


def names() -> dict[str, str]:
    """The name of each member of staff, those who left too, by the id that ledgers keep."""
    return {str(public_id): name for public_id, name in Staff.objects.values_list("public_id", "name")}


def active() -> list[Staff]:
    """Those who can sign in, by name."""
    return list(Staff.objects.filter(is_active=True).order_by("name"))
