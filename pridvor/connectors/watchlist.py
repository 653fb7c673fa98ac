"""Screening against sanctions lists, in the words of yente's matching API whoever answers: what is asked, what comes.

A product of the role `screening` takes an `Inquiry` and gives a `Screened`; so does the list in a file (checks.name_list).
Records are FollowTheMoney's (https://followthemoney.tech/): a schema, and properties with several values each.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.connectors.masking import mask
from pridvor.lib.actor import Actor, machine

ROLE = "screening"
CAPABILITY = f"{ROLE}.match"
COMPANY = "company"  # the key of the company itself; people go by the question that named them
PEOPLE = (
    "contact_name",
    "owner_name",
)  # questions whose answers are screened, in every entry of a page that repeats
PURPOSE = "sanctions screening"
ME = machine("checks")

Properties = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sought:
    """Somebody whom we look for on a list: a Company or a Person, with what we know of them."""

    schema: str
    properties: Properties

    @property
    def name(self) -> str:
        return next(iter(self.properties["name"]), "")

    @property
    def is_person(self) -> bool:
        return self.schema == "Person"


@dataclass(frozen=True)
class Inquiry:
    """Whom a case wants to have looked for, each under a key of ours."""

    key: str  # the case's reference
    sought: Mapping[str, Sought]

    def masked(self) -> dict[str, Any]:
        """What the ledger keeps: a company as it is, of a person only that there was one."""
        named = {key: mask(one.name) if one.is_person else one.name for key, one in self.sought.items()}
        return {"key": self.key, **named}


@dataclass(frozen=True)
class Edition:
    """Which list in which version was compared in which way; what a screening is worth, these say.

    `threshold` is the score from which an entry counts as a candidate, 0 to 1; `engine` the program and its version,
    because one algorithm scores differently from version to version.
    """

    dataset: str
    version: str
    algorithm: str
    threshold: float
    engine: str = ""


@dataclass(frozen=True)
class Match:
    """One entry of a list that is like somebody we look for; `score` from 0 to 1, `why` by feature of the algorithm."""

    entry: str
    caption: str
    schema: str
    score: float
    topics: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    properties: Properties = field(default_factory=dict)
    why: Mapping[str, float] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Differs whenever the entry says something else: then an earlier verdict on it does not hold."""
        said = [
            self.schema,
            self.caption,
            sorted(self.topics),
            sorted(self.datasets),
            sorted((name, sorted(values)) for name, values in self.properties.items()),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Screened:
    """What a list had: the candidates for each key that was asked, an empty row where there were none."""

    edition: Edition
    sought: Mapping[str, Sought]
    matches: Mapping[str, tuple[Match, ...]]


def inquiry(case: Case, *, now: datetime, actor: Actor = ME) -> Inquiry:
    """The company and the people that its case names; opening their names is written into the access ledger."""
    named = [name for name in case_queries.personal_refs(case) if name.rpartition(".")[2] in PEOPLE]
    people = cases.reveal(case, named, actor=actor, purpose=PURPOSE, now=now) if named else {}
    found = {name: Sought("Person", {"name": (said,)}) for name, said in people.items() if said.strip()}
    return Inquiry(case.reference, {COMPANY: _company(case), **found})


def _company(case: Case) -> Sought:
    client = case.client
    told = {
        "name": client.name,
        "jurisdiction": client.country.lower(),
        "registrationNumber": client.registration_number,
        "taxNumber": client.cui,
        "vatCode": client.vat,
    }
    return Sought("Company", {name: (value,) for name, value in told.items() if value})
