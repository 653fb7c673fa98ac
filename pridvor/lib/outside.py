"""Files of lines that only grow, outside the database: what must be known even of a database that was tampered with.

Each line is one JSON object and is on the disk before `append` returns. A folder may be a write-once mount.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BLOCK = 1 << 16  # bytes read from the end at first


def append(folder: Path, name: str, lines: Sequence[str]) -> None:
    """This will add lines; several processes may do so at once. Raises OSError when the folder cannot be written."""
    if not lines:
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        torn = file.seek(0, os.SEEK_END) > 0 and _last_byte(file.fileno(), file.tell()) != b"\n"
        file.write(("\n" * torn + "".join(f"{line}\n" for line in lines)).encode())
        os.fsync(file.fileno())


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Every whole line, in order; a line that a crash tore is left out."""
    path = folder / name
    found = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def last(folder: Path, name: str) -> dict[str, Any] | None:
    """The last whole line, read from the end: the file may be long."""
    path = folder / name
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        block = BLOCK
        while True:
            file.seek(max(0, size - block))
            tail = file.read()
            lines = tail.splitlines()[0 if block >= size else 1 :]
            for line in reversed(lines):
                try:
                    return dict(json.loads(line))
                except ValueError:
                    continue
            if block >= size:
                return None
            block *= 8


def _last_byte(descriptor: int, size: int) -> bytes:
    return os.pread(descriptor, 1, size - 1)
