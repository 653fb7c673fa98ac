"""How a client's service stands: the last tests of its interface, those before, and its measures with their trend.

Client and staff see the same figures. Titles are the journey's; sentences are the findings'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.numbers import format_decimal

from pridvor.cases.models import Case
from pridvor.checks import messages
from pridvor.connectors import measures, suites
from pridvor.connectors.measures import Judged
from pridvor.connectors.models import SuiteResult, SuiteRun
from pridvor.journeys.suites import Endpoint
from pridvor.ui import dates

PERIOD = timedelta(days=30)
POINTS = 24  # of a trend
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@dataclass(frozen=True)
class Answered:
    """One endpoint in a run: what was called, and each thing that differed, in a sentence."""

    title: str
    call: str  # GET /orders
    passed: bool
    milliseconds: int | None
    said: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    title: str
    at: datetime
    cause: str  # step | client | staff
    passed: bool
    answers: tuple[Answered, ...]


@dataclass(frozen=True)
class Figure:
    """A measure over the last thirty days: what it came to, what is wanted, and its course."""

    title: str
    unit: str
    target: str
    goal: float
    value: str | None  # in the reader's language, with its unit
    is_met: bool
    readings: int
    points: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Service:
    latest: tuple[Run, ...]
    earlier: tuple[Run, ...]
    figures: tuple[Figure, ...]


def is_kept(case: Case) -> bool:
    """Whether the case's journey tests or measures anything."""
    return bool(case.journey.suites or case.journey.measures)


def standing(case: Case, language: str, *, now: datetime) -> Service:
    """Everything that there is to see."""
    newest = {row.pk for row in suites.latest(case)}
    runs = [(row.pk in newest, _run(case, row, language)) for row in suites.history(case)]
    since = now - PERIOD
    return Service(
        tuple(run for is_newest, run in runs if is_newest),
        tuple(run for is_newest, run in runs if not is_newest),
        tuple(_figure(case, one, language, since) for one in measures.judge(case, since, now)),
    )


def _run(case: Case, row: SuiteRun, language: str) -> Run:
    suite = case.journey.suites.get(row.suite)
    known = {endpoint.key: endpoint for endpoint in suite.endpoints} if suite else {}
    answers = tuple(_answered(case, one, known, language) for one in row.results.all())
    title = case.journey.text(suite.title, language) if suite else row.suite
    return Run(title, row.started_at, row.cause, row.passed, answers)


def _answered(case: Case, row: SuiteResult, known: Mapping[str, Endpoint], language: str) -> Answered:
    endpoint = known.get(row.endpoint)
    title = case.journey.text(endpoint.title, language) if endpoint else ""
    call = f"{endpoint.method} {endpoint.path}" if endpoint else row.endpoint
    said = tuple(_said(title or row.endpoint, one) for one in row.differences)
    return Answered(title or row.endpoint, call, not said, row.milliseconds, said)


def _said(title: str, difference: Mapping[str, Any]) -> str:
    return messages.text(difference["code"], {"endpoint": title, **difference["params"]})


def _figure(case: Case, judged: Judged, language: str, since: datetime) -> Figure:
    measure, value = judged.measure, judged.value
    course = measures.trend(case, measure.key, since=since, limit=POINTS)
    return Figure(
        case.journey.text(measure.title, language),
        measure.unit,
        f"{SIGNS[measure.sign]} {_number(measure.goal)} {measure.unit}".strip(),
        measure.goal,
        None if value is None else f"{_number(value)} {measure.unit}".strip(),
        judged.is_met,
        judged.readings,
        tuple((dates.said(timely, "short").partition(",")[0], value) for timely, value in course),
    )


def _number(value: float) -> str:
    """Two decimals where they say something: 99.95 is not 100."""
    return format_decimal(value, format="#,##0.##", locale=dates.locale())
