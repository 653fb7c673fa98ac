"""Reading published journeys. A version is compiled once in each process: it can never change."""

from functools import lru_cache

from pridvor.journeys.language import Journey, read
from pridvor.journeys.models import JourneyVersion


def latest(name: str) -> JourneyVersion | None:
    return JourneyVersion.objects.filter(name=name).order_by("-number").first()


def newest() -> list[Journey]:
    """The newest version of each journey, by name."""
    rows = JourneyVersion.objects.order_by("name", "-number").distinct("name")
    return [compiled(row.pk) for row in rows]


def public() -> list[tuple[JourneyVersion, Journey]]:
    """The newest version of each journey that anybody may open."""
    return opened_by("public")


def opened_by(whom: str) -> list[tuple[JourneyVersion, Journey]]:
    """The newest version of each journey that is opened so: public, client, staff, invitation or schedule."""
    newest = JourneyVersion.objects.order_by("name", "-number").distinct("name")
    return [(version, journey) for version in newest if (journey := compiled(version.pk)).opens == whom]


def opened_for_clients() -> list[tuple[JourneyVersion, Journey]]:
    """The newest version of each journey that staff may open for a client: all that no clock and no other case opens."""
    return [pair for whom in ("public", "client", "invitation", "staff") for pair in opened_by(whom)]


def versions() -> list[JourneyVersion]:
    """Every published version, by name, the newest first."""
    return list(JourneyVersion.objects.order_by("name", "-number"))


def version(name: str, number: int) -> JourneyVersion | None:
    return JourneyVersion.objects.filter(name=name, number=number).first()


@lru_cache(maxsize=256)
def compiled(version_id: int) -> Journey:
    """The journey of a version, ready to decide on."""
    return read(JourneyVersion.objects.values_list("source", flat=True).get(pk=version_id))
