"""Operations that will go: their answers say since when, until when, and what to use instead (RFC 9745, RFC 8594)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from django.http import HttpRequest
from django.utils.http import http_date

P = ParamSpec("P")
R = TypeVar("R")


def retiring(*, since: date, until: date, instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks an operation as one that goes on the day `until`; `instead` is an address that says what takes its place.

    It stands below the router's decorator, which is told `deprecated=True` for the description.
    """
    headers = {
        "Deprecation": f"@{_seconds(since)}",
        "Sunset": http_date(_seconds(until)),
        "Link": f'<{instead}>; rel="deprecation"',
    }

    def decorate(operation: Callable[P, R]) -> Callable[P, R]:
        @wraps(operation)
        def marked(*args: P.args, **named: P.kwargs) -> R:
            request = args[0]
            assert isinstance(request, HttpRequest)
            request.retiring = headers  # type: ignore[attr-defined]  # the door puts them on the answer
            return operation(*args, **named)

        return marked

    return decorate


def headers_of(request: HttpRequest) -> dict[str, str]:
    """What the door adds to the answer; of most operations nothing."""
    found: dict[str, str] = getattr(request, "retiring", {})
    return found


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
