"""The pages about journeys: which are published, and one version as a map and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from pridvor.insights import queries as insights
from pridvor.journeys import map as maps
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion


@dataclass(frozen=True)
class Published:
    """One journey with its versions, each with how many cases go on upon it."""

    name: str
    title: str
    versions: list[tuple[JourneyVersion, int]]


@dataclass(frozen=True)
class StepRow:
    title: str
    who: str
    conditions: list[str]
    routes: list[str]
    is_exception: bool


@dataclass(frozen=True)
class StageRows:
    title: str
    note: str
    steps: list[StepRow]


@dataclass(frozen=True)
class Page:
    """One version: its map twice (for wide and for narrow screens) and the same in words."""

    version: JourneyVersion
    title: str
    wide: SafeString
    tall: SafeString
    stages: list[StageRows]
    facts: list[tuple[str, str]]
    open_cases: int


def published(language: str) -> list[Published]:
    going_on = insights.open_by_version()
    found = []
    for name, group in groupby(journeys.versions(), key=lambda version: version.name):
        versions = [(version, going_on.get(version.pk, 0)) for version in group]
        newest = journeys.compiled(versions[0][0].pk)
        found.append(Published(name, maps.name(newest.title, name, language), versions))
    return found


def page(version: JourneyVersion, language: str) -> Page:
    journey = journeys.compiled(version.pk)
    return Page(
        version,
        maps.name(journey.title, journey.name, language),
        mark_safe(maps.draw(journey, language)),  # noqa: S308
        mark_safe(maps.draw(journey, language, tall=True)),  # noqa: S308
        _stages(journey, language),
        [(name, maps.plainly(fact.text)) for name, fact in journey.conditions.facts.items()],
        insights.open_by_version().get(version.pk, 0),
    )


def _stages(journey: Journey, language: str) -> list[StageRows]:
    words, parties = maps.Words(journey, language), maps.parties()
    return [
        StageRows(
            words.stage(stage.key),
            words.of_stage(stage),
            [_step(journey, words, parties, key) for key in (*stage.steps, *stage.exceptions)],
        )
        for stage in journey.stages.values()
    ]


def _step(journey: Journey, words: maps.Words, parties: Mapping[str, str], key: str) -> StepRow:
    step = journey.steps[key]
    who = parties[maps.party(step)]
    if maps.party(step) == "us":
        who = maps.role(step.by)
    return StepRow(words.step(key), who, words.conditions(step), words.routes(step), step.exception)
