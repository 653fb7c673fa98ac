"""The one place that asks what time it is; doors and tasks ask it, rooms are told."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
