"""Sealing anew under a ring's primary key what older versions sealed: in batches, while everything goes on.

A row is opened and sealed again in one transaction, locked meanwhile; a reader finds the old seal or the new one, and
both open. What was broken off is taken up again: how much is left is read off the rows themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, router, transaction
from django.db.models.expressions import Func

from pridvor.lib.aead import KEY_ID, KeyRing


@dataclass(frozen=True)
class Column:
    """A column of sealed values: on which ring, and what each belongs to."""

    model: type[models.Model]
    field: str
    ring: Callable[[], KeyRing]
    belongs_to: Callable[[Any], bytes]

    def left(self) -> int:
        """How many values older versions sealed."""
        return self._older().count()

    def move(self, batch: int) -> int:
        """This will seal a batch anew and return how many; 0: nothing is left that nobody else has in hand."""
        with transaction.atomic(using=router.db_for_write(self.model)):
            rows = list(self._older().select_for_update(skip_locked=True)[:batch])
            for row in rows:
                belongs = self.belongs_to(row)
                plain = self.ring().open(bytes(getattr(row, self.field)), belongs)
                setattr(row, self.field, self.ring().seal(plain, belongs))
            self.model._base_manager.bulk_update(rows, [self.field])
        return len(rows)

    def _older(self) -> models.QuerySet[Any]:
        primary = self.ring().primary.to_bytes(KEY_ID, "big")
        sealed = self.model._base_manager.filter(**{f"{self.field}__isnull": False})
        return sealed.annotate(sealed_by=_KeyOf(self.field)).exclude(sealed_by=primary).order_by("pk")


class _KeyOf(Func):
    """The key id in the head of a sealed value (see aead.py)."""

    template = f"substring(%(expressions)s from 2 for {KEY_ID})"
    output_field = models.BinaryField()
