"""Scorecards: how much trust a client gets, as points for facts, in a form that a person can follow line by line.

A scorecard is a part of its journey: it is versioned, proved, published and compared with it. Each factor gives the
points of the first of its rows whose condition holds; a factor that cannot be judged, because something is not known,
gives its `unknown` points, otherwise the fewest that it could have given. The sum falls into a band, and the band says
what the machine grants by itself, and what a person has to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Given

from pridvor.journeys.conditions import Condition

EVIDENCE = {  # what scorecards may ask besides what the journey knows; gathered when the step opens
    "company.years": "number",  # since it was registered, as its registry says
    "company.active": "bool",  # in the registry
    "company.vat_payer": "bool",
    "client.months": "number",  # that we have known it
    "client.journeys_done": "int",  # with a good end
    "client.journeys_ended": "int",  # declined, withdrawn or expired
}
GIVEN = {  # what conditions of the journey may ask of a step that assesses
    "score": "int",
    "band": "text",
    "credit_limit": "number",
    "payment_days": "int",
    "price_group": "text",
}
Read = Callable[[str, str], Condition]


class BadScorecard(ValueError):
    """A scorecard that cannot be read; the message names the place and the remedy."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    when: str = Given("", max_length=500)
    points: int = Given(ge=-1000, le=1000)


class _Factor(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    of: str = ""
    rows: list[_Row] = Given(min_length=1, max_length=20)
    unknown: int | None = Given(None, ge=-1000, le=1000)


class _Band(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    at_least: int | None = None
    then: Literal["grant", "decide"]
    credit_limit: float = Given(0, ge=0, le=1_000_000_000)
    payment_days: int = Given(0, ge=0, le=365)
    price_group: str = Given("", max_length=60)


class _Scorecard(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    requested: str = ""
    factors: dict[str, _Factor] = Given(min_length=1, max_length=30)
    bands: dict[str, _Band] = Given(min_length=1, max_length=10)


@dataclass(frozen=True)
class Row:
    when: Condition | None
    points: int


@dataclass(frozen=True)
class Factor:
    """One question: `of` names the value that is shown beside its points."""

    key: str
    title: Mapping[str, str]
    of: str
    rows: tuple[Row, ...]
    unknown: int

    @property
    def most(self) -> int:
        return max(row.points for row in self.rows)

    def judge(self, values: Mapping[str, Any]) -> "Line":
        for row in self.rows:
            holds = True if row.when is None else row.when(values)
            if holds is None:
                return self._line(values, self.unknown, "", is_known=False)
            if holds:
                return self._line(values, row.points, row.when.text if row.when else "")
        return self._line(values, 0, "")

    def _line(self, values: Mapping[str, Any], points: int, because: str, *, is_known: bool = True) -> "Line":
        return Line(self.key, values.get(self.of), points, self.most, because, is_known)


@dataclass(frozen=True)
class Line:
    """What one factor came to: the value seen, the points of how many, and the condition that held."""

    factor: str
    value: Any
    points: int
    most: int
    because: str
    is_known: bool = True


@dataclass(frozen=True)
class Band:
    """From how many points on, and what follows. `grants`: the machine gives it; otherwise a person decides.

    `credit_limit` is in the company's currency.
    """

    key: str
    title: Mapping[str, str]
    at_least: int | None
    grants: bool
    credit_limit: float
    payment_days: int
    price_group: str


@dataclass(frozen=True)
class Judged:
    """The sum, its band, what may be given, and how it came about. `credit_limit`: never more than was asked for."""

    score: int
    band: Band
    credit_limit: float
    lines: tuple[Line, ...]

    @property
    def values(self) -> dict[str, Any]:
        """What conditions see of it."""
        return {
            "score": self.score,
            "band": self.band.key,
            "credit_limit": self.credit_limit,
            "payment_days": self.band.payment_days,
            "price_group": self.band.price_group,
        }


@dataclass(frozen=True)
class Scorecard:
    key: str
    title: Mapping[str, str]
    requested: str  # the value that says how much is asked for; none: what the band allows
    factors: tuple[Factor, ...]
    bands: tuple[Band, ...]  # the best first

    @property
    def most(self) -> int:
        return sum(factor.most for factor in self.factors)

    def judge(self, values: Mapping[str, Any]) -> Judged:
        """The same values give the same result: nothing else is looked at."""
        lines = tuple(factor.judge(values) for factor in self.factors)
        score = sum(line.points for line in lines)
        band = next(band for band in self.bands if band.at_least is None or score >= band.at_least)
        asked = values.get(self.requested) if self.requested else None
        limit = band.credit_limit if asked is None else min(float(asked), band.credit_limit)
        return Judged(score, band, limit, lines)


def read(key: str, body: Any, variables: Mapping[str, str], condition: Read) -> Scorecard:
    """A scorecard from its YAML. `variables`: what the journey knows, by type; `condition` reads one. Raises BadScorecard."""
    try:
        given = _Scorecard.model_validate(body)
    except ValidationError as error:
        first: Mapping[str, Any] = error.errors()[0]
        where = ", ".join(map(str, first["loc"]))
        raise BadScorecard(f"scorecard {key}: {where}: {first['msg'].lower()}") from None
    known = {**EVIDENCE, **variables}
    for name, place in (
        (given.requested, "requested"),
        *((f.of, f"{k}, of") for k, f in given.factors.items()),
    ):
        if name and name not in known:
            raise BadScorecard(f"scorecard {key}, {place}: nothing is called “{name}”")
    if given.requested and known[given.requested] not in ("int", "number"):
        raise BadScorecard(f"scorecard {key}, requested: “{given.requested}” is not a number")
    factors = tuple(_factor(key, name, factor, condition) for name, factor in given.factors.items())
    return Scorecard(key, given.title, given.requested, factors, _bands(key, given.bands))


def _factor(card: str, key: str, given: _Factor, condition: Read) -> Factor:
    rows = tuple(
        Row(condition(row.when, f"scorecard {card}, {key}") if row.when else None, row.points)
        for row in given.rows
    )
    if any(row.when is None for row in rows[:-1]):
        raise BadScorecard(f"scorecard {card}, {key}: only the last row may stand without `when:`")
    fewest = min(0 if rows[-1].when else rows[-1].points, *(row.points for row in rows))
    return Factor(key, given.title, given.of, rows, fewest if given.unknown is None else given.unknown)


def _bands(card: str, given: Mapping[str, _Band]) -> tuple[Band, ...]:
    """From the best down; the last has no `at_least`, so that every sum falls into one."""
    bands = tuple(
        Band(key, b.title, b.at_least, b.then == "grant", b.credit_limit, b.payment_days, b.price_group)
        for key, b in given.items()
    )
    floors = [band.at_least for band in bands]
    if floors[-1] is not None or None in floors[:-1]:
        raise BadScorecard(f"scorecard {card}, bands: the last one, and no other, stands without `at_least:`")
    numbers = [floor for floor in floors if floor is not None]
    if numbers != sorted(set(numbers), reverse=True):
        raise BadScorecard(
            f"scorecard {card}, bands: write the best first, each with fewer points than the one above"
        )
    return bands


def schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """A scorecard as a JSON Schema, and the definitions that it refers to."""
    card = _Scorecard.model_json_schema()
    return card, card.pop("$defs")
