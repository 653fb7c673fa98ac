"""Measures: the figures by which a service is judged while it runs, as a journey writes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Given

from pridvor.journeys.conditions import Condition, Conditions

TARGET = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d{1,12}(?:\.\d{1,6})?)\s*")
Over = Literal["mean", "lowest", "highest", "sum", "last"]
Gives = Literal["availability", "milliseconds"]


class BadMeasure(ValueError):
    """A measure that cannot be read; the message names the place and the remedy."""


class _Probe(BaseModel):
    model_config = ConfigDict(extra="forbid")
    suite: str
    endpoint: str
    minutes: int = Given(5, ge=1, le=1440)
    gives: Gives = "availability"


class _Measure(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    unit: str = Given("", max_length=12)
    target: str = Given(pattern=TARGET.pattern)
    over: Over = "mean"
    probe: _Probe | None = None


@dataclass(frozen=True)
class Probe:
    """A measure that we take ourselves, by calling one endpoint of a suite."""

    suite: str
    endpoint: str
    every: timedelta
    gives: str  # availability: 100 or 0 for each call · milliseconds: how long it took, of calls that were answered


@dataclass(frozen=True)
class Measure:
    """One figure of a client's service, and what it must come to over a period."""

    key: str
    title: Mapping[str, str]
    unit: str
    sign: str  # >= | > | <= | <
    goal: float
    over: str  # how readings become one figure: mean, lowest, highest, sum, last
    probe: Probe | None = None

    @property
    def target(self) -> str:
        return f"{self.sign} {self.goal:g}{self.unit and ' '}{self.unit}"

    @cached_property
    def _condition(self) -> Condition:
        return Conditions({"value": "number"}, {})(f"value {self.sign} {self.goal!r}")

    def is_met(self, value: float) -> bool:
        """Whether a figure is as the target wants it: the same questions, in CEL, as everywhere in a journey."""
        return self._condition({"value": value}) is True

    def figure(self, readings: list[float]) -> float | None:
        """One figure from the readings of a period, oldest first; None without any."""
        if not readings:
            return None
        match self.over:
            case "lowest":
                return min(readings)
            case "highest":
                return max(readings)
            case "sum":
                return sum(readings)
            case "last":
                return readings[-1]
        return sum(readings) / len(readings)


def read(key: str, body: Any) -> Measure:
    """A measure from its YAML. Raises BadMeasure."""
    try:
        given = _Measure.model_validate(body)
    except ValidationError as error:
        first: Mapping[str, Any] = error.errors()[0]
        where = ", ".join(map(str, first["loc"]))
        raise BadMeasure(f"measure {key}: {where}: {first['msg'].lower()}") from None
    match = TARGET.fullmatch(given.target)
    if match is None:
        raise BadMeasure(f"measure {key}: target: write a sign and a number, such as “>= 99.5”")
    probe = (
        Probe(
            given.probe.suite,
            given.probe.endpoint,
            timedelta(minutes=given.probe.minutes),
            given.probe.gives,
        )
        if given.probe
        else None
    )
    return Measure(key, given.title, given.unit, match[1], float(match[2]), given.over, probe)


def schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """A measure as a JSON Schema, and the definitions that it refers to."""
    measure = _Measure.model_json_schema()
    return measure, measure.pop("$defs")
