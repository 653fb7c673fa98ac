"""Signatures of checkpoints and exports: Ed25519 (RFC 8032), so that whoever verifies needs the public key alone."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from pridvor.lib import chain
from pridvor.lib.keys import Keys, NoSuchVersion

PURPOSE = "checkpoint signature"


def digest(content: object) -> str:
    return hashlib.sha256(chain.canonical(content)).hexdigest()


def sign(content: object, version: int) -> str:
    """The signature of one version of the key `seal`, in hexadecimal."""
    return _private(version).sign(chain.canonical(content)).hex()


def sign_bytes(content: bytes) -> str:
    """The signature of the primary key over bytes as they are, in hexadecimal."""
    return _private(primary()).sign(content).hex()


def is_signed(content: object, version: int, signature: str) -> bool:
    try:
        _private(version).public_key().verify(bytes.fromhex(signature), chain.canonical(content))
    except (InvalidSignature, ValueError, NoSuchVersion):
        return False
    return True


def primary() -> int:
    return _keys().versions("seal").primary


def public_keys() -> dict[int, str]:
    """The public key of each version, in hexadecimal: what a verifier is given beforehand."""
    return {
        version: _private(version).public_key().public_bytes_raw().hex()
        for version in _keys().versions("seal").by_number
    }


def _private(version: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_keys().derived("seal", PURPOSE).of(version))


def _keys() -> Keys:
    held: Keys = settings.KEYS
    return held
