"""Webhooks of systems outside: `/hooks/<connector>/`. Verified before anything is read, each once, handled by a job.

A connector that is told things says in `HOOKS` how its messages are verified and who handles them. Two forms are here:
Standard Webhooks (standardwebhooks.com) and `t=…,v1=…` as Stripe and BottleCRM sign. What is older than five minutes is
refused, so that a message somebody recorded cannot be played again; within that time its id is known already.
"""

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from pridvor.company import systems
from pridvor.connectors import signatures
from pridvor.connectors.models import Knock
from pridvor.lib import aead, trace
from pridvor.lib.resealing import Column

STALE = timedelta(minutes=5)
LARGEST = 256_000  # bytes of a body
KEPT = timedelta(days=30)
TASK, QUEUE = "connectors.handle_knock", "connectors"
STAMP = re.compile(r"[0-9]{1,12}")

Headers = Mapping[str, str]  # names in small letters
Verify = Callable[[bytes, Headers, datetime], str]
Handle = Callable[[bytes, datetime], object]


class Forged(Exception):
    """The message is not the connector's, or is too old: it is refused, and nothing of it is kept.

    `code` is what does not fit: timestamp, signature or id.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CannotHandle(Exception):
    """The message is genuine, and nothing can be made of it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Listener:
    """How a connector is told things: `verify` returns the sender's id of a message or raises Forged; `handle` acts on
    the body, may run twice, and raises CannotHandle."""

    verify: Verify
    handle: Handle


Find = Callable[[str], Listener | None]
HOOKS: dict[str, Listener] = {}
_find: list[Find] = []


def learn(hooks: Mapping[str, Listener], find: Find | None = None) -> None:
    """Which connectors listen, and where further ones are found by name. Called once, by the wiring."""
    HOOKS.clear()
    HOOKS.update(hooks)
    _find[:] = [find] if find else []


def listener(connector: str) -> Listener | None:
    """Who listens under this name; None: nobody."""
    return HOOKS.get(connector) or next((found for find in _find if (found := find(connector))), None)


def read(body: bytes) -> dict[str, Any]:
    """What a message says: a JSON object. Raises CannotHandle."""
    try:
        said = json.loads(body)
    except ValueError:
        raise CannotHandle("not-json") from None
    if not isinstance(said, dict):
        raise CannotHandle("not-json")
    return said


def standard(secrets: Callable[[], list[str]]) -> Verify:
    """The verification of Standard Webhooks; `secrets` are those that count now, the newest first."""

    def verify(body: bytes, headers: Headers, now: datetime) -> str:
        key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        at = _fresh(stamp, now)
        given = {one for one in headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")}
        known = [signatures.standard(one, key, at, body)["webhook-signature"] for one in secrets()]
        _must_match(given, known)
        return _named(key)

    return verify


def stamped(secrets: Callable[[], list[str]], header: str) -> Verify:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 over `t.body`. The message's id is the digest of what was signed."""

    def verify(body: bytes, headers: Headers, now: datetime) -> str:
        parts = [part.partition("=") for part in headers.get(header.lower(), "").split(",")]
        stamp = next((value for name, _, value in parts if name.strip() == "t"), "")
        _fresh(stamp, now)
        said = stamp.encode() + b"." + body
        given = {value for name, _, value in parts if name.strip() == "v1"}
        _must_match(given, [hmac.new(one.encode(), said, sha256).hexdigest() for one in secrets()])
        return sha256(said).hexdigest()

    return verify


def knock(connector: str, body: bytes, headers: Headers, *, now: datetime) -> bool:
    """This will keep a message for a job to handle; False: it came before. Raises Forged, LookupError."""
    heard_by = listener(connector)
    if heard_by is None:
        raise LookupError(connector)
    key = heard_by.verify(body, {name.lower(): value for name, value in headers.items()}, now)
    row = Knock(connector=connector, key=key, received_at=now)
    row.sealed = systems.ring().seal(body, _belongs(row))
    with transaction.atomic():
        Knock.objects.bulk_create([row], ignore_conflicts=True)
        kept = Knock.objects.get(connector=connector, key=key)
        is_new = kept.received_at == now and bytes(kept.sealed) == row.sealed
        if is_new:
            app.configure_task(TASK, queue=QUEUE).defer(knock_id=kept.pk, trace=trace.current())
    return is_new


def handle(knock_id: int, *, now: datetime) -> None:
    """This will let the connector act on a message; a failure of the connector itself is tried again by the queue."""
    row = Knock.objects.filter(pk=knock_id, state=Knock.State.WAITING).first()
    heard_by = listener(row.connector) if row else None
    if row is None or heard_by is None:
        return
    state, code = Knock.State.DONE, ""
    try:
        heard_by.handle(systems.ring().open(bytes(row.sealed), _belongs(row)), now)
    except CannotHandle as cannot:
        state, code = Knock.State.FAILED, cannot.code[:80]
    emptied = systems.ring().seal(b"", _belongs(row))
    Knock.objects.filter(pk=row.pk).update(state=state, code=code, handled_at=now, sealed=emptied)


def sweep(*, now: datetime) -> int:
    """This will forget messages older than a month; within it a repeated one is known. Returns how many."""
    gone, _kinds = Knock.objects.filter(received_at__lt=now - KEPT).delete()
    return gone


# -- how


def _fresh(stamp: str, now: datetime) -> datetime:
    if not STAMP.fullmatch(stamp):
        raise Forged("timestamp")
    at = datetime.fromtimestamp(int(stamp), tz=now.tzinfo)
    if abs(now - at) > STALE:
        raise Forged("timestamp")
    return at


def _must_match(given: set[str], known: list[str]) -> None:
    """Every pair is compared in constant time."""
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in known):
        raise Forged("signature")


def _named(key: str) -> str:
    if not 0 < len(key) <= 120:
        raise Forged("id")
    return key


def _belongs(row: Knock) -> bytes:
    return aead.bound_to("knock", row.connector, b64encode(row.key.encode()).decode())


SEALED = Column(Knock, "sealed", systems.ring, _belongs)
