"""Where a case can come to by itself, in which worlds, and by which steps.

"By itself" leaves out what people decide beside the journey (a gate accepted, a step skipped by hand): nobody can prove
anything of that, and the engine asks a person again whenever it finds no answer.
"""

from dataclasses import dataclass, field

from pridvor.journeys.cells import MISSING, Point
from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Step
from pridvor.journeys.questions import SKIPPED, Questions, going_on
from pridvor.journeys.worlds import ALL, NONE, Set


@dataclass(frozen=True)
class Example:
    """A case that shows it: what is true of it, and the steps it went through with their outcomes."""

    values: dict[str, str] = field(default_factory=dict)
    path: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        given = ", ".join(f"{name} {said}" for name, said in self.values.items())
        gone = " → ".join(f"{step}: {outcome}" for step, outcome in self.path)
        return "; ".join(part for part in (given, gone) if part)


class Reach:
    """The sets of worlds in which steps run, are passed over, or can be come to."""

    def __init__(self, journey: Journey, questions: Questions) -> None:
        self.journey, self.questions = journey, questions
        self.worlds = questions.worlds
        self.closing = {
            key for key, step in journey.steps.items() if not step.exception and not going_on(journey, step)
        }

    def yes(self, condition: Condition | None) -> Set:
        return ALL if condition is None else self.questions.yes(condition)

    def no(self, condition: Condition | None) -> Set:
        return NONE if condition is None else self.questions.no(condition)

    def runs(self, key: str) -> Set:
        """The step surely applies: its condition and its stage's are true."""
        step = self.journey.steps[key]
        return self.worlds.both(self.yes(step.when), self.yes(self.journey.stages[step.stage].when))

    def passed(self, key: str) -> Set:
        """The step is surely passed over."""
        step = self.journey.steps[key]
        return self.worlds.either(self.no(step.when), self.no(self.journey.stages[step.stage].when))

    def all_passed(self, *keys: str) -> Set:
        return self.worlds.both(*map(self.passed, keys))

    def open_until(self, node: str) -> Set:
        """Nothing that always closes the case ran before this node."""
        return self.all_passed(*sorted(self.closing & self.journey.graph.up[node]))

    def reaches(self, key: str) -> Set:
        """The case comes to this step and it applies."""
        return self.worlds.both(self.runs(key), self.open_until(key))

    def possible(self, given: Set) -> Set:
        """Those worlds of a set that can come about: a value is there exactly when the step that gives it was done."""
        lawful, seen = given, set[str]()
        while new := self.worlds.mentioned(lawful) - seen:
            seen |= new
            lawful = self.worlds.both(lawful, *(self._law(name) for name in sorted(new)))
        return lawful

    def example(self, given: Set, *last: tuple[str, str], before: str = "") -> Example:
        """A case of this set, with the way it takes up to a step; of an empty set only the end of that way."""
        if given == NONE:
            return Example(path=last)
        here = given
        path: list[tuple[str, str]] = []
        earlier = self.journey.graph.up.get(before, set())
        for key in (
            node for node in self.journey.graph.order if node in earlier and node in self.journey.steps
        ):
            outcome, here = self._next(key, here)
            if outcome:
                path.append((key, outcome))
        world = self.worlds.one_of(here)
        values = {
            name: str(cell)
            for name, cell in world.items()
            if not name.startswith("?") and not name.endswith(".outcome") and cell != MISSING
        }
        return Example(values, (*path, *last))

    def _next(self, key: str, here: Set) -> tuple[str, Set]:
        """How a case of these worlds leaves this step, and the worlds in which it does so."""
        step = self.journey.steps[key]
        if step.optional:
            return "", here
        runs = self.possible(self.worlds.both(here, self.runs(key)))
        if runs == NONE:
            passed = self.possible(self.worlds.both(here, self.passed(key)))
            return (SKIPPED, passed) if passed != NONE else ("", here)
        for outcome in [*going_on(self.journey, step), *step.routes]:
            with_it = self.possible(self.worlds.both(runs, self._ended(step, outcome)))
            if with_it != NONE:
                return outcome, with_it
        return next(iter(step.routes), ""), runs

    def _ended(self, step: Step, outcome: str) -> Set:
        name = f"{step.key.replace('-', '_')}.outcome"
        return self.worlds.where(name, {Point(outcome)}) if name in self.worlds.variables else ALL

    def _law(self, name: str) -> Set:
        """What must be so for this value to be as it is."""
        step = self.questions.source(name)
        if step is None or step.exception:
            return ALL
        cells = set(self.worlds.variables[name])
        gone = {Point(SKIPPED) if name.endswith(".outcome") else MISSING} & cells
        given = cells - gone if name not in self.journey.may_be_empty else cells
        where, both = self.worlds.where, self.worlds.both
        return self.worlds.either(
            both(where(name, gone), self.passed(step.key)), both(where(name, given), self.runs(step.key))
        )
