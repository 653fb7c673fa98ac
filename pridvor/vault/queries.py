"""Reads that open no value."""

from uuid import UUID

from pridvor.vault.models import Look, SubjectKey


def looks(subject: UUID) -> list[Look]:
    """The access ledger of one subject, newest first."""
    return list(Look.objects.filter(subject=subject).order_by("-at", "-id"))


def is_erased(subject: UUID) -> bool:
    return not SubjectKey.objects.filter(subject=subject, erased_at=None).exists()
