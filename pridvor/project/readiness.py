"""Whether this installation can work, part by part: for load balancers, and for whoever is on duty at night.

Without an essential part no request can be served: 503. Of the others the page names those that fail, and the rest of
the house goes on. Nothing here may take long: a part that does not answer at once has failed.
"""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

from pridvor.accounts.access import declares
from pridvor.company import systems
from pridvor.documents import clamd
from pridvor.lib import clock

LEAST_FREE = 200_000_000  # bytes: below, uploads would break in the middle
MOST_SKEW = 5.0  # seconds between this machine's clock and the database's
LATE = timedelta(minutes=2)  # a job that could run and waits so long
SILENT = timedelta(seconds=30)  # a worker that gave no sign
SCANNER_SECONDS = 1.0
# databases that were seen up to date; tables do not go backwards under a running process
_migrated: set[str] = set()


@require_safe
@declares("anybody:health")
def page(request: HttpRequest) -> HttpResponse:
    parts = examine()
    ready = all(ok for name, ok in parts.items() if name in ESSENTIAL)
    told = {name: "ok" if ok else "failed" for name, ok in parts.items()}
    return JsonResponse({"ready": ready, "parts": told}, status=200 if ready else 503)


def examine() -> dict[str, bool]:
    """Each part, and whether it works."""
    return {name: works(name) for name in PARTS}


def works(part: str) -> bool:
    """Whether one part works."""
    try:
        return PARTS[part]()
    except (Error, OSError, ValueError, clamd.Unavailable):
        return False


def _answers(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("select 1")
        return bool(cursor.fetchone())


def _up_to_date(alias: str) -> bool:
    if alias not in _migrated:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(alias)
    return True


def _keys() -> bool:
    rings = [settings.KEYS.ring(name) for name in settings.KEYS]
    return all(ring.open(ring.seal(b"probe", b""), b"") == b"probe" for ring in rings)


def _disk() -> bool:
    return shutil.disk_usage(settings.DATA).free > LEAST_FREE and os.access(settings.DATA, os.W_OK)


def _clock() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (theirs,) = cursor.fetchone()
    return abs((theirs - clock.now()).total_seconds()) < MOST_SKEW


def _jobs() -> bool:
    late = clock.now() - LATE
    scheduled = ProcrastinateJob.objects.filter(status="todo", scheduled_at__lt=late)
    at_once = ProcrastinateEvent.objects.filter(
        type="deferred", at__lt=late, job__status="todo", job__scheduled_at=None
    )
    return not scheduled.exists() and not at_once.exists()


def _workers() -> bool:
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=clock.now() - SILENT).exists()


def _scanner() -> bool:
    scanner = systems.address("scanner")
    return not scanner or clamd.answers(scanner, SCANNER_SECONDS)


PARTS: dict[str, Callable[[], bool]] = {
    "database": lambda: _answers("default"),
    "vault": lambda: _answers("vault"),
    "tables": lambda: _up_to_date("default") and _up_to_date("vault"),
    "keys": _keys,
    "disk": _disk,
    "clock": _clock,
    "jobs": _jobs,
    "workers": _workers,
    "scanner": _scanner,
}
ESSENTIAL = {"database", "vault", "tables", "keys", "disk"}
