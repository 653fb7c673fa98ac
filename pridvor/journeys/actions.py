"""Publishing journeys."""

from datetime import datetime

from django.db import connection, transaction

from pridvor.journeys import language, review, vocabulary
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import Actor


class CannotPublish(Exception):
    """The journey has problems; `problems` lists them, each with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def reviewed(source: str, known: vocabulary.Vocabulary) -> language.Journey:
    """The journey of a text that may be published. Raises as `publish` does."""
    journey = language.read(source)
    found = review.problems(journey, known)
    if found:
        raise CannotPublish(found)
    return journey


@transaction.atomic
def publish(source: str, known: vocabulary.Vocabulary, *, actor: Actor, now: datetime) -> JourneyVersion:
    """This will publish the text as the journey's next version; a text already published is returned as it stands.

    Raises language.Unsound when it cannot be read, CannotPublish when it names what nobody
    provides, lacks a text, or is unsound.
    """
    journey = reviewed(source, known)
    _one_at_a_time(journey.name)
    versions = JourneyVersion.objects.filter(name=journey.name)
    same = versions.filter(digest=journey.digest).first()
    if same:
        return same
    last = versions.order_by("-number").first()
    return JourneyVersion.objects.create(
        name=journey.name,
        number=last.number + 1 if last else 1,
        digest=journey.digest,
        source=source,
        published_at=now,
        published_by=str(actor),
    )


def _one_at_a_time(name: str) -> None:
    """Two who publish one journey wait for each other. Its rows cannot be locked: the application may not change them."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"journey {name}"])
