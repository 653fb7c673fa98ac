"""Links to a registration from another site: prefilled, signed by being unguessable, with an end, used once if wanted."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Q

from pridvor.accounts import machines
from pridvor.accounts.models import Machine
from pridvor.cases.models import Link
from pridvor.company import systems
from pridvor.lib import aead
from pridvor.lib.resealing import Column

BYTES = 24  # of a token
KEPT = timedelta(days=1)  # after its end


class NotAllowed(Exception):
    """The machine may not lead back to this address: an administrator has not allowed its site."""


def make(
    machine: Machine,
    journey: str,
    answers: Mapping[str, Any],
    *,
    email: str = "",
    return_url: str = "",
    once: bool = True,
    lasts: timedelta,
    now: datetime,
) -> tuple[Link, str]:
    """This will keep a prefill, sealed, and return it with the token that refers to it. Raises NotAllowed."""
    if return_url and not machines.may_return_to(machine, return_url):
        raise NotAllowed
    token = secrets.token_urlsafe(BYTES)
    link = Link(
        machine=machine,
        digest=_digest(token),
        journey=journey,
        return_url=return_url,
        is_once=once,
        made_at=now,
        expires_at=now + lasts,
    )
    said = json.dumps({"answers": dict(answers), "email": email})
    link.sealed = systems.ring().seal(said.encode(), _belongs(link))
    link.save(force_insert=True)
    return link, token


def of_token(token: str, *, now: datetime) -> Link | None:
    """The link, while it can be followed."""
    return _standing(now).filter(digest=_digest(token)).first()


def standing(public_id: str, *, now: datetime) -> Link | None:
    """The link that a visitor followed, while it can still be used."""
    return _standing(now).filter(public_id=public_id).first()


def prefill(link: Link) -> dict[str, Any]:
    """`answers` by name, and `email`."""
    said: dict[str, Any] = json.loads(systems.ring().open(bytes(link.sealed), _belongs(link)))
    return said


def use(link: Link, *, now: datetime) -> bool:
    """This will note that a registration was begun with it; False: one that works once was used at the same moment."""
    free = Link.objects.filter(pk=link.pk)
    return bool((free.filter(used_at=None) if link.is_once else free).update(used_at=now))


def sweep(*, now: datetime) -> int:
    """This will remove links past their end, and what stood sealed in them. Returns how many."""
    gone, _kinds = Link.objects.filter(expires_at__lt=now - KEPT).delete()
    return gone


def _standing(now: datetime) -> Any:
    unused = Q(is_once=False) | Q(used_at=None)
    of_machine = Q(machine__revoked_at=None, machine__expires_at__gt=now)
    return Link.objects.filter(unused, of_machine, expires_at__gt=now).select_related("machine")


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _belongs(row: Link) -> bytes:
    return aead.bound_to("link", row.public_id)


SEALED = Column(Link, "sealed", systems.ring, _belongs)
