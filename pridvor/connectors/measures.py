"""Readings of a client's service: taken from its own system, a file, or our probes; each once; judged over a period.

A reading is known by its measure, its source and its moment: handed in again it changes nothing, so that whoever is
not sure whether it arrived sends it once more.
"""

import csv
import hashlib
import hmac
import io
import math
import secrets as random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Case, CaseState
from pridvor.connectors import suites
from pridvor.connectors.models import MeasureKey, Reading
from pridvor.connectors.outward import NoAnswer, NotAllowed
from pridvor.journeys import queries as journeys
from pridvor.journeys.measures import Measure, Probe
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import trace
from pridvor.lib.actor import Actor

MOST = 5000  # readings handed in at once
AHEAD = timedelta(minutes=5)  # by which the client's clock may be wrong
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
KEY = "pm_"  # how a key begins, so that whoever finds one knows what it is
OTHERWISE = timedelta(days=30)  # the period where the journey waits for none
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "quarter": 92, "year": 365}
QUEUE, TASK = "connectors", "connectors.probe"


class BadReading(ValueError):
    """A reading that cannot be taken: `row` counts from 1; `code` is measure, moment, value, columns or too-many."""

    def __init__(self, row: int, code: str) -> None:
        super().__init__(f"{row}: {code}")
        self.row, self.code = row, code


@dataclass(frozen=True)
class Given:
    """One reading as somebody hands it in."""

    measure: str
    at: datetime
    value: float


@dataclass(frozen=True)
class Judged:
    """A measure over a period: the figure its readings come to, and whether that is as its target wants it."""

    measure: Measure
    value: float | None  # None: no reading
    readings: int
    is_met: bool


# -- taking


@transaction.atomic
def take(case: Case, given: Iterable[Given], *, source: str, actor: Actor, now: datetime) -> int:
    """This will keep the readings that are new, and return how many. Raises BadReading; then none is kept."""
    rows = list(given)
    if len(rows) > MOST:
        raise BadReading(MOST + 1, "too-many")
    for number, row in enumerate(rows, 1):
        _check(case, number, row, now)
    before = Reading.objects.filter(case=case).count()
    new = (Reading(case=case, measure=row.measure, at=row.at, value=row.value, source=source) for row in rows)
    Reading.objects.bulk_create(new, ignore_conflicts=True)
    kept = Reading.objects.filter(case=case).count() - before
    if kept and source != "probe":  # a probe every few minutes would drown the case's own story
        said = {"source": source, "kept": kept, "measures": sorted({row.measure for row in rows})}
        cases.record(case, "readings.taken", actor=actor, now=now, data=said)
    return kept


def of_file(content: bytes) -> Iterator[Given]:
    """Readings of a CSV file with the columns measure, at, value; commas or semicolons between. Raises BadReading."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadReading(1, "columns") from None
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if {"measure", "at", "value"} - set(rows.fieldnames or ()):
        raise BadReading(1, "columns")
    for number, row in enumerate(rows, 1):
        yield Given(
            str(row["measure"] or "").strip(),
            moment(str(row["at"] or ""), number),
            value(str(row["value"] or "").replace(",", "."), number),
        )


def moment(text: str, row: int = 1) -> datetime:
    """A moment in ISO 8601; without a zone it is UTC. Raises BadReading."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadReading(row, "moment") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def value(text: object, row: int = 1) -> float:
    """A finite number. Raises BadReading."""
    try:
        found = float(str(text))
    except ValueError:
        raise BadReading(row, "value") from None
    if isinstance(text, bool) or not math.isfinite(found):
        raise BadReading(row, "value")
    return found


def _check(case: Case, number: int, row: Given, now: datetime) -> None:
    if row.measure not in case.journey.measures:
        raise BadReading(number, "measure")
    if not EARLIEST < row.at <= now + AHEAD:
        raise BadReading(number, "moment")
    value(row.value, number)


# -- the key of the client's own system


@transaction.atomic
def make_key(case: Case, *, actor: Actor, now: datetime) -> str:
    """This will make the key with which the client's system hands in readings, in place of an earlier one; shown once."""
    key = KEY + random.token_urlsafe(32)
    made = {"digest": _digest(key), "made_at": now, "by": str(actor)}
    MeasureKey.objects.update_or_create(case=case, defaults=made)
    cases.record(case, "measure-key.made", actor=actor, now=now)
    return key


def case_of_key(key: str) -> Case | None:
    """The open case that a key belongs to."""
    digest = _digest(key)
    row = MeasureKey.objects.filter(digest=digest).select_related("case__journey_version").first()
    is_right = row is not None and hmac.compare_digest(row.digest, digest)
    return row.case if row and is_right and row.case.state == CaseState.OPEN else None


def _digest(key: str) -> str:
    """Of a key that is itself random, a plain digest cannot be turned back."""
    return hashlib.sha256(key.encode()).hexdigest()


