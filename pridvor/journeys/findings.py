"""What a proof says, and what all its rules stand on."""

from collections.abc import Iterator
from dataclasses import dataclass

from pridvor.journeys.language import Journey
from pridvor.journeys.model import Step
from pridvor.journeys.questions import Questions
from pridvor.journeys.reach import Example, Reach
from pridvor.journeys.worlds import Set

NO_EXAMPLE = Example()


@dataclass(frozen=True)
class Finding:
    """One reason why a journey may not be published: a stable code, the place and its line, and a case that shows it."""

    code: str
    where: str
    what: str
    remedy: str
    line: int
    example: Example = NO_EXAMPLE

    def __str__(self) -> str:
        shown = f" (for example: {self.example})" if str(self.example) else ""
        return f"line {self.line}: {self.where}: {self.what}; {self.remedy}{shown}"


@dataclass(frozen=True)
class Report:
    """What the proof found, and how big the question was."""

    findings: tuple[Finding, ...]
    atoms: int  # distinct comparisons in all conditions
    steps: int
    milliseconds: float

    @property
    def sound(self) -> bool:
        return not self.findings


class Rules:
    """Some rules of soundness; each is a method that yields its findings."""

    def __init__(self, journey: Journey, questions: Questions) -> None:
        self.journey, self.graph, self.questions = journey, journey.graph, questions
        self.reach = Reach(journey, questions)
        self.worlds = questions.worlds
        self.hosts = _hosts(journey)

    def findings(self) -> Iterator[Finding]:
        raise NotImplementedError

    def say(self, code: str, where: str, what: str, remedy: str, example: Example | None = None) -> Finding:
        line = self.journey.places.line(f"{where}: ")
        return Finding(code, where, what, remedy, line, example or NO_EXAMPLE)

    def possible(self, *sets: Set) -> Set:
        return self.reach.possible(self.worlds.both(*sets))

    def until(self, host: str, end: tuple[str, str]) -> Example:
        return self.reach.example(self.possible(self.reach.reaches(host)), end, before=host)


def helpers(step: Step) -> Iterator[tuple[str, str]]:
    """The exception steps that a step can open, and the word that names each."""
    for outcome, route in step.routes.items():
        if route.first:
            yield f"if {outcome}", route.first
        if route.verb == "open":
            yield f"if {outcome}", route.targets[0]
    if step.then:
        yield "then", step.then


def _hosts(journey: Journey) -> dict[str, set[str]]:
    """For each step the steps in whose place it acts: itself, or those that open it if it is an exception."""
    hosts: dict[str, set[str]] = {
        key: set() if step.exception else {key} for key, step in journey.steps.items()
    }
    for key, step in journey.steps.items():
        for _, helper in helpers(step):
            if helper in hosts:
                hosts[helper].add(key)
    return hosts
