"""What may be done with the company's settings. Each change is a revision: who, when, and the whole as it is since."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from pridvor.company import reading, systems
from pridvor.company.fields import NAMES, SECRETS
from pridvor.company.models import Picture, Revision, Secret
from pridvor.lib.actor import Actor

LOCK = 0x70726F7065727479  # «property»: one change at a time


@transaction.atomic
def change(wanted: Mapping[str, str], *, actor: Actor, now: datetime) -> Revision | None:
    """This will set what is named, leave the rest, and return the new revision; without a change, None.

    Secrets are given in clear and kept sealed. Raises KeyError for a name that no row of company.fields has.
    """
    if unknown := set(wanted) - NAMES:
        raise KeyError(*sorted(unknown))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    latest = Revision.objects.first()
    before = latest.settings if latest else {}
    after = {**before, **{name: said for name, said in wanted.items() if name not in SECRETS}}
    for name in SECRETS & set(wanted):
        after[name] = _keep_secret(name, wanted[name], now)
    if after == before:
        return None
    transaction.on_commit(reading.forget)
    reading.forget()
    return Revision.objects.create(at=now, by=str(actor), settings=after)


@transaction.atomic
def set_logo(content: bytes, *, actor: Actor, now: datetime) -> Revision | None:
    """This will show this picture (a PNG that was drawn anew) as the company's; empty: the house's mark."""
    digest = sha256(content).hexdigest() if content else ""
    if content:
        Picture.objects.get_or_create(pk=digest, defaults={"content": content, "kept_at": now})
    return change({"logo": digest}, actor=actor, now=now)


def history() -> list[tuple[Revision, dict[str, tuple[Any, Any]]]]:
    """Every revision, the latest first, with what it changed: before and after. Secrets are keys of rows, no words."""
    rows = list(Revision.objects.all())
    return [
        (row, _difference(older.settings if older else {}, row.settings))
        for row, older in zip(rows, [*rows[1:], None], strict=False)  # of none there is no first
    ]


# -- how


def _keep_secret(name: str, words: str, now: datetime) -> int | str:
    """The key of the secret's new row; the words before are gone."""
    Secret.objects.filter(name=name).delete()
    if not words:
        return ""
    return Secret.objects.create(name=name, sealed=systems.seal(name, words), kept_at=now).pk


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = sorted({*before, *after})
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    }
