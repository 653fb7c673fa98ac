"""Which versions of the key `seal` are still needed: a link can be followed only with the key that made it."""

from django.db.models import BinaryField, F
from django.db.models.expressions import Func

from pridvor.connectors.models import Try
from pridvor.evidence import ledgers
from pridvor.evidence.models import Checkpoint


def in_use() -> set[int]:
    """The versions that links or checkpoints were made with."""
    used = set(Checkpoint.objects.values_list("key", flat=True).distinct())
    for model in ledgers.LEDGERS.values():
        for column in ("mac", "closing_mac") if model is Try else ("mac",):
            firsts = model._base_manager.annotate(version=_First(F(column))).values_list("version").distinct()
            used |= {bytes(first)[0] for (first,) in firsts if first}
    return used


class _First(Func):
    template = "substring(%(expressions)s from 1 for 1)"
    output_field = BinaryField()
