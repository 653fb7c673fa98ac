"""What of the vault follows its keys to their next version: the subjects' keys, and the digests of the blind index."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from pridvor.lib import aead
from pridvor.lib.actor import Actor
from pridvor.lib.keys import Keys
from pridvor.lib.resealing import Column
from pridvor.vault import actions, indexes
from pridvor.vault.models import BlindIndex, SubjectKey, Value

PURPOSE = "re-index"


def _keys() -> Keys:
    held: Keys = settings.KEYS
    return held


VALUES = Column(
    SubjectKey,
    "wrapped",
    lambda: _keys().ring("vault"),
    lambda row: aead.bound_to("subject-key", row.subject),
)
FILES = Column(
    SubjectKey,
    "wrapped_file",
    lambda: _keys().ring("files"),
    lambda row: aead.bound_to("subject-file-key", row.subject),
)


def to_index() -> int:
    """How many digests an older version of the key `index` made."""
    return _older().count()


def begin_index(*, actor: Actor, now: datetime) -> None:
    """This will log, in one line for all subjects, that a machine opens values to index them anew."""
    fields = sorted(indexes.WORDWISE | indexes.EXACT)
    actions.note_machine(fields, actor=actor, purpose=PURPOSE, now=now)


def index_again(batch: int) -> int:
    """This will make the digests of a batch of values anew, and return how many digests went. No value leaves here."""
    with transaction.atomic(using="vault"):
        chosen = list(_older().order_by("value_id").values_list("value_id", flat=True)[:batch])
        values = Value.objects.filter(pk__in=chosen).select_related("owner").select_for_update(of=("self",))
        for value in values:
            plain = actions.opened_by_machine(value)
            if plain is not None:
                indexes.write(value, plain)
    return len(chosen)


def _older() -> QuerySet[BlindIndex]:
    return BlindIndex.objects.exclude(key=_keys().versions("index").primary)
