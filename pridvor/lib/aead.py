"""Authenticated encryption of small values, and keys that are rotated.

Layout of a sealed value: 01 | key id (4) | nonce (12) | AES-256-GCM ciphertext and tag (NIST SP 800-38D).
The key is chosen by its id, never by trial: AES-GCM does not commit to its key.
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION, KEY_ID, NONCE, TAG = 1, 4, 12, 16
HEAD = 1 + KEY_ID + NONCE


class CannotOpen(Exception):
    """The sealed value is damaged, belongs elsewhere, or its key is not here."""


def bound_to(*parts: object) -> bytes:
    """Associated data that says what a sealed value belongs to; length-prefixed, so that no two lists coincide."""
    encoded = [str(part).encode() for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), 32, b"", purpose.encode()).derive(key)


class KeyRing:
    """Keys by id, one of them primary: the primary seals, any of them opens."""

    def __init__(self, keys: dict[int, bytes], primary: int) -> None:
        self.primary = primary
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}

    def seal(self, plain: bytes, belongs_to: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        head = bytes([VERSION]) + self.primary.to_bytes(KEY_ID, "big") + nonce
        return head + self._keys[self.primary].encrypt(nonce, plain, belongs_to)

    def open(self, sealed: bytes, belongs_to: bytes) -> bytes:
        if len(sealed) < HEAD + TAG or sealed[0] != VERSION:
            raise CannotOpen("not a sealed value")
        key = self._keys.get(self.key_id(sealed))
        if key is None:
            raise CannotOpen("its key is not on this ring")
        try:
            return key.decrypt(sealed[1 + KEY_ID : HEAD], sealed[HEAD:], belongs_to)
        except InvalidTag:
            raise CannotOpen("damaged, or it belongs elsewhere") from None

    @staticmethod
    def key_id(sealed: bytes) -> int:
        return int.from_bytes(sealed[1 : 1 + KEY_ID], "big")
