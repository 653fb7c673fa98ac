"""A file on its way in: what is learned while its bytes pass by, with none of them kept in plain."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pridvor.documents import kinds, sealing
from pridvor.documents.storage import prefix
from pridvor.lib.ids import uuid7
from pridvor.lib.stream import Encryptor

PIECE = 1 << 16  # bytes taken from a request at a time


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class TooLong(Exception):
    """More bytes came than were announced or are allowed."""


@dataclass(frozen=True)
class Arrived:
    """A whole file that lies encrypted in the store. `head` is as much of it as shows its kind."""

    size: int
    sha256: str
    head: bytes


@dataclass(frozen=True)
class Arrival:
    """One file of a classic form: arrived, or refused on the way in (then only its name is left)."""

    id: UUID
    name: str
    declared_type: str
    arrived: Arrived | None
    refusal: str = ""


class Intake:
    """Encrypts pieces into the store and keeps the first bytes for the signature table."""

    def __init__(self, encryptor: Encryptor, largest: int) -> None:
        self._encryptor, self._largest = encryptor, largest
        self._head = b""

    @property
    def size(self) -> int:
        return self._encryptor.size

    def write(self, piece: bytes) -> None:
        if self.size + len(piece) > self._largest:
            raise TooLong
        if len(self._head) < kinds.HEAD:
            self._head += bytes(piece[: kinds.HEAD - len(self._head)])
        self._encryptor.write(piece)

    def finish(self) -> Arrived:
        size, sha256 = self._encryptor.finish()
        return Arrived(size, sha256, self._head)


@contextlib.contextmanager
def into(subject: UUID, path: str, *, largest: int) -> Iterator[Intake]:
    with sealing.writing(subject, path) as encryptor:
        yield Intake(encryptor, largest)


def pieces(source: Source) -> Iterator[bytes]:
    """What arrives until the end of the body, or until the connection breaks: what came so far is kept."""
    with contextlib.suppress(OSError):  # Django's UnreadablePostError is one
        while piece := source.read(PIECE):
            yield piece


def new_place() -> tuple[UUID, str]:
    """A new file's id and where it will lie as a whole."""
    file_id = uuid7()
    return file_id, f"{prefix(file_id)}whole"
