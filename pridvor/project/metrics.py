"""Measures for Prometheus: what the processes did (requests), and how the house stands (asked of the database).

Names and units follow Prometheus' naming practice: seconds, totals, no personal data in a label.
"""

import hmac
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from pridvor.accounts.access import declares
from pridvor.accounts.sight import without_tests
from pridvor.cases.models import Case
from pridvor.connectors.models import Call
from pridvor.documents.models import File
from pridvor.lib import clock
from pridvor.notifications.models import Message
from pridvor.sla.models import Clock, Timer

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)  # seconds
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the web processes add up; the library reads it when it is loaded
REQUESTS = Histogram(
    "pridvor_request_seconds",
    "How long requests took, by page, method and class of status",
    ["route", "method", "status"],
    buckets=BUCKETS,
    registry=None,
)
ALONE = CollectorRegistry()
ALONE.register(REQUESTS)


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(route, method, f"{status // 100}xx").observe(seconds)


@require_safe
@declares("machine:token of the measures")
def page(request: HttpRequest) -> HttpResponse:
    """For whoever brings the token; to others the page does not exist."""
    token = settings.METRICS_TOKEN
    if not token or not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)


def text() -> bytes:
    """All measures in Prometheus' text format."""
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(_standing())
    return generate_latest(ALONE) + generate_latest(_standing())


def _standing() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(House())
    return registry


class House(Collector):
    """What waits, and since when; one query for each row of the table below."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        with without_tests():
            cases = _counted(Case.objects.filter(state="open"), "journey_version__name")
            late = _counted(Clock.objects.filter(state="running", due_at__lt=now), "stage")
            calls = _counted(Call.objects.filter(state="waiting"), "peer")
        yield from _jobs(now)
        yield _by("pridvor_cases_open", "Open cases by journey", "journey", cases)
        yield _by("pridvor_clocks_late", "Running clocks past their budget, by stage", "stage", late)
        yield _by("pridvor_calls_waiting", "Calls to other systems that wait, by system", "peer", calls)
        yield _one(
            "pridvor_mail_waiting",
            "Messages owed and not sent",
            Message.objects.filter(state="queued").count(),
        )
        quarantined = File.objects.filter(state=File.State.QUARANTINED)
        yield _one("pridvor_files_quarantined", "Files that wait for the scanner", quarantined.count())
        first = Timer.objects.filter(fired_at=None, fire_at__lte=now).aggregate(at=Min("fire_at"))["at"]
        yield _one("pridvor_timer_lag_seconds", "How long the oldest due timer waits", _since(first, now))


def _jobs(now: datetime) -> Iterator[GaugeMetricFamily]:
    waiting = ProcrastinateJob.objects.filter(status="todo").filter(
        Q(scheduled_at=None) | Q(scheduled_at__lte=now)
    )
    counted = _counted(waiting, "queue_name")
    yield _by("pridvor_jobs_waiting", "Jobs that could run now, by queue", "queue", counted)
    failed = ProcrastinateJob.objects.filter(status="failed").count()
    yield _one("pridvor_jobs_failed", "Jobs that were given up and wait for a person", failed)


def _counted(rows: QuerySet[Any], by: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(by).annotate(many=Count("pk")))


def _by(name: str, words: str, label: str, found: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, many in sorted(found.items()):
        family.add_metric([key], many)
    return family


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _since(then: datetime | None, now: datetime) -> float:
    return (now - then).total_seconds() if then else 0.0
