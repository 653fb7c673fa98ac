"""Erasure (GDPR Art. 17): what may go, what a law keeps, and doing it.

Everything of a person lies under one key. When nothing must be kept the key is destroyed, and every room removes what
it holds beside the vault. Otherwise single values and files go now, and the key when the last rule has run out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pridvor.cases.models import Case
from pridvor.clients.models import Person
from pridvor.connectors import forgetting
from pridvor.connectors.models import Call, CallState
from pridvor.documents import shredding
from pridvor.documents.models import File
from pridvor.lib.actor import Actor
from pridvor.privacy import categories, rules
from pridvor.privacy.models import Request
from pridvor.vault import actions as vault
from pridvor.vault import queries as vault_queries

Shredder = Callable[..., int]
_shredders: dict[str, Shredder] = {}  # by room: what it does when a person is erased; set by the wiring


def learn(shredders: Mapping[str, Shredder]) -> None:
    """Take the table of the rooms' shredders; the wiring calls it once."""
    _shredders.clear()
    _shredders.update(shredders)


@dataclass(frozen=True)
class Kept:
    """A category that may not go yet: the rules that bind it, each with its last day (None: the contract is in force)."""

    category: str
    holds: tuple[rules.Hold, ...]

    @property
    def until(self) -> date | None:
        """When the last of its rules runs out; None: that is not known yet."""
        days = [hold.until for hold in self.holds]
        return None if None in days else max(day for day in days if day)


@dataclass(frozen=True)
class Assessment:
    """What erasing a person would do today."""

    present: Mapping[str, int]  # values and files by category
    kept: tuple[Kept, ...]
    outside: tuple[str, ...]  # systems that were told of the person, and that we cannot erase

    @property
    def going(self) -> dict[str, int]:
        bound = {kept.category for kept in self.kept}
        return {category: count for category, count in self.present.items() if category not in bound}

    @property
    def outcome(self) -> Request.Outcome:
        if not self.kept:
            return Request.Outcome.WHOLE
        return Request.Outcome.PARTIAL if self.going else Request.Outcome.REFUSED


def assess(person: Person, *, today: date) -> Assessment:
    """What may go and what must stay, by category. No value is opened."""
    present: dict[str, int] = {}
    values, files = _by_category(person)
    for category in {*values, *files}:
        present[category] = len(values.get(category, ())) + len(files.get(category, ()))
    binding = rules.holds(person)
    kept = []
    for category in sorted(present):
        holds = tuple(hold for hold in binding if hold.binds(category, today))
        if holds:
            kept.append(Kept(category, holds))
    return Assessment(present, tuple(kept), outside(person))


def outside(person: Person) -> tuple[str, ...]:
    """Outside systems that took data of this person's cases."""
    calls = Call.objects.filter(case__person=person, state__in=[CallState.DONE, CallState.BY_HAND])
    return tuple(sorted(set(calls.values_list("peer", flat=True))))


def erase_wholly(person: Person, *, actor: Actor, reason: str, now: datetime) -> dict[str, int]:
    """This will run every room's shredder and destroy the person's key. Returns what each room removed.

    Each room's part is a transaction of its own and can be done again: the key goes last, so a crash leaves an
    erasure that is begun anew and never one that is said to be done.
    """
    removed = {room: shred(person, actor=actor, now=now) for room, shred in _shredders.items()}
    vault.erase(person.subject, actor=actor, reason=reason, now=now)
    return removed


def erase_partly(person: Person, found: Assessment, *, actor: Actor, now: datetime) -> dict[str, int]:
    """This will destroy the values and files of the categories that nothing binds, and have other systems forget them.

    Returns how many of each category.
    """
    values, files = _by_category(person)
    _tell_others(person, found, now=now)
    removed: dict[str, int] = {}
    for category in found.going:
        refs, papers = values.get(category, []), files.get(category, [])
        vault.destroy(refs, actor=actor, purpose=f"erase: {category}", now=now)
        removed[category] = len(refs) + shredding.destroy(papers, actor=actor, now=now)
    return removed


def tell(found: Assessment) -> dict[str, Any]:
    """An assessment as a request keeps it and its letter says it: nothing personal."""
    return {
        "going": found.going,
        "kept": [
            {
                "category": kept.category,
                "until": kept.until.isoformat() if kept.until else "",
                "rules": [
                    {
                        "title": hold.rule.title,
                        "law": hold.rule.law,
                        "until": hold.until.isoformat() if hold.until else "",
                    }
                    for hold in kept.holds
                ],
            }
            for kept in found.kept
        ],
        "outside": list(found.outside),
    }


def references(person: Person) -> list[str]:
    """The references of the person's cases, which letters name instead of the person."""
    return list(Case.objects.filter(person=person).order_by("pk").values_list("reference", flat=True))


# -- how


def _tell_others(person: Person, found: Assessment, *, now: datetime) -> None:
    named = set(vault_queries.fields(person.subject).values())
    gone = {field for field in named if categories.of_field(field) in found.going}
    forgetting.shred_partly(person, gone, named - gone, now=now)


def _by_category(person: Person) -> tuple[dict[str, list[UUID]], dict[str, list[File]]]:
    values: dict[str, list[UUID]] = {}
    for ref, field in vault_queries.fields(person.subject).items():
        values.setdefault(categories.of_field(field), []).append(ref)
    files: dict[str, list[File]] = {}
    for file in shredding.kept(person):
        files.setdefault(categories.of_document(file.document.item), []).append(file)
    return values, files
