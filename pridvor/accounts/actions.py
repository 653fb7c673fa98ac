"""What may be done with staff."""

from datetime import datetime

from django.db import transaction

from pridvor.accounts.models import Absence, Staff
from pridvor.lib.actor import Actor


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
