"""Writing to and reading from the store under the subject's key. A piece is bound to its place: moved, it does not open."""

import contextlib
from collections.abc import Iterator
from uuid import UUID

from pridvor.documents.storage import store
from pridvor.lib.aead import bound_to
from pridvor.lib.stream import Decryptor, Encryptor
from pridvor.vault import actions as vault

CHUNK = 1 << 18  # bytes


class Copy(Decryptor):
    """A reader that closes its ciphertext when it is closed."""

    def close(self) -> None:
        self._source.close()
        super().close()


@contextlib.contextmanager
def writing(subject: UUID, path: str) -> Iterator[Encryptor]:
    """Encrypts what is written; the caller calls `finish`. After an error nothing is kept. Raises vault.Erased."""
    key = vault.file_key(subject)
    with store().put(path) as sink:
        yield Encryptor(key, _place(path), sink)


@contextlib.contextmanager
def reading(subject: UUID, path: str) -> Iterator[Copy]:
    """A seekable reader of the plaintext. Raises vault.Erased, storage.Missing, stream.Damaged."""
    reader = opened(subject, path)
    try:
        yield reader
    finally:
        reader.close()


def opened(subject: UUID, path: str) -> Copy:
    """A reader that the caller closes."""
    key = vault.file_key(subject)
    kept = store()
    source = kept.open(path)
    try:
        return Copy(key, _place(path), source, kept.size(path))
    except BaseException:
        source.close()
        raise


def chunks(subject: UUID, path: str) -> Iterator[bytes]:
    """The plaintext in pieces. All of it is authenticated piece by piece, the length before the first."""
    with reading(subject, path) as reader:
        while piece := reader.read(CHUNK):
            yield piece


def _place(path: str) -> bytes:
    return bound_to("document", path)
