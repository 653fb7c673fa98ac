"""What staff tell one another about a case. Free text may hold anything, so it is sealed; a mention calls a colleague."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pridvor.accounts import queries as people
from pridvor.accounts.models import Machine, Staff
from pridvor.cases import store
from pridvor.cases.models import Case, Note
from pridvor.clients import actions as clients
from pridvor.lib import text as words
from pridvor.lib.actor import Actor

LONGEST = 4000  # characters
CALL = re.compile(r"(?<![\w.])@(?=\w)")  # not the one inside an e-mail address


class NobodyCalled(Exception):
    """A mention fits nobody, or more than one: `called` are its words."""

    def __init__(self, called: str) -> None:
        super().__init__(called)
        self.called = called


@dataclass(frozen=True)
class Said:
    """A note with its words, as revealed for one look."""

    note: Note
    text: str


@transaction.atomic
def write(
    case: Case,
    text: str,
    *,
    author: Staff | Machine,
    now: datetime,
    also: Iterable[Staff] = (),
) -> Note:
    """This will keep a note on a case and call whoever it mentions, and `also` these. Raises NobodyCalled."""
    called = {one.pk: one for one in (*mentioned(text, people.active()), *also)}
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
    ref = clients.keep(case.subject, {"internal_note": text[:LONGEST]}, now=now)["internal_note"]
    note = Note.objects.create(
        case=case, ref=ref, at=now, **{"machine" if isinstance(author, Machine) else "author": author}
    )
    note.called.set(called.values())
    named = str(note.public_id)
    events = [("note.written", {"note": named})]
    events += [("note.mentioned", {"note": named, "staff": str(one.public_id)}) for one in called.values()]
    store.record(case.pk, events, actor=author.actor, now=now)
    return note


def read(cases: Iterable[Case], *, actor: Actor, purpose: str, now: datetime) -> list[Said]:
    """This will log the look and return the notes of these cases, the newest first; what was erased is left out."""
    rows = list(
        Note.objects.filter(case__in=list(cases))
        .select_related("case", "author", "machine")
        .prefetch_related("called")
        .order_by("-id")
    )
    refs = {str(row.pk): row.ref for row in rows}
    texts = clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now) if refs else {}
    return [Said(row, texts[str(row.pk)]) for row in rows if str(row.pk) in texts]


def mentioned(text: str, staff: Sequence[Staff]) -> list[Staff]:
    """Whom «@carmen», «@Carmen Ionescu» or «@carmen@arcada.example» call, each once. Raises NobodyCalled."""
    found = [_called(text[match.end() :], staff) for match in CALL.finditer(text)]
    return list({one.pk: one for one in found}.values())


def resolve(typed: str, staff: Sequence[Staff]) -> Staff:
    """The one of these that a name or an address means. Raises NobodyCalled."""
    return _called(typed, staff)


# -- how


def _called(rest: str, staff: Sequence[Staff]) -> Staff:
    """The longest name or address that the words begin with; it must belong to one person."""
    plain = words.fold(rest)
    best: list[Staff] = []
    length = 0
    for one in staff:
        fits = max((len(name) for name in _names(one) if _begins(plain, name)), default=0)
        if fits > length:
            best, length = [one], fits
        elif fits and fits == length:
            best.append(one)
    if len(best) != 1:
        raise NobodyCalled(rest.split()[0].rstrip(".,;:!?") if rest.split() else "")
    return best[0]


def _names(one: Staff) -> set[str]:
    """What a person is called by: address, its first part, whole name, first name."""
    name = words.fold(one.name)
    return {one.email, one.email.partition("@")[0], name, name.partition(" ")[0]}


def _begins(plain: str, name: str) -> bool:
    after = plain[len(name) : len(name) + 1]
    return plain.startswith(name) and not after.isalnum()
