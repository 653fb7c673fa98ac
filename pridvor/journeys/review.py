"""The review of a journey before it is published: the names it uses, its texts, and its soundness."""

from pridvor.journeys import proof, vocabulary
from pridvor.journeys.language import Journey
from pridvor.journeys.vocabulary import Vocabulary


def problems(journey: Journey, known: Vocabulary) -> list[str]:
    """What keeps this journey from being published: each line names its place and the remedy."""
    return [*vocabulary.problems(journey, known), *map(str, proof.prove(journey).findings)]
