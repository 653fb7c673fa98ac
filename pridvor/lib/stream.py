"""Encrypting a file while it arrives, and reading any part of it back.

Wire-compatible with Tink's AES256_GCM_HKDF_1MB streaming AEAD: a 40-byte header (length, salt, nonce prefix), then
segments of 1 MiB, each sealed with AES-256-GCM under a key derived by HKDF-SHA256 from the file key, the salt and the
associated data. The last segment is marked in its nonce, so a file cut short does not open.
"""

import hashlib
import io
import os
import struct
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEGMENT, TAG, SALT, PREFIX = 1 << 20, 16, 32, 7
HEADER = 1 + SALT + PREFIX
FIRST, REST = (
    SEGMENT - HEADER - TAG,
    SEGMENT - TAG,
)  # plaintext bytes in the first segment, and in each later one


class Damaged(Exception):
    """The file was cut, changed, or belongs elsewhere."""


class Sink(Protocol):
    def write(self, data: memoryview | bytes, /) -> object: ...


def _cipher(key: bytes, salt: bytes, belongs_to: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, belongs_to).derive(key))


def _nonce(prefix: bytes, index: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", index, last)


class Encryptor:
    """Takes plaintext in pieces and writes ciphertext to a sink.

    `finish` must be called: without its last segment the file never opens, so an upload that broke off cannot pass
    for a whole one.
    """

    def __init__(self, key: bytes, belongs_to: bytes, sink: Sink) -> None:
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._cipher, self._sink = _cipher(key, salt, belongs_to), sink
        # Memoryviews: a slice assigned to a bytearray is copied twice, and costs a tenth of the whole upload.
        self._plain, self._sealed = memoryview(bytearray(SEGMENT)), memoryview(bytearray(SEGMENT))
        self._filled, self._room, self._index = 0, FIRST, 0
        self._digest = hashlib.sha256()
        self.size = 0
        sink.write(bytes([HEADER]) + salt + self._prefix)

    def write(self, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        self._digest.update(rest)
        self.size += len(rest)
        while rest:
            if (
                self._filled == self._room
            ):  # sealed only when more is known to follow: the last segment is special
                self._seal(last=False)
            take = min(len(rest), self._room - self._filled)
            self._plain[self._filled : self._filled + take] = rest[:take]
            self._filled, rest = self._filled + take, rest[take:]

    def finish(self) -> tuple[int, str]:
        """Seal the last segment; return the plaintext's size in bytes and its SHA-256 in hexadecimal."""
        self._seal(last=True)
        return self.size, self._digest.hexdigest()

    def _seal(self, *, last: bool) -> None:
        target = self._sealed[: self._filled + TAG]
        source = self._plain[: self._filled]
        self._cipher.encrypt_into(_nonce(self._prefix, self._index, last), source, None, target)
        self._sink.write(target)
        self._index, self._filled, self._room = self._index + 1, 0, REST


class Decryptor(io.RawIOBase):
    """A seekable reader of an encrypted file. The length is authenticated before the first byte is released."""

    def __init__(
        self, key: bytes, belongs_to: bytes, source: io.BufferedIOBase | io.RawIOBase, length: int
    ) -> None:
        self._source = source
        source.seek(0)
        header = source.read(HEADER) or b""
        if len(header) != HEADER or header[0] != HEADER:
            raise Damaged("no header")
        self._prefix = header[1 + SALT :]
        self._cipher = _cipher(key, header[1 : 1 + SALT], belongs_to)
        self._segments = max(1, -(-length // SEGMENT))
        self.size = length - HEADER - self._segments * TAG
        self._position = 0
        self._cached: tuple[int, bytes] | None = None
        self._load(self._segments - 1)

    def _load(self, index: int) -> bytes:
        if self._cached and self._cached[0] == index:
            return self._cached[1]
        self._source.seek(HEADER if index == 0 else index * SEGMENT)
        sealed = self._source.read(SEGMENT - (HEADER if index == 0 else 0)) or b""
        try:
            plain = self._cipher.decrypt(
                _nonce(self._prefix, index, index == self._segments - 1), sealed, None
            )
        except InvalidTag:
            raise Damaged("cut, changed, or it belongs elsewhere") from None
        self._cached = (index, plain)
        return plain

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as the file goes, across segments."""
        filled = 0
        while filled < len(buffer) and self._position < self.size:
            filled += self._copy(memoryview(buffer)[filled:])
        return filled

    def _copy(self, room: memoryview) -> int:
        if self._position < FIRST:
            index, offset = 0, self._position
        else:
            index, offset = 1 + (self._position - FIRST) // REST, (self._position - FIRST) % REST
        plain = self._load(index)
        count = min(len(room), len(plain) - offset)
        room[:count] = plain[offset : offset + count]
        self._position += count
        return count
