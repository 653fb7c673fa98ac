"""The one-time entrance: a signed link that opens another system with its customer signed in, once, within a minute.

The link carries a JWT (RFC 7519) signed with Ed25519 (RFC 8037), so that the other system needs nothing secret: our
public keys, which it reads at `/entrance/keys.json`. It names the customer by our reference, whom it is for, and has
an id that the other system takes once. The key is derived from the installation's own for seals, and turns with it.
"""

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from pridvor.lib.keys import Keys, NoSuchVersion, Versions

PURPOSE = "one-time-entrance"
LIVES = timedelta(seconds=60)


def link(address: str, reference: str, *, now: datetime) -> str:
    """`address` of the entrance, with a token for the customer whom the other system knows by `reference`."""
    return f"{address}?token={token(address, reference, now=now)}"


def token(audience: str, reference: str, *, now: datetime) -> str:
    versions = _versions()
    head = {"alg": "EdDSA", "typ": "JWT", "kid": str(versions.primary)}
    claims = {
        "iss": "pridvor",
        "aud": audience,
        "sub": reference,
        "jti": secrets.token_urlsafe(16),
        "iat": int(now.timestamp()),
        "exp": int((now + LIVES).timestamp()),
    }
    text = f"{_packed(head)}.{_packed(claims)}"
    signature = _private(versions.of(versions.primary)).sign(text.encode())
    return f"{text}.{_base64(signature)}"


def read(token: str, audience: str, *, now: datetime) -> tuple[str, str]:
    """The reference and the id of a token of ours, as the demonstration's shop reads it. Raises ValueError."""
    try:
        text, _dot, signature = token.rpartition(".")
        head, claims = (json.loads(_unpacked(part)) for part in text.split("."))
        key = _private(_versions().of(int(head["kid"]))).public_key()
        key.verify(_unpacked(signature), text.encode())
        is_good = claims["aud"] == audience and claims["exp"] > now.timestamp()
        found = str(claims["sub"]), str(claims["jti"])
    except (InvalidSignature, NoSuchVersion, KeyError, TypeError) as error:
        raise ValueError("not a token of ours") from error
    if not is_good:
        raise ValueError("too late, or for somebody else")
    return found


def public_keys() -> dict[str, Any]:
    """Our public keys as a JSON Web Key Set (RFC 7517): those of every version, so that links in flight stay good."""
    versions = _versions()
    return {"keys": [_public(number, versions.of(number)) for number in sorted(versions.by_number)]}


def _public(number: int, key: bytes) -> dict[str, str]:
    x = _base64(_private(key).public_key().public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": str(number), "x": x}


def _versions() -> Versions:
    keys: Keys = settings.KEYS
    return keys.derived("seal", PURPOSE)


def _private(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key)


def _packed(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
