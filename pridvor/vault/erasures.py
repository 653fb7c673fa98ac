"""The list of those who were erased, kept outside the database: a restored backup brings keys back, this takes them again.

One line for each erasure, `{"subject": …, "at": …}`, only ever added and on the disk before the key is destroyed. It
holds ids that mean nothing without the vault, and is copied beside every backup.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Erasure:
    """Whose key was destroyed, and when."""

    subject: UUID
    at: datetime


def path() -> Path:
    """Where the list of this installation lies."""
    return Path(settings.DATA) / NAME


def note(subject: UUID, at: datetime) -> None:
    """This will add a line and wait until the disk has it. A subject noted twice is nothing new."""
    line = json.dumps({"subject": str(subject), "at": at.isoformat()}) + "\n"
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, _after_a_torn_line(descriptor) + line.encode())  # one write: lines never mix
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(source: Path | None = None) -> list[Erasure]:
    """Everybody on the list, each once with the first time, in order. A line that a power cut tore is left out."""
    found: dict[UUID, Erasure] = {}
    for erasure in _lines(source or path()):
        found.setdefault(erasure.subject, erasure)
    return list(found.values())


# -- how


def _after_a_torn_line(descriptor: int) -> bytes:
    """What must stand before the next line, so that one cut short by a crash does not swallow it."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def _lines(source: Path) -> Iterator[Erasure]:
    if not source.exists():
        return
    for line in source.read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
            yield Erasure(UUID(said["subject"]), datetime.fromisoformat(said["at"]))
        except (ValueError, KeyError, TypeError):
            continue
