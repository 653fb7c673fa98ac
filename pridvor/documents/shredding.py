"""Files of people whose data is erased: bytes and names are destroyed, that there was a file stays in the history."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.clients.models import Person
from pridvor.documents.models import Document, File, Part
from pridvor.documents.storage import store
from pridvor.lib.actor import Actor


def kept(person: Person) -> list[File]:
    """Files of this person's cases that are still there."""
    rows = File.objects.filter(document__case__person=person).exclude(state=File.State.REMOVED)
    return list(rows.select_related("document__case").order_by("id"))


def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will destroy every file of the person's cases, and return how many there were."""
    return destroy(kept(person), actor=actor, now=now)


@transaction.atomic
def destroy(files: Iterable[File], *, actor: Actor, now: datetime) -> int:
    """This will destroy these files, whatever the state of their document, and return how many there were."""
    count = 0
    for file in files:
        gone = File.objects.filter(pk=file.pk).exclude(state=File.State.REMOVED)
        if not gone.update(state=File.State.REMOVED, sealed_name=b"", lease="", lease_until=None):
            continue
        count += 1
        Part.objects.filter(file=file).delete()
        data = {
            "item": file.document.item,
            "number": file.document.number,
            "file": str(file.public_id),
            "erased": True,
        }
        cases.record(file.document.case, "document.removed", actor=actor, now=now, data=data)
        transaction.on_commit(lambda prefix=file.prefix: store().delete(prefix))  # type: ignore[misc]
    return count


def expire_withdrawn(age: timedelta, *, actor: Actor, now: datetime, limit: int = 500) -> int:
    """This will destroy files of documents that were taken back, in cases that rest for this long. Returns how many."""
    old = File.objects.filter(
        document__state=Document.State.WITHDRAWN, document__case__touched_at__lt=now - age
    ).exclude(state=File.State.REMOVED)
    found = list(old.select_related("document__case").order_by("id")[:limit])
    return destroy(found, actor=actor, now=now)
