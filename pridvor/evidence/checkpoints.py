"""A checkpoint a minute: the heads that went on since the last one, signed, and kept outside the database too.

Its cost follows what was added, not the number of cases. Each ledger is read from where the ledger stood at a
checkpoint whose moment no transaction remembers any more: what was under way then has been seen since, or never was.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Max, Q

from pridvor.connectors.models import Try
from pridvor.evidence import ledgers, seals
from pridvor.evidence.models import Checkpoint
from pridvor.lib import outside
from pridvor.lib.ledger import Linked

LIST = "checkpoints.jsonl"
MARGIN = 1000  # rows read again: a number is drawn from its sequence a moment before the row can be seen
RECENT = 20  # checkpoints that are looked through for how far was read, and for heads that are no news
SILENCE = timedelta(hours=1)  # when nothing happens, a checkpoint says so this often
LOCK = "select pg_advisory_xact_lock(hashtextextended('pridvor checkpoint', 0))"


def make(*, now: datetime, voids: int | None = None) -> Checkpoint | None:
    """This will write a checkpoint, inside and outside; None: nothing happened since the last one.

    `voids` says that a backup was restored: checkpoints later than that number count no more.
    """
    with transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute(LOCK)
        made = _write(now, voids)
    keep_outside()
    return made


def keep_outside() -> None:
    """This will add to the files outside whatever checkpoints they do not have yet."""
    for folder in settings.OUTSIDE:
        last = outside.last(folder, LIST)
        missing = Checkpoint.objects.filter(number__gt=last["number"] if last else 0).order_by("number")
        outside.append(folder, LIST, [json.dumps(row.line()) for row in missing.iterator()])


def latest() -> dict[str, Any] | None:
    """The line of the last checkpoint, wherever it is known."""
    row = Checkpoint.objects.order_by("-number").first()
    known = [outside.last(folder, LIST) for folder in settings.OUTSIDE]
    return max(
        filter(None, [row.line() if row else None, *known]),
        key=lambda line: int(line["number"]),
        default=None,
    )


# -- how


def _write(now: datetime, voids: int | None) -> Checkpoint | None:
    before = latest()
    heads, seen = _news()
    quiet = before is not None and datetime.fromisoformat(before["at"]) > now - SILENCE
    if not heads and quiet and voids is None:
        return None
    row = Checkpoint(
        number=before["number"] + 1 if before else 1,
        at=now,
        previous=before["digest"] if before else "",
        heads=heads,
        voids=voids,
        key=seals.primary(),
        seen=seen,
    )
    row.digest, row.signature = seals.digest(row.content()), seals.sign(row.content(), row.key)
    row.save(force_insert=True)
    return row


def _news() -> tuple[list[list[Any]], dict[str, Any]]:
    """The heads that went on, and how far this has read."""
    seen: dict[str, Any] = {alias: _snapshot(alias)[1] for alias in ("default", "vault")}
    heads: list[list[Any]] = []
    for name, model in ledgers.LEDGERS.items():
        since = max(0, _read_until(name, _alias(model)) - MARGIN)
        seen[name] = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        heads += [[name, *head] for head in _heads(model, since)]
    seen["open"] = list(Try._base_manager.filter(ended_at=None).order_by("pk").values_list("pk", flat=True))
    known = _known(heads)
    return [head for head in heads if known.get((head[0], head[1]), 0) < head[2]], seen


def _heads(model: type[Linked], since: int) -> list[list[Any]]:
    """The last place of each chain that has rows later than this one."""
    changed = Q(pk__gt=since)
    if model is Try:
        last = Checkpoint.objects.order_by("-number").first()
        changed |= Q(pk__in=last.seen["open"] if last else [])
    columns = ["position", "mac"], ["closing_position", "closing_mac"]
    best: dict[str, tuple[int, str]] = {}
    for position, mac in columns if model is Try else columns[:1]:
        rows = model._base_manager.filter(changed, **{f"{position}__isnull": False})
        for scope, place, link in rows.values_list(model.SCOPE, position, mac).iterator(ledgers.BATCH):
            best[str(scope)] = max(best.get(str(scope), (0, "")), (place, bytes(link).hex()))
    return [[scope, *place] for scope, place in sorted(best.items())]


def _known(heads: list[list[Any]]) -> dict[tuple[str, str], int]:
    """What recent checkpoints say of these chains already: rows that are read again are no news."""
    known: dict[tuple[str, str], int] = {}
    wanted = {(ledger, scope) for ledger, scope, *_rest in heads}
    for said in Checkpoint.objects.order_by("-number").values_list("heads", flat=True)[:RECENT]:
        for ledger, scope, position, _mac in said:
            if (ledger, scope) in wanted:
                known[ledger, scope] = max(known.get((ledger, scope), 0), position)
    return known


def _read_until(ledger: str, alias: str) -> int:
    """How far the ledger had been read at the newest checkpoint that no transaction is older than."""
    oldest, _ = _snapshot(alias)
    for seen in Checkpoint.objects.order_by("-number").values_list("seen", flat=True)[:RECENT]:
        if seen.get(alias, oldest + 1) <= oldest:
            return int(seen.get(ledger, 0))
    return 0


def _snapshot(alias: str) -> tuple[int, int]:
    """The oldest transaction that is still under way, and the first that has not begun."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint from pg_current_snapshot() s"
        )
        oldest, next_one = cursor.fetchone()
    return oldest, next_one


def _alias(model: type[Linked]) -> str:
    return "vault" if model._meta.app_label == "vault" else "default"
