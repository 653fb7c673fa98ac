"""What was erased stays erased, also in a backup that is restored: a list outside the database says whose keys are gone.

It holds the ids of subjects and moments, nothing of theirs. The database is the truth; the list is brought up to it
after each erasure and again every minute, so that a crash in between loses nothing.
"""

import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from pridvor.lib import outside
from pridvor.vault.models import BlindIndex, SubjectKey

LIST = "erasures.jsonl"


def destroy_keys(subject: UUID, *, now: datetime) -> bool:
    """This will destroy the subject's keys and look-up digests; False when they were gone already."""
    BlindIndex.objects.filter(value__owner_id=subject).delete()
    standing = SubjectKey.objects.filter(subject=subject, erased_at=None)
    return standing.update(wrapped=None, wrapped_file=None, erased_at=now) > 0


def keep_list() -> None:
    """This will add to the list outside whatever erasure it does not know yet."""
    erased = dict(SubjectKey.objects.exclude(erased_at=None).values_list("subject", "erased_at"))
    for folder in settings.OUTSIDE:
        known = {entry["subject"] for entry in outside.read(folder, LIST)}
        new = [
            json.dumps({"subject": str(subject), "at": at.isoformat()})
            for subject, at in erased.items()
            if at and str(subject) not in known
        ]
        outside.append(folder, LIST, new)


@transaction.atomic(using="vault")
def apply_list() -> list[UUID]:
    """This will erase again whoever stands on the list and has keys: what a restored backup brought back."""
    listed = {
        UUID(entry["subject"]): datetime.fromisoformat(entry["at"])
        for folder in settings.OUTSIDE
        for entry in outside.read(folder, LIST)
    }
    return [subject for subject, at in sorted(listed.items()) if destroy_keys(subject, now=at)]