# -- judging


def judge(case: Case, since: datetime, until: datetime) -> list[Judged]:
    """Every measure of the journey over a period."""
    by_measure: dict[str, list[float]] = {key: [] for key in case.journey.measures}
    rows = Reading.objects.filter(case=case, at__gte=since, at__lte=until, measure__in=by_measure)
    for key, number in rows.order_by("at", "id").values_list("measure", "value"):
        by_measure[key].append(number)
    return [
        Judged(measure, figure, len(by_measure[key]), figure is not None and measure.is_met(figure))
        for key, measure in case.journey.measures.items()
        for figure in [measure.figure(by_measure[key])]
    ]


def period(case: Case, rule: str, *, now: datetime) -> datetime:
    """Since when a rule judges: the round before this one, or the wait that the journey puts before the check."""
    steps = [step for step in case.journey.steps.values() if step.kind == "check" and rule in step.uses]
    for step in steps:
        stage = case.journey.stages[step.stage]
        if stage.every:
            return _before(stage.every, now)
        waits = [one for one in stage.steps if case.journey.steps[one].span]
        began = Attempt.objects.filter(case=case, key__in=waits, opened_at__isnull=False)
        last = began.order_by("-opened_at").values_list("opened_at", flat=True).first()
        if last:
            return last
    return now - OTHERWISE


def trend(case: Case, measure: str, *, since: datetime, limit: int = 60) -> list[tuple[datetime, float]]:
    """The last readings of a measure since a moment, oldest first; of many, the mean of each equal part of the time."""
    rows = list(
        Reading.objects.filter(case=case, measure=measure, at__gte=since)
        .order_by("at", "id")
        .values_list("at", "value")
    )
    size = max(1, math.ceil(len(rows) / limit))
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [(part[-1][0], sum(number for _, number in part) / len(part)) for part in parts]


def _before(every: str, now: datetime) -> datetime:
    """One round earlier; of a month, the same day of the month before, or its last."""
    if every != "month":
        return now - timedelta(days=DAYS.get(every, OTHERWISE.days))
    last = now.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(now.day, last.day))


# -- probing


def sweep(*, now: datetime) -> int:
    """This will enqueue the probes that are due, one job for each case. Returns how many."""
    versions = JourneyVersion.objects.values_list("pk", flat=True)
    probing = [pk for pk in versions if any(one.probe for one in journeys.compiled(pk).measures.values())]
    opened = Case.objects.filter(state=CaseState.OPEN, paused="", journey_version__in=probing)
    due = [case for case in opened.select_related("journey_version").iterator() if any(_due(case, now))]
    for case in due:
        app.configure_task(TASK, queue=QUEUE, lock=f"probe:{case.pk}").defer(
            case_id=case.pk, trace=trace.current()
        )
    return len(due)


def probe(case_id: int, *, actor: Actor, now: datetime) -> int:
    """This will take the readings of a case that are due, over the network, and return how many were kept."""
    case = Case.objects.select_related("client", "person", "journey_version").get(pk=case_id)
    found = [
        Given(measure.key, at, reading)
        for measure, wanted, at in _due(case, now)
        for reading in [_probed(case, wanted, now)]
        if reading is not None
    ]
    return take(case, found, source="probe", actor=actor, now=now) if found else 0


def _due(case: Case, now: datetime) -> Iterator[tuple[Measure, Probe, datetime]]:
    """The measures of which nobody has taken this interval's reading, and the moment that it stands for."""
    probes = [(measure, measure.probe) for measure in case.journey.measures.values() if measure.probe]
    answers = case_queries.answers(case) if probes else {}
    for measure, wanted in probes:
        seconds = wanted.every.total_seconds()
        at = datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=UTC)
        taken = Reading.objects.filter(case=case, measure=measure.key, source="probe", at=at)
        suite = case.journey.suites[wanted.suite]
        if answers.get(suite.field) and not taken.exists():
            yield measure, wanted, at


def _probed(case: Case, wanted: Probe, now: datetime) -> float | None:
    """100 or 0 of availability, or milliseconds; None where nothing can be said (no credential, no answer to time)."""
    suite = case.journey.suites[wanted.suite]
    endpoint = next(one for one in suite.endpoints if one.key == wanted.endpoint)
    entry = suites.enter(case, suite, now=now)
    if entry.lacks:
        return None
    is_timed = wanted.gives == "milliseconds"
    try:
        answer = suites.answer_of(suite, endpoint, entry)
    except NotAllowed:
        return None
    except NoAnswer:
        return None if is_timed else 0.0
    found = suites.differences(endpoint, answer, proves_itself=bool(suite.auth.secrets))
    is_good = all(one.code == "endpoint-slow" for one in found)
    if is_timed:
        return float(answer.milliseconds) if is_good else None
    return 100.0 if is_good else 0.0
