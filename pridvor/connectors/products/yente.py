"""yente, the matching API of OpenSanctions (self-hosted, or as api.opensanctions.org): names against sanctions lists.

An answer that lacks somebody we asked for is no answer: nobody passes because a part of it was lost. Which list stands
there is read before the comparison, so that a list which is exchanged meanwhile is noted as the older one, and the next
screening finds it changed. A dataset that is not loaded finds nobody and says nothing of it, and the version of a
collection is the hour at which yente was started: what counts is what is loaded of all its parts. Its other manners: `cutoff` leaves results out, `threshold` only marks them, so both are sent; a
query that fails has a status of its own inside an answer of 200; an unknown algorithm is answered with 400.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.types import StringConstraints

from pridvor.cases.models import Case
from pridvor.connectors import watchlist
from pridvor.connectors.contract import (
    Answer,
    Health,
    Options,
    Place,
    Product,
    Rejected,
    Unavailable,
    Verb,
    probed,
)
from pridvor.connectors.products.wire import Wire
from pridvor.connectors.stand_ins.yente import Lists
from pridvor.connectors.watchlist import CAPABILITY, Edition, Inquiry, Match, Screened, Sought
from pridvor.connectors.web import json_of

AT_ONCE = 50  # queries in one request; yente takes 100
MOST = 20  # candidates for one name: a person looks at each


class Compared(Options):
    """How names are compared: yente's algorithm (empty: its default), and the score that makes a candidate."""

    algorithm: str = ""
    threshold: float = Field(0.7, gt=0, le=1)


# -- what it says, as far as we read it; anything else there is its own business

