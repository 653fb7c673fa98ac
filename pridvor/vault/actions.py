"""What may be done with personal data. Each call is one transaction in the vault's own database.

A value is written here first, under an id that the case then refers to: when the case's transaction fails, an orphan
stays, which `sweep` removes. It is read only together with a line in the access ledger: no line, no value.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from pridvor.lib import aead, ids, ledger
from pridvor.lib.actor import Actor
from pridvor.lib.keys import Keys
from pridvor.vault import erasures, indexes
from pridvor.vault.models import Look, SubjectKey, Value

ORPHAN_AGE = timedelta(hours=2)
WRITE_ONLY = "secret"  # the field of values that are written and used, and never shown


class Erased(Exception):
    """The subject's key has been destroyed: nothing of theirs can be read again."""


class WriteOnly(Exception):
    """A secret is used by machines and shown to nobody."""


def new_subject(*, now: datetime) -> UUID:
    """This will make a subject with a key of its own and return its id."""
    subject = ids.uuid7()
    SubjectKey.objects.create(
        subject=subject,
        wrapped=_ring("vault").seal(os.urandom(32), aead.bound_to("subject-key", subject)),
        wrapped_file=_ring("files").seal(os.urandom(32), aead.bound_to("subject-file-key", subject)),
        created_at=now,
    )
    return subject


@transaction.atomic(using="vault")
def put(subject: UUID, values: Mapping[str, str], *, now: datetime) -> dict[str, UUID]:
    """This will seal the values under the subject's key and return the id of each."""
    ring, refs = _subject_ring(subject), {}
    for field, plain in values.items():
        value = Value(id=ids.uuid7(), owner_id=subject, field=field, written_at=now)
        value.sealed = ring.seal(plain.encode(), aead.bound_to("value", subject, field, value.id))
        value.save(force_insert=True)
        indexes.write(value, plain)
        refs[field] = value.id
    return refs


@transaction.atomic(using="vault", durable=True)
def reveal(
    refs: Iterable[UUID], *, actor: Actor, purpose: str, now: datetime, case: str = ""
) -> dict[UUID, str]:
    """This will log the look and return the values by id; ids of erased subjects are left out. Raises WriteOnly."""
    values = list(Value.objects.filter(id__in=list(refs)).select_related("owner"))
    if any(value.field == WRITE_ONLY for value in values):
        raise WriteOnly
    return _opened(values, actor=actor, purpose=purpose, now=now, case=case)


@transaction.atomic(using="vault", durable=True)
def use_secret(ref: UUID, *, actor: Actor, purpose: str, now: datetime, case: str = "") -> str | None:
    """This will log the use and return a secret to a machine; None when it is gone. Raises WriteOnly for a person."""
    if actor.kind != "machine":
        raise WriteOnly
    values = list(Value.objects.filter(id=ref, field=WRITE_ONLY).select_related("owner"))
    return _opened(values, actor=actor, purpose=purpose, now=now, case=case).get(ref)


@transaction.atomic(using="vault")
def destroy(refs: Iterable[UUID], *, actor: Actor, purpose: str, now: datetime, case: str = "") -> None:
    """This will remove single values for good, and log it; values that are gone already are nothing new."""
    gone = Value.objects.filter(id__in=list(refs))
    for subject in sorted(set(gone.values_list("owner_id", flat=True))):
        note_look(subject, ["destroyed"], actor=actor, purpose=purpose, now=now, case=case)
    gone.delete()


def _opened(values: list[Value], *, actor: Actor, purpose: str, now: datetime, case: str) -> dict[UUID, str]:
    """The values, each subject's with a line in the access ledger."""
    by_subject: dict[UUID, list[str]] = {}
    for value in values:
        by_subject.setdefault(value.owner_id, []).append(value.field)
    looks: dict[UUID | None, list[str]] = {subject: sorted(by_subject[subject]) for subject in by_subject}
    _note(looks, actor=actor, purpose=purpose, now=now, case=case)
    rings = {value.owner_id: _ring_of(value.owner) for value in values if value.owner.wrapped is not None}
    return {
        value.id: rings[value.owner_id]
        .open(bytes(value.sealed), aead.bound_to("value", value.owner_id, value.field, value.id))
        .decode()
        for value in values
        if value.owner_id in rings
    }


@transaction.atomic(using="vault", durable=True)
def find(field: str, typed: str, *, actor: Actor, purpose: str, now: datetime) -> list[UUID]:
    """This will log the search and return the ids of the values that equal what was typed (each word of a name)."""
    found = indexes.matches(field, typed)
    subjects = set(Value.objects.filter(id__in=found).values_list("owner_id", flat=True))
    _note({subject: [field] for subject in subjects or [None]}, actor=actor, purpose=purpose, now=now)
    return sorted(found)


