"""Where the demo's ERP stand-in keeps what it receives: a table, sealed like all that may hold personal values."""

import json
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from pridvor.connectors.models import SandboxRecord
from pridvor.connectors.stand_ins.store import Record, Taken
from pridvor.lib import aead
from pridvor.lib.keys import Keys
from pridvor.lib.resealing import Column

BELONGS = aead.bound_to("sandbox", "erp")


def _ring() -> aead.KeyRing:
    held: Keys = settings.KEYS
    return held.ring("files", "sandbox")


SEALED = Column(SandboxRecord, "sealed", _ring, lambda row: BELONGS)


class DatabaseStore:
    """A sandbox.Store over SandboxRecord."""

    def all(self, model: str) -> list[Record]:
        rows = SandboxRecord.objects.filter(model=model).order_by("pk")
        return [opened(row) for row in rows]

    def add(self, model: str, record: Record) -> int:
        row = SandboxRecord(model=model, code=record.get("code") or None, sealed=_seal(record))
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Taken from None
        return row.pk

    def change(self, model: str, id: int, record: Record) -> None:
        SandboxRecord.objects.filter(model=model, pk=id).update(sealed=_seal(record))


def opened(row: SandboxRecord) -> Record:
    record: dict[str, Any] = json.loads(_ring().open(bytes(row.sealed), BELONGS))
    return record | {"id": row.pk}


def _seal(record: Record) -> bytes:
    return _ring().seal(json.dumps(record).encode(), BELONGS)