_Word = Annotated[str, StringConstraints(min_length=1)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


Said = TypeVar("Said", bound=_Said)


class _Feature(_Said):
    score: float


class _Entry(_Said):
    id: _Word
    caption: str
    schema_: str = Field(alias="schema")
    properties: dict[str, list[Any]] = {}
    datasets: list[str] = []
    score: float = Field(ge=0, le=1)
    features: dict[str, float] = {}  # up to yente 5.0
    explanations: dict[str, _Feature] = {}
    match: bool


class _Row(_Said):
    status: int = 200
    results: list[_Entry]


class _Matches(_Said):
    responses: dict[str, _Row]


class _Dataset(_Said):
    name: str
    version: str | None = None  # what the publisher has
    index_version: str | None = None  # what is loaded here; yente before 5 does not say
    children: list[str] | None = None  # of a collection


class _Catalog(_Said):
    datasets: list[_Dataset]

    def loaded(self, name: str) -> dict[str, str]:
        """Which version of each dataset is loaded that `name` is made of, or is a part of."""
        parts = {each.name: set(each.children or ()) for each in self.datasets}
        kin = _below(name, parts) | {one for one in parts if name in _below(one, parts)}
        tells = any("index_version" in each.model_fields_set for each in self.datasets)
        found = {each.name: each.index_version if tells else each.version for each in self.datasets}
        return {one: version for one, version in found.items() if one in kin and version}


class _Algorithm(_Said):
    name: str


class _Algorithms(_Said):
    algorithms: list[_Algorithm]
    default: str
    best: str = ""

    def named(self, wanted: str) -> str:
        """The algorithm itself, where somebody says «the best», or nothing: what that is may change."""
        asked = wanted or self.default
        return (self.best or asked) if asked == "best" else asked


class _About(_Said):
    version: str = ""


class _Description(_Said):
    info: _About = _About()


class Yente:
    """A connection to one dataset of one yente: the last part of its address."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        base, _slash, self.dataset = place.address.rpartition("/")
        if base.endswith(("/", ":")) or not self.dataset:
            raise Rejected("wrong-address", "the address ends with a dataset: https://host/sanctions")
        self.options: Compared = place.options
        headers = {"Authorization": f"ApiKey {place.key}"} if place.key else {}
        self._wire = Wire(base, headers, transport)

    def close(self) -> None:
        self._wire.close()

    def probe(self) -> Health:
        return probed(watchlist.ROLE, self.edition)

    def match(self, sought: Mapping[str, Sought]) -> Screened:
        """Who on the list is like these, by the key of each. Raises Failed; then nothing is known of any of them."""
        edition = self.edition()
        found: dict[str, tuple[Match, ...]] = {}
        keys = list(sought)
        for start in range(0, len(keys), AT_ONCE):
            found |= self._match({key: sought[key] for key in keys[start : start + AT_ONCE]}, edition)
        return Screened(edition, sought, found)

    def edition(self) -> Edition:
        """Which list stands there now, and how it is compared. Raises Rejected when it has no such list or algorithm."""
        known = _read(_Catalog, self._wire.read("catalog"))
        if self.dataset not in {each.name for each in known.datasets}:
            raise Rejected("no-dataset", f"there is no dataset {self.dataset}")
        loaded = known.loaded(self.dataset)
        if not loaded:
            raise Unavailable("no-list", f"the dataset {self.dataset} is not loaded")
        ways = _read(_Algorithms, self._wire.read("algorithms"))
        algorithm = ways.named(self.options.algorithm)
        if algorithm not in {each.name for each in ways.algorithms}:
            raise Rejected("no-algorithm", f"there is no algorithm {algorithm}")
        return Edition(self.dataset, _version(loaded), algorithm, self.options.threshold, self._engine())

    def _engine(self) -> str:
        told = _read(_Description, self._wire.read("openapi.json") or {}).info.version
        return f"yente {told}" if told else ""

    def _match(self, sought: Mapping[str, Sought], edition: Edition) -> dict[str, tuple[Match, ...]]:
        queries = {
            key: {
                "schema": one.schema,
                "properties": {name: [*said] for name, said in one.properties.items()},
            }
            for key, one in sought.items()
        }
        params: dict[str, str | float] = {
            "algorithm": edition.algorithm,
            "threshold": edition.threshold,
            "cutoff": edition.threshold,
            "limit": MOST,
        }
        response = self._wire.look("POST", f"match/{self.dataset}", params=params, json={"queries": queries})
        said = json_of(response)
        if 400 <= response.status_code < 500 and isinstance(said, dict):
            raise Rejected(f"http-{response.status_code}", "it does not take the question")
        if response.status_code != 200 or said is None:
            raise Unavailable(f"http-{response.status_code}", "while comparing")
        rows = _read(_Matches, said).responses
        if lost := [key for key in queries if key not in rows or rows[key].status != 200]:
            raise Unavailable("part-missing", f"no answer for {len(lost)} of {len(queries)}")
        return {key: tuple(_match(each) for each in rows[key].results if each.match) for key in queries}


def screen(connection: Yente, inquiry: Inquiry) -> Answer:
    """The list compared with everybody whom a case names. What was found goes to the check; the ledger has figures."""
    found = connection.match(inquiry.sought)
    edition = found.edition
    told = {
        "list": f"{edition.dataset} {edition.version}",
        "algorithm": edition.algorithm,
        "asked": len(inquiry.sought),
        "candidates": sum(map(len, found.matches.values())),
    }
    return Answer("", "found", told, found=found)  # no reference: it has no record of the client


def _match(said: _Entry) -> Match:
    words = {
        name: tuple(each for each in values if isinstance(each, str))
        for name, values in said.properties.items()
    }
    why = {name: each.score for name, each in said.explanations.items()} or said.features
    return Match(
        entry=said.id,
        caption=said.caption,
        schema=said.schema_,
        score=round(said.score, 3),
        topics=words.get("topics", ()),
        datasets=tuple(said.datasets),
        properties=words,
        why={name: round(score, 3) for name, score in why.items() if score},
    )


def _version(loaded: Mapping[str, str]) -> str:
    """One dataset's own version; of several the newest, and a digest in which every one of them counts."""
    if len(loaded) == 1:
        return next(iter(loaded.values()))
    every = hashlib.sha256(repr(sorted(loaded.items())).encode()).hexdigest()
    return f"{max(loaded.values())}+{every[:8]}"


def _below(name: str, parts: Mapping[str, set[str]], seen: frozenset[str] = frozenset()) -> set[str]:
    """A dataset and all that it is made of."""
    if name in seen:
        return set()
    return {name}.union(*(_below(part, parts, seen | {name}) for part in parts.get(name, ())))


def _read(model: type[Said], said: object) -> Said:
    """What it says, in the shape that we know; another shape is no answer."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise Unavailable("wrong-schema", f"{error.error_count()} deviations in {model.__name__}") from None


def _gather(verb: Verb, case: Case, **at: Any) -> Inquiry:
    return watchlist.inquiry(case, **at)


PRODUCT = Product(
    role=watchlist.ROLE,
    scheme="yente",
    name="yente",
    connect=Yente,
    verbs={CAPABILITY.partition(".")[2]: Verb(screen, of_check=True)},
    stand_in=Lists,
    options=Compared,
    gather=_gather,
)
"""Its address: `yente+https://screening.example.com/sanctions?threshold=0.7`; the last part of the path is the dataset."""
