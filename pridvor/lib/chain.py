"""Rows that are linked: each carries a keyed digest (HMAC-SHA256, RFC 2104) of itself and of the row before it.

Whoever changes, removes, inserts or moves a row without the key breaks the links after it. Whoever cuts the tail off,
or has the key and computes every link anew, contradicts a checkpoint that is kept elsewhere (see the room `evidence`).

A mac is one byte with the version of the key, and 32 bytes of digest.
"""

import hmac
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from pridvor.lib.keys import NoSuchVersion, Versions

PURPOSE = "ledger chain"  # what the key of links is derived for, from the key `seal`
MAC = 33  # bytes
RESHAPED = re.compile(r"e\+|-0\.0")  # numbers that PostgreSQL's jsonb gives back in other letters


class Head(NamedTuple):
    """The last row of a chain: its position (0: nothing yet) and its mac."""

    position: int
    mac: bytes


START = Head(0, b"")


def moment(at: datetime | None) -> str:
    """A moment as links have it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat() if at else ""


def canonical(said: object) -> bytes:
    """The one way to write a row: JSON with sorted keys, without spaces, as the database will give it back."""
    text = _encode(said)
    if RESHAPED.search(text):
        text = _encode(_as_kept(json.loads(text)))
    return text.encode()


def link(keys: Versions, ledger: str, scope: object, previous: Head, said: Sequence[Any]) -> Head:
    """The head after a row that says this is added to a ledger's chain, with the primary key."""
    return Head(previous.position + 1, _mac(keys, keys.primary, ledger, scope, previous, said))


def extend(
    keys: Versions, ledger: str, scope: object, head: Head, rows: Iterable[Sequence[Any]]
) -> list[Head]:
    """The heads after each of several rows."""
    heads = []
    for said in rows:
        head = link(keys, ledger, scope, head, said)
        heads.append(head)
    return heads


def follows(
    keys: Versions, ledger: str, scope: object, previous: Head, said: Sequence[Any], mac: bytes
) -> bool:
    """Whether a row with this mac belongs right after `previous`."""
    if len(mac) != MAC:
        return False
    try:
        return hmac.compare_digest(_mac(keys, mac[0], ledger, scope, previous, said), mac)
    except NoSuchVersion:
        return False


def key_of(keys: Versions, version: int, ledger: str, scope: object) -> bytes:
    """The key of one chain: whoever is given it can follow this chain, and no other."""
    return hmac.digest(keys.of(version), canonical([ledger, str(scope)]), "sha256")


# -- how

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode


def _mac(
    keys: Versions, version: int, ledger: str, scope: object, previous: Head, said: Sequence[Any]
) -> bytes:
    row = canonical([previous.position + 1, previous.mac.hex(), *said])
    return bytes([version]) + hmac.digest(key_of(keys, version, ledger, scope), row, "sha256")


def _as_kept(said: Any) -> Any:
    """Large floats come back as whole numbers, and minus nought as nought."""
    if isinstance(said, dict):
        return {key: _as_kept(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_as_kept(value) for value in said]
    if isinstance(said, float) and "e+" in repr(said):
        return int(Decimal(repr(said)))
    return 0.0 if isinstance(said, float) and said == 0 else said
