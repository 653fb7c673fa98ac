"""Programs that sign in: an administrator makes them, says what they may do and where, and revokes them.

A key is shown once and kept as a digest: being random itself, it needs no slow hash. An OAuth client gets short-lived
tokens for its id and secret (RFC 6749, 4.4), and of its scopes those that it asked for. Codes of CannotMake:
`no-scope`, `no-such-region`, `expiry`, `origin`.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.db.models import F, Q, QuerySet

from pridvor.accounts.models import Machine, MachineAnswer, MachineCall, MachineEvent, Region, Scope
from pridvor.accounts.sight import Sight
from pridvor.lib.actor import Actor

LIVE, TEST = "pv_live_", "pv_test_"  # how keys begin, so that whoever finds one knows what it is
BYTES = 32  # of a key's secret
LONGEST = timedelta(days=730)
LOGGED = timedelta(days=30)
ANSWERS_KEPT = timedelta(hours=24)
ORIGIN = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]{0,180}[a-z0-9])?(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?"
)
OURS = "api-"  # before the id of a machine, where ledgers name it
NOBODY = 0  # the key of no member of staff: a machine with regions sees these, and no case is its own


class CannotMake(Exception):
    """The machine is not made; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Made:
    """A machine and its secret, which is shown now and never again."""

    machine: Machine
    secret: str


@dataclass(frozen=True)
class Caller:
    """A machine that has shown who it is, and what it may do now: of an OAuth token, no more than it was given."""

    machine: Machine
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        return self.machine.actor

    @property
    def sight(self) -> Sight:
        """Which cases exist for it."""
        return sight(self.machine)


def sight(machine: Machine) -> Sight:
    """Which cases exist for a machine: those of its regions, and tests or real ones."""
    if not machine.regions:
        return Sight(tests=machine.is_test)
    return Sight(NOBODY, tuple(machine.regions), machine.is_test)


def is_standing(machine: Machine, now: datetime) -> bool:
    """Whether it may still come in."""
    return machine.revoked_at is None and machine.expires_at > now


@transaction.atomic
def make(
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
    regions: Iterable[str] = (),
    is_test: bool = False,
    oauth: bool = False,
    origins: Iterable[str] = (),
    may_frame: bool = False,
) -> Made:
    """This will make a machine with a key, or with the id and secret of an OAuth client. Raises CannotMake."""
    wanted, where = sorted(set(scopes)), sorted(set(regions))
    if not wanted or set(wanted) - set(Scope.values):
        raise CannotMake("no-scope")
    if Region.objects.filter(code__in=where).count() != len(where):
        raise CannotMake("no-such-region")
    if not now < expires_at <= now + LONGEST:
        raise CannotMake("expiry")
    sites = sorted(set(origins))
    if not all(map(ORIGIN.fullmatch, sites)):
        raise CannotMake("origin")
    machine = Machine(
        name=name,
        scopes=wanted,
        regions=where,
        is_test=is_test,
        origins=sites,
        may_frame=may_frame,
        made_at=now,
        by=str(actor),
        expires_at=expires_at,
    )
    secret = _as_client(machine, now) if oauth else _with_key(machine)
    machine.save(force_insert=True)
    given = {"scopes": wanted, "regions": where, "is_test": is_test, "until": expires_at.isoformat()}
    given |= {"origins": sites, "may_frame": may_frame}
    _note(machine, "machine.made", actor, now, given)
    return Made(machine, secret)


def framing_origins(*, now: datetime) -> list[str]:
    """The sites on which the registration may be shown in a frame."""
    standing = Machine.objects.filter(may_frame=True, revoked_at=None, expires_at__gt=now)
    return sorted({origin for origins in standing.values_list("origins", flat=True) for origin in origins})


def may_return_to(machine: Machine, url: str) -> bool:
    """Whether an administrator allows that a link of this machine leads back to this address."""
    parts = urlsplit(url)
    is_plain = parts.username is None and "\\" not in url and parts.hostname is not None
    return is_plain and f"{parts.scheme}://{parts.netloc}".lower() in machine.origins


