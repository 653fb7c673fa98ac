"""Readings handed in by a client's own system: `POST /api/v1/measures/` with the key of its case."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pridvor.accounts.access import declares
from pridvor.connectors import measures
from pridvor.connectors.measures import BadReading, Given
from pridvor.lib import clock
from pridvor.lib.actor import machine

ME = machine("measures-api")
LARGEST = 1_000_000  # bytes


@csrf_exempt  # no cookie is looked at: whoever knows the key may, and a browser does not know it
@require_POST
@declares("machine:key of a case")
def take(request: HttpRequest) -> JsonResponse:
    """`{"readings": [{"measure": "uptime", "at": "2026-11-24T12:00:00Z", "value": 99.9}]}`; sent again, nothing changes."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    case = measures.case_of_key(key.strip()) if scheme.lower() == "bearer" else None
    if case is None:
        return _said("no-such-key", status=401, headers={"WWW-Authenticate": "Bearer"})
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _said("too-large", status=413)
    try:
        given = list(_readings(json.loads(request.body)))
        kept = measures.take(case, given, source="api", actor=ME, now=clock.now())
    except BadReading as bad:
        return _said(bad.code, status=422, row=bad.row)
    except (ValueError, RecursionError):
        return _said("not-json", status=400)
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


def _said(code: str, *, status: int, headers: dict[str, str] | None = None, **more: Any) -> JsonResponse:
    return JsonResponse({"error": code, **more}, status=status, headers=headers)
