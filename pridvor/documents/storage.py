"""Where encrypted files lie: a protocol of four methods, and the folder of this machine that keeps it.

Keys are made by the room (`ab/cd/<id>/whole`), never by a client, and everything that belongs to one file stands
under one prefix, so that nothing of it outlives it. Contents are ciphertext; the store holds no key.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol

from django.conf import settings

from pridvor.lib.stream import Sink


class Missing(Exception):
    """Nothing is kept under this key."""


class Store(Protocol):
    def put(self, key: str) -> AbstractContextManager[Sink]:
        """A sink; what was written appears under the key, whole and durable, when the block ends without an error."""

    def open(self, key: str) -> BufferedIOBase:
        """A seekable reader. Raises Missing."""

    def size(self, key: str) -> int:
        """Bytes kept under the key. Raises Missing."""

    def delete(self, key: str) -> None:
        """Remove the key, or with a final slash all keys that start so. Nothing there: nothing to do."""


class Folder:
    """A folder of this machine: owner-only files, synchronised to the disk before they get their name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextlib.contextmanager
    def put(self, key: str) -> Iterator[Sink]:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f"{path.name}.{os.urandom(6).hex()}.partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                yield _Whole(file.fileno())
                os.fsync(file.fileno())
            partial.replace(path)
            _sync_folder(path.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def open(self, key: str) -> BufferedIOBase:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise Missing(key) from None

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise Missing(key) from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        if key.endswith("/"):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        parts = key.rstrip("/").split("/")
        if not all(part and part not in (".", "..") and "\0" not in part for part in parts):
            raise ValueError("not a key of this room")
        return self.root.joinpath(*parts)


class _Whole:
    """Writes to a descriptor until all is written: one unbuffered write may take less than it was given."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: memoryview | bytes, /) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        return len(data)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store() -> Store:
    """The store of this installation. Another one (S3) is chosen here and nowhere else."""
    return Folder(Path(settings.DOCUMENTS))


def prefix(file_id: object) -> str:
    """Where all that belongs to one file lies. The last hexadecimal digits of a UUIDv7 are random: even shards."""
    name = str(file_id)
    return f"{name[-2:]}/{name[-4:-2]}/{name}/"