@transaction.atomic
def revoke(machine: Machine, *, actor: Actor, now: datetime) -> None:
    """This will void a machine's key, or its secret and every token that it was given, at its next request."""
    if not Machine.objects.filter(pk=machine.pk, revoked_at=None).update(revoked_at=now):
        return
    if machine.client_id:
        Token.objects.filter(client_id=machine.client_id).delete()
        Client.objects.filter(pk=machine.client_id).update(secret="", grant_types="")
    _note(machine, "machine.revoked", actor, now, {})


def caller(token: str, *, now: datetime) -> Caller | None:
    """Whose key or access token this is; None for one that is void, over, or nobody's. Notes that it was used."""
    found = _by_key(token) if token.startswith((LIVE, TEST)) else _by_token(token, now)
    if found is None or not is_standing(found.machine, now):
        return None
    seen = Q(used_at=None) | Q(used_at__lt=now - timedelta(minutes=1))
    Machine.objects.filter(seen, pk=found.machine.pk).update(used_at=now)
    return found


def void(token: str, *, now: datetime) -> tuple[Machine, str] | None:
    """The machine of a key that no longer opens anything, and why: `revoked` or `expired`. Only the key itself tells."""
    found = _by_key(token) if token.startswith((LIVE, TEST)) else None
    if found is None or is_standing(found.machine, now):
        return None
    return found.machine, "revoked" if found.machine.revoked_at else "expired"


def in_order() -> QuerySet[Machine]:
    """Every machine, those that may come in first, the newest first."""
    return Machine.objects.order_by(F("revoked_at").desc(nulls_first=True), "-id").select_related("client")


def names(actors: Iterable[str]) -> dict[str, str]:
    """The names of the machines among these doers, by the id that ledgers keep."""
    ids = {actor.removeprefix(OURS) for actor in actors if actor.startswith(OURS)}
    found = Machine.objects.filter(public_id__in=ids) if ids else ()
    return {one.actor.id: one.name for one in found}


def sweep(*, now: datetime) -> int:
    """This will remove the log of requests, answers kept for repetition and tokens that are past their time."""
    logged, _kinds = MachineCall.objects.filter(at__lt=now - LOGGED).delete()
    answers, _kinds = MachineAnswer.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    tokens, _kinds = Token.objects.filter(expires_at__lt=now).delete()
    return logged + answers + tokens


# -- how


def _with_key(machine: Machine) -> str:
    key = (TEST if machine.is_test else LIVE) + secrets.token_urlsafe(BYTES)
    machine.digest, machine.hint = _digest(key), f"{key[:12]}…"
    return key


def _as_client(machine: Machine, now: datetime) -> str:
    secret = get_adapter().generate_client_secret()
    client = Client(name=machine.name, created_at=now, type=Client.Type.CONFIDENTIAL, response_types="")
    client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    client.set_scopes(machine.scopes)
    client.set_default_scopes(machine.scopes)
    client.set_secret(secret)
    client.save(force_insert=True)
    machine.client, machine.hint = client, client.id[:20]
    return str(secret)


def _by_key(key: str) -> Caller | None:
    """The digest is looked up whole, so the time that this takes says nothing about keys."""
    machine = Machine.objects.filter(digest=_digest(key)).first()
    return Caller(machine, frozenset(machine.scopes)) if machine else None


def _by_token(token: str, now: datetime) -> Caller | None:
    given = Token.objects.by_value(token).filter(type=Token.Type.ACCESS_TOKEN, expires_at__gt=now)
    row = given.select_related("client__machine").first()
    machine: Machine | None = getattr(row.client, "machine", None) if row and row.client else None
    return Caller(machine, frozenset(row.get_scopes()) & frozenset(machine.scopes)) if machine else None


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _note(machine: Machine, kind: str, actor: Actor, now: datetime, data: dict[str, object]) -> None:
    MachineEvent.objects.create(machine=machine, at=now, kind=kind, by=str(actor), data=data)
