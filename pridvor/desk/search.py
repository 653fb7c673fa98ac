"""One search on every desk page: reference, company, CUI, IBAN, e-mail, telephone, a person's name.

Personal values are found by blind index, and each such search is a line in the access ledger.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.clients import queries as client_queries
from pridvor.lib import identifiers
from pridvor.lib.actor import Actor

REFERENCE = re.compile(r"[A-Za-z]{1,6}-\d{4}-\d+")


def search(typed: str, *, actor: Actor, now: datetime) -> list[Case]:
    """The cases that what was typed leads to, best first, each once."""
    typed = " ".join(typed.split())[:200]
    if len(typed) < 2:
        return []
    if REFERENCE.fullmatch(typed):
        return cases.by_reference(typed)
    found = [*_by_person(typed, actor, now), *cases.of_clients(client_queries.search(typed))]
    return list({case.pk: case for case in found}.values())


def _by_person(typed: str, actor: Actor, now: datetime) -> list[Case]:
    refs: set[UUID] = set()
    for field, value in _readings(typed):
        refs |= set(clients.find_personal(field, value, actor=actor, purpose="search on the desk", now=now))
    return cases.of_refs(refs) if refs else []


def _readings(typed: str) -> Iterable[tuple[str, str]]:
    """What the words may be: an address, an account, a telephone; else a name."""
    if "@" in typed:
        return [("email", typed)]
    try:
        return [("iban", identifiers.iban(typed))]
    except identifiers.WrongIdentifier:
        pass
    try:
        return [("phone", identifiers.phone(typed))]
    except identifiers.WrongIdentifier:
        pass
    return [("contact_name", typed)] if not any(letter.isdigit() for letter in typed) else []
