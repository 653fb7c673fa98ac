"""Files that show that an item of a list is done: received as every document is, frozen, and noted with the item."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from pridvor.cases import items
from pridvor.cases.models import Item
from pridvor.documents import actions as files
from pridvor.documents.models import File
from pridvor.lib.actor import Actor


@transaction.atomic
def fix(item: Item, taken: Sequence[File], note: str, *, actor: Actor, now: datetime) -> None:
    """This will freeze the files that arrived for an item and note it as fixed. Raises Refused `no-evidence`, `not-now`."""
    kept = [file for file in taken if file.state != File.State.REFUSED]
    if kept:
        files.send(item.case, [items.key(item)], actor=actor, now=now)
    items.fix(item, evidence=kept[0].public_id if kept else None, note=note, actor=actor, now=now)
