"""What is past its time goes by itself, every night: codes, sessions, copies, papers taken back, whole persons.

Ledgers stay: they hold ids, and once the key is gone an id means nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pridvor.cases.models import Case, CaseState
from pridvor.clients import shredding as codes
from pridvor.clients.models import Person
from pridvor.documents import shredding as files
from pridvor.lib.actor import machine
from pridvor.privacy import erasing, ledger, requests, rules
from pridvor.vault import queries as vault

ME = machine("retention")
WITHDRAWN = timedelta(days=30)  # files of papers that were taken back
STRANGERS = timedelta(days=30)  # addresses that were typed and led to nothing
BATCH = 500


@dataclass(frozen=True)
class Swept:
    """What one night removed."""

    codes: int
    copies: int
    files: int
    persons: int


def sweep(*, now: datetime) -> Swept:
    """This will remove what is past its time. It may stop anywhere and be run again."""
    return Swept(
        codes=codes.expire(now=now),
        copies=requests.end_copies(now=now),
        files=files.expire_withdrawn(WITHDRAWN, actor=ME, now=now),
        persons=sum(_erase(person, now=now) for person in due(now=now)),
    )


def due(*, now: datetime) -> Iterator[Person]:
    """Persons whose data nothing keeps any more."""
    for some in _batches():
        alive = vault.alive([person.subject for person in some])
        for person in some:
            if person.subject in alive and _is_due(person, now):
                yield person


# -- how


def _batches() -> Iterator[list[Person]]:
    """Persons without an open case, a few hundred at a time."""
    busy = Case.objects.exclude(state=CaseState.ENDED).values("person")
    rows, last = Person.objects.exclude(pk__in=busy).order_by("pk"), 0
    while some := list(rows.filter(pk__gt=last)[:BATCH]):
        last = some[-1].pk
        yield some


def _is_due(person: Person, now: datetime) -> bool:
    ends, until = rules.kept_until(person)
    if not ends:
        return False
    if until is None:
        return person.created_at <= now - STRANGERS
    return until <= now.date()


def _erase(person: Person, *, now: datetime) -> int:
    removed = erasing.erase_wholly(person, actor=ME, reason="retention", now=now)
    ledger.record("retention.erased", person.subject, actor=ME, now=now, removed=removed)
    return 1
