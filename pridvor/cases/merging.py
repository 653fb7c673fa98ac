"""Making two clients one, and taking that back: every case of the one that goes moves, and says so in its ledger.

Codes of CannotMerge: `the-same`, `merged-already`; of taking back also `undone-already`, `merged-further`, `new-person`,
`data-changed`, `new-case`, `case-moved`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from pridvor.accounts.sight import whole
from pridvor.cases import store
from pridvor.cases.models import Case
from pridvor.clients import merging
from pridvor.clients.models import Client, Merge
from pridvor.lib.actor import Actor


class CannotMerge(Exception):
    """The two cannot be made one, or not be parted any more; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@whole()
@transaction.atomic
def merge(kept: Client, gone: Client, *, take: Iterable[str], actor: Actor, now: datetime) -> Merge:
    """This will make `gone` a part of `kept`: its cases, people, documents and numbers, and the data in `take`."""
    if kept.pk == gone.pk:
        raise CannotMerge("the-same")
    _lock_cases(kept, gone)
    kept, gone = merging.lock(kept, gone)
    if kept.merged_into_id or gone.merged_into_id:
        raise CannotMerge("merged-already")
    moved = sorted(Case.objects.filter(client=gone).values_list("pk", flat=True))
    own = sorted(Case.objects.filter(client=kept).values_list("pk", flat=True))
    Case.objects.filter(pk__in=moved).update(client=kept)
    row = merging.join(kept, gone, take=take, cases=moved, own=own, actor=actor, now=now)
    _record("client.merged", row, actor, now)
    return row


@whole()
@transaction.atomic
def undo(row: Merge, *, actor: Actor, now: datetime) -> None:
    """This will part two clients exactly as they were. Raises CannotMerge once something new stands under the merged one."""
    _lock_cases(row.kept, row.gone)
    row.kept, row.gone = merging.lock(row.kept, row.gone)
    code = obstacle(row)
    if code:
        raise CannotMerge(code)
    Case.objects.filter(pk__in=row.cases).update(client=row.gone)
    merging.part(row, actor=actor, now=now)
    _record("client.parted", row, actor, now)


@whole()
def obstacle(row: Merge) -> str:
    """Why a merge cannot be taken back any more, as a code; nothing when it can."""
    code = merging.obstacle(Merge.objects.select_related("kept").get(pk=row.pk))
    if code:
        return code
    here = Case.objects.filter(client=row.kept)
    if here.filter(pk__in=row.cases).count() != len(row.cases):
        return "case-moved"
    known = {*row.found["cases"], *row.cases}
    return "new-case" if here.exclude(pk__in=known).exists() else ""


# -- how


def _lock_cases(*clients: Client) -> None:
    """The cases before what belongs to them, as every verb does."""
    list(Case.objects.select_for_update(no_key=True).filter(client__in=clients).order_by("pk").only("pk"))


def _record(kind: str, row: Merge, actor: Actor, now: datetime) -> None:
    said = {"kept": str(row.kept.public_id), "gone": str(row.gone.public_id), "name": row.gone.name}
    for case in row.cases:
        store.record(case, [(kind, said)], actor=actor, now=now)
