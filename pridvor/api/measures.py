"""Readings handed in by a client's own system: `POST /api/v1/measures/` with the key of its case."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pridvor.accounts.access import declares
from pridvor.api import problems
from pridvor.api.door import BEARER
from pridvor.api.problems import Problem
from pridvor.connectors import measures
from pridvor.connectors.measures import BadReading, Given
from pridvor.lib import clock
from pridvor.lib.actor import machine

ME = machine("measures-api")
LARGEST = 1_000_000  # bytes


@csrf_exempt  # no cookie is looked at: whoever knows the key may, and a browser does not know it
@require_POST
@declares("machine:key of a case")
def take(request: HttpRequest) -> HttpResponse:
    """`{"readings": [{"measure": "uptime", "at": "2026-11-24T12:00:00Z", "value": 99.9}]}`; sent again, nothing changes."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    case = measures.case_of_key(key.strip()) if scheme.lower() == "bearer" else None
    if case is None:
        return problems.response(Problem("no-key", reason="no-such-key", headers=BEARER))
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > LARGEST:
        return problems.response(problems.too_large(LARGEST))
    try:
        given = list(_readings(json.loads(request.body)))
        kept = measures.take(case, given, source="api", actor=ME, now=clock.now())
    except BadReading as bad:
        wrong = [(f"readings.{bad.row - 1}", "invalid")]  # as other lists in bodies are counted: from nought
        return problems.response(Problem("wrong-fields", reason=bad.code, fields=wrong))
    except (ValueError, RecursionError):
        return problems.response(Problem("not-json"))
    return JsonResponse({"kept": kept, "known": len(given) - kept})


def _readings(body: Any) -> Iterator[Given]:
    rows = body.get("readings") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise BadReading(1, "columns")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not {"measure", "at", "value"} <= row.keys():
            raise BadReading(number, "columns")
        at = measures.moment(str(row["at"]), number)
        yield Given(str(row["measure"]), at, measures.value(row["value"], number))
