"""The library of words that staff send with decisions: kept per language, counted when used, retired and never lost."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from pridvor.lib.actor import Actor
from pridvor.notifications.models import ReasonText


def write(title: str, words: Mapping[str, str], *, actor: Actor, now: datetime) -> ReasonText:
    """This will add a text to the library."""
    return ReasonText.objects.create(title=title, words=dict(words), by=str(actor), at=now)


@transaction.atomic
def rewrite(text: ReasonText, title: str, words: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    """This will change a text from now on; what was sent with it stays as it was sent."""
    row = ReasonText.objects.select_for_update().get(pk=text.pk)
    row.title, row.words, row.by, row.at = title, dict(words), str(actor), now
    row.save(update_fields=["title", "words", "by", "at"])


def retire(text: ReasonText, *, actor: Actor, now: datetime) -> None:
    """This will offer a text no more."""
    ReasonText.objects.filter(pk=text.pk, retired_at=None).update(retired_at=now, by=str(actor))


def note_use(texts: Iterable[UUID]) -> None:
    """This will count one use of each of these."""
    ReasonText.objects.filter(public_id__in=list(texts)).update(used=F("used") + 1)


def offered() -> list[ReasonText]:
    """The texts that staff may choose, the most used first."""
    return list(ReasonText.objects.filter(retired_at=None).order_by("-used", "title", "pk"))


def one(public_id: UUID) -> ReasonText | None:
    return ReasonText.objects.filter(public_id=public_id, retired_at=None).first()
