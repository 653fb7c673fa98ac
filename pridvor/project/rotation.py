"""The command `rotate-keys`: a new version of each key, and everything that older ones sealed moved to it, online."""

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from pridvor.api import repeating
from pridvor.cases import linking
from pridvor.company import systems
from pridvor.connectors import knocking, sandbox_store, webhooks
from pridvor.evidence import keys as seal
from pridvor.lib import clock
from pridvor.lib.actor import machine
from pridvor.lib.keys import Keys, ReadOnly
from pridvor.lib.resealing import Column
from pridvor.notifications import mailbox
from pridvor.project.keys import BYTES
from pridvor.vault import rotating

OPERATOR = machine("command-line")
BATCH = 200
WIDTH = 30  # characters of the progress bar


@dataclass(frozen=True)
class Work:
    """Something that follows a key to its primary version."""

    left: Callable[[], int]
    move: Callable[[int], int]
    begin: Callable[[], None] = lambda: None


def _of(column: Column) -> Work:
    return Work(column.left, column.move)


def _begin_index() -> None:
    rotating.begin_index(actor=OPERATOR, now=clock.now())


WORK = {
    "vault": [_of(rotating.VALUES)],
    "files": [
        _of(rotating.FILES),
        _of(mailbox.SEALED),
        _of(sandbox_store.SEALED),
        _of(systems.SEALED),
        *map(_of, webhooks.SEALED),
        _of(knocking.SEALED),
        _of(repeating.SEALED),
        _of(linking.SEALED),
    ],
    "index": [Work(rotating.to_index, rotating.index_again, _begin_index)],
    "seal": [],  # links stay as they are: older versions go on to verify them
}


def command(given: argparse.Namespace) -> int:
    """Rotate, take up a rotation that was broken off, or with --retire forget versions that nothing uses."""
    names = [given.only] if given.only else list(WORK)
    act = retire if given.retire else rotate
    try:
        done = [
            act(name, progress=_bar if sys.stderr.isatty() and not given.json else _silent) for name in names
        ]
    except ReadOnly as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for row in done:
        print(json.dumps(row) if given.json else "  ".join(f"{name}: {said}" for name, said in row.items()))
    return 0


def rotate(name: str, *, progress: Callable[[str, int, int], None] | None = None) -> dict[str, Any]:
    """This will make a new primary version and move to it whatever older ones sealed.

    If something is left of a rotation that was broken off, that one is finished, and no version is added.
    """
    keys: Keys = settings.KEYS
    resumed = any(work.left() for work in WORK[name])
    if not resumed:
        keys.add(name, secrets.token_bytes(BYTES))
    moved = sum(_move(name, work, progress or _silent) for work in WORK[name])
    return {"key": name, "version": keys.versions(name).primary, "moved": moved, "resumed": resumed}


def retire(name: str, *, progress: Callable[[str, int, int], None] | None = None) -> dict[str, Any]:
    """This will forget the older versions that nothing is sealed with any more."""
    keys: Keys = settings.KEYS
    versions = keys.versions(name)
    older = set(versions.by_number) - {versions.primary}
    needed = seal.in_use() if name == "seal" else older if any(work.left() for work in WORK[name]) else set()
    gone = older - needed
    if gone:
        keys.retire(name, gone)
    return {"key": name, "retired": sorted(gone), "kept": sorted(keys.versions(name).by_number)}


# -- how


def _move(name: str, work: Work, progress: Callable[[str, int, int], None]) -> int:
    total = work.left()
    if not total:
        return 0
    work.begin()
    moved = 0
    while batch := work.move(BATCH):
        moved += batch
        progress(name, moved, max(total, moved))
    return moved


def _silent(name: str, moved: int, total: int) -> None:
    """Nothing is drawn."""


def _bar(name: str, moved: int, total: int) -> None:
    filled = WIDTH * moved // total
    end = "\n" if moved == total else ""
    print(f"\r{name:<6} [{'#' * filled:<{WIDTH}}] {moved}/{total}", end=end, file=sys.stderr, flush=True)
