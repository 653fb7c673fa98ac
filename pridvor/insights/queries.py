"""Figures read from the ledgers. Nothing personal is needed for any of them, and the vault is never opened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Count
from django.utils import timezone

from pridvor.accounts.sight import without_tests
from pridvor.cases.models import Answer, Case, Event, StageVisit
from pridvor.documents.models import Document
from pridvor.journeys import queries as journeys
from pridvor.journeys.models import JourneyVersion

WEEKS = 12
ACTIVATED = "activated"
PROMOTER, DETRACTOR = 9, 6  # Net Promoter Score (Reichheld, 2003): 9 and 10 promote, 0 to 6 detract


@dataclass(frozen=True)
class Week:
    """A figure of one week, which begins on `starts_on` (a Monday). None: nothing happened that could be measured."""

    starts_on: date
    value: float | None
    count: int


@dataclass(frozen=True)
class StageLoad:
    title: str
    cases: int
    oldest: datetime | None


@dataclass(frozen=True)
class Nps:
    """`score` from -100 to 100; None until somebody has answered."""

    score: int | None
    promoters: int
    passives: int
    detractors: int

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors


@dataclass(frozen=True)
class Ends:
    """How cases of the period ended, and how many are open."""

    open: int
    activated: int
    others: int


@without_tests()
def open_by_stage(language: str) -> list[StageLoad]:
    """Open cases by the stage they stand in (one in two stages at once counts in both), in the journeys' order."""
    visits = StageVisit.objects.filter(live=True, case__state="open").values_list(
        "case__journey_version_id", "key", "opened_at"
    )
    counted: Counter[str] = Counter()
    oldest: dict[str, datetime] = {}
    for version, key, opened in visits:
        title = _title(version, key, language)
        counted[title] += 1
        if opened and (title not in oldest or opened < oldest[title]):
            oldest[title] = opened
    return [StageLoad(title, counted.get(title, 0), oldest.get(title)) for title in _titles(language)]


@without_tests()
def activation_hours(now: datetime) -> list[Week]:
    """Median hours from opening to activation of the cases activated in each week."""
    rows = Case.objects.filter(end=ACTIVATED, ended_at__gte=_since(now)).values_list("opened_at", "ended_at")
    return _weekly(
        now, ((ended, (ended - opened) / timedelta(hours=1)) for opened, ended in rows if ended), median
    )


@without_tests()
def document_errors(now: datetime) -> list[Week]:
    """Of the documents sent in each week, the share in percent that had to be sent again."""
    wrong: set[tuple[int, str, int]] = set()
    rows = Document.objects.filter(sent_at__gte=_since(now)).values_list(
        "case_id", "item", "number", "sent_at"
    )
    sent = [(case, item, number, when) for case, item, number, when in rows if when]
    asked = Event.objects.filter(kind="step.redone", data__kind="upload", at__gte=_since(now)).values_list(
        "case_id", "at", "data"
    )
    for case, at, data in asked:
        for item in data.get("wanted") or [row[1] for row in sent if row[0] == case]:
            versions = [
                number
                for row_case, row_item, number, when in sent
                if (row_case, row_item) == (case, item) and when <= at
            ]
            if versions:
                wrong.add((case, item, max(versions)))
    return _weekly(
        now, ((when, 100.0 * ((case, item, number) in wrong)) for case, item, number, when in sent), _mean
    )


@without_tests()
def nps(now: datetime) -> Nps:
    """The Net Promoter Score of the answers of the last twelve weeks."""
    scores = [
        int(value)
        for value in Answer.objects.filter(field="score", at__gte=_since(now)).values_list("value", flat=True)
        if value is not None
    ]
    promoters = sum(score >= PROMOTER for score in scores)
    detractors = sum(score <= DETRACTOR for score in scores)
    score = round(100 * (promoters - detractors) / len(scores)) if scores else None
    return Nps(score, promoters, len(scores) - promoters - detractors, detractors)


@without_tests()
def ends(now: datetime) -> Ends:
    ended = Counter(
        dict(
            Case.objects.filter(state="ended", ended_at__gte=_since(now))
            .values_list("end")
            .annotate(n=Count("id"))
        )
    )
    return Ends(Case.objects.filter(state="open").count(), ended[ACTIVATED], ended.total() - ended[ACTIVATED])


def overall(weeks: Iterable[Week]) -> float | None:
    """The mean over all weeks, each counted as often as it has cases; None when nothing was measured."""
    measured = [(week.value, week.count) for week in weeks if week.value is not None]
    total = sum(count for _, count in measured)
    return sum(value * count for value, count in measured) / total if total else None


@without_tests()
def median_hours(now: datetime) -> float | None:
    rows = Case.objects.filter(end=ACTIVATED, ended_at__gte=_since(now)).values_list("opened_at", "ended_at")
    hours = [(ended - opened) / timedelta(hours=1) for opened, ended in rows if ended]
    return median(hours) if hours else None


# -- how


def _since(now: datetime) -> datetime:
    return now - timedelta(weeks=WEEKS)


def _weekly(now: datetime, values: Iterable[tuple[datetime, float]], of: object) -> list[Week]:
    today = timezone.localtime(now).date()
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    by_week: dict[date, list[float]] = {monday: [] for monday in mondays}
    for when, value in values:
        day = timezone.localtime(when).date()
        monday = day - timedelta(days=day.weekday())
        if monday in by_week:
            by_week[monday].append(value)
    return [Week(monday, of(row) if row else None, len(row)) for monday, row in by_week.items()]  # type: ignore[operator]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _title(version: int, key: str, language: str) -> str:
    journey = journeys.compiled(version)
    stage = journey.stages.get(key)
    return journey.text(stage.title, language) if stage else key


def _titles(language: str) -> list[str]:
    """The stage titles of the newest version of every journey, in their order, each once."""
    newest = JourneyVersion.objects.order_by("name", "-number").distinct("name")
    titles = [
        _title(version.pk, key, language)
        for version in newest
        for key in journeys.compiled(version.pk).stages
    ]
    return list(dict.fromkeys(titles))


def open_by_version() -> dict[int, int]:
    """How many cases go on upon each version of a journey."""
    going_on = Case.objects.exclude(state="ended").values_list("journey_version_id")
    return dict(going_on.annotate(count=Count("id")))