@transaction.atomic(using="vault")
def note_look(
    subject: UUID, what: list[str], *, actor: Actor, purpose: str, now: datetime, case: str = ""
) -> None:
    """This will log that somebody looked at the subject's documents, which are decrypted elsewhere."""
    _note({subject: what}, actor=actor, purpose=purpose, now=now, case=case)


@transaction.atomic(using="vault")
def note_machine(fields: list[str], *, actor: Actor, purpose: str, now: datetime) -> None:
    """This will log that a machine goes through these fields of everybody, and hands no value on."""
    _note({None: fields}, actor=actor, purpose=purpose, now=now)


def opened_by_machine(value: Value) -> str | None:
    """A value for work inside the vault that `note_machine` has logged; None once it is erased."""
    if value.owner.wrapped is None:
        return None
    place = aead.bound_to("value", value.owner_id, value.field, value.id)
    return _ring_of(value.owner).open(bytes(value.sealed), place).decode()


def owners(refs: Iterable[UUID]) -> dict[UUID, UUID]:
    """The subject of each value id; no personal value is read."""
    return dict(Value.objects.filter(id__in=list(refs)).values_list("id", "owner_id"))


@transaction.atomic(using="vault")
def erase(subject: UUID, *, actor: Actor, reason: str, now: datetime) -> None:
    """This will destroy the subject's key and its look-up digests: values, files and backups of them stay shut."""
    erasures.destroy_keys(subject, now=now)
    _note({subject: ["*"]}, actor=actor, purpose=f"erase: {reason}", now=now)
    transaction.on_commit(erasures.keep_list, using="vault")


def sweep(used: Callable[[list[UUID]], set[UUID]], *, now: datetime, batch: int = 1000) -> int:
    """This will remove values that no case came to refer to, and return how many. `used` tells which ids are in use."""
    swept, last = 0, UUID(int=0)
    old = Value.objects.filter(written_at__lt=now - ORPHAN_AGE).order_by("id")
    while some := list(old.filter(id__gt=last).values_list("id", flat=True)[:batch]):
        last = some[-1]
        swept += Value.objects.filter(id__in=set(some) - used(some)).delete()[1].get("vault.Value", 0)
    return swept


def file_key(subject: UUID) -> bytes:
    """The key under which the subject's documents are encrypted. Raises Erased."""
    row = SubjectKey.objects.filter(subject=subject).first()
    if row is None or row.wrapped_file is None:
        raise Erased(subject)
    return _ring("files").open(bytes(row.wrapped_file), aead.bound_to("subject-file-key", subject))


def seal(subject: UUID, label: str, plain: bytes) -> bytes:
    """This will seal a small value (a file's name, say) that is kept beside what it describes."""
    return _subject_ring(subject).seal(plain, aead.bound_to("sealed", subject, label))


def unseal(subject: UUID, label: str, sealed: bytes) -> bytes:
    return _subject_ring(subject).open(bytes(sealed), aead.bound_to("sealed", subject, label))


# -- how


def _ring(name: str) -> aead.KeyRing:
    held: Keys = settings.KEYS
    return held.ring(name)


def _note(
    looks: Mapping[UUID | None, list[str]], *, actor: Actor, purpose: str, now: datetime, case: str = ""
) -> None:
    """Add a line for each subject, always in one order: two who look at the same people wait for each other."""
    for subject in sorted(looks, key=str):
        line = Look(at=now, subject=subject, fields=looks[subject], purpose=purpose, case=case)
        line.actor_kind, line.actor_id = actor.kind, actor.id
        _lock(subject)
        ledger.add([line], subject)


def _lock(subject: UUID | None) -> None:
    """Held until the transaction ends; a subject that is no more has its lines, too, so no row can be locked."""
    with connections["vault"].cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"look {subject}"])


def _key(subject: UUID) -> bytes:
    row = SubjectKey.objects.filter(subject=subject).first()
    if row is None or row.wrapped is None:
        raise Erased(subject)
    return _unwrap(row)


def _unwrap(row: SubjectKey) -> bytes:
    return _ring("vault").open(bytes(row.wrapped or b""), aead.bound_to("subject-key", row.subject))


def _ring_of(row: SubjectKey) -> aead.KeyRing:
    return aead.KeyRing({1: aead.derive(_unwrap(row), "field")}, 1)


def _subject_ring(subject: UUID) -> aead.KeyRing:
    return aead.KeyRing({1: aead.derive(_key(subject), "field")}, 1)
