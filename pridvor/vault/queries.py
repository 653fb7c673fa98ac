"""Reads that open no value."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pridvor.vault.models import Look, SubjectKey, Value


def looks(subject: UUID) -> list[Look]:
    """The access ledger of one subject, newest first."""
    return list(Look.objects.filter(subject=subject).order_by("-at", "-id"))


def is_erased(subject: UUID) -> bool:
    return not SubjectKey.objects.filter(subject=subject, erased_at=None).exists()


def alive(subjects: Iterable[UUID]) -> set[UUID]:
    """Of these subjects, the ones whose key has not been destroyed."""
    rows = SubjectKey.objects.filter(subject__in=list(subjects), erased_at=None)
    return set(rows.values_list("subject", flat=True))


def fields(subject: UUID) -> dict[UUID, str]:
    """Everything that is kept of a subject: the name of each value by its id. None is opened."""
    return dict(Value.objects.filter(owner_id=subject).values_list("id", "field"))


def looks_of_staff(since: datetime, until: datetime, actor: str = "") -> list[Look]:
    """What members of staff (or one of them) looked at within a time, oldest first; searches without a hit left out."""
    rows = Look.objects.filter(actor_kind="staff", at__gte=since, at__lt=until, subject__isnull=False)
    return list((rows.filter(actor_id=actor) if actor else rows).order_by("at", "id"))
