"""Soundness of conditions: each can be answered where it is asked, and no step is shut off by its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from pridvor.journeys.cells import MISSING
from pridvor.journeys.conditions import Condition
from pridvor.journeys.findings import Finding, Rules
from pridvor.journeys.model import Criterion, Stage, Step
from pridvor.journeys.reach import Example
from pridvor.journeys.worlds import ALL, NONE, Set


@dataclass(frozen=True)
class Asked:
    """A condition in its place: on which words of the journey it stands, in which worlds it is asked, what came before."""

    place: str
    node: str
    condition: Condition
    worlds: Set
    before: set[str]


class Answers(Rules):
    """No condition looks at what is not there yet, may never be there, or was skipped."""

    def findings(self) -> Iterator[Finding]:
        for asked in [*self._of_steps(), *self._of_stages()]:
            early = [*self._early(asked)]
            yield from early or self._silent(asked)

    def _of_steps(self) -> Iterator[Asked]:
        for key, step in self.journey.steps.items():
            if step.when and not step.exception:
                in_stage = self.reach.yes(self.journey.stages[step.stage].when)
                yield Asked(f"{key}, when", key, step.when, in_stage, self.graph.up[key])
            if not isinstance(step.second_person, bool):
                before = self._before(key)
                yield Asked(f"{key}, second_person", key, step.second_person, self._entered(key), before)

    def _of_stages(self) -> Iterator[Asked]:
        for key, stage in self.journey.stages.items():
            way_in, before = f"{key}:in", self.graph.up[f"{key}:in"]
            inside, enters = before | set(stage.steps), self.reach.yes(stage.when)
            if stage.when:
                yield Asked(f"stage {key}, when", way_in, stage.when, ALL, before)
            if stage.until:
                yield Asked(f"stage {key}, until", way_in, stage.until, enters, inside)
            for place, criterion, seen in _criteria(key, stage, before, inside):
                if criterion.holds:
                    yield Asked(place, way_in, criterion.holds, enters, seen)

    def _early(self, asked: Asked) -> Iterator[Finding]:
        for name in sorted(asked.condition.variables):
            source = self.questions.source(name)
            if source is None:
                continue
            if source.optional or source.exception:
                yield self.say(
                    "may-never-be-done",
                    asked.place,
                    f"its condition looks at {name}, of a step that may never be done",
                    "ask it in a required step",
                    Example(path=((source.key, "never done"),)),
                )
            elif source.key not in asked.before:
                yield self.say(
                    "not-there-yet",
                    asked.place,
                    f"its condition looks at {name}, which may not be there yet",
                    f"let it come after {source.key}",
                    Example(path=((source.key, "still open"),)),
                )

    def _silent(self, asked: Asked) -> Iterator[Finding]:
        """In some world that can come about the condition has no answer."""
        answered = self.worlds.either(self.questions.yes(asked.condition), self.questions.no(asked.condition))
        closing = self.reach.all_passed(*sorted(self.reach.closing & asked.before))
        silent = self.possible(asked.worlds, closing, self.worlds.outside(answered))
        if silent == NONE:
            return
        world = self.worlds.one_of(silent)
        lost = [name for name in sorted(asked.condition.variables) if world.get(name) == MISSING]
        what, remedy = self._why_silent(lost, silent)
        before = asked.node if asked.node in self.graph.up else min(self.hosts[asked.node])
        example = self.reach.example(silent, before=before)
        yield self.say("may-be-missing", asked.place, what, remedy, example)

    def _why_silent(self, lost: list[str], silent: Set) -> tuple[str, str]:
        names = ", ".join(lost)
        if not lost:
            return "its condition cannot always be worked out", "compare values with constants only"
        source = self.questions.source(lost[0])
        if (
            source
            and lost[0] in self.journey.may_be_empty
            and self.possible(silent, self.reach.runs(source.key)) != NONE
        ):
            return f"its condition looks at {names}, which may be left empty", "make the question required"
        return (
            f"its condition looks at {names}, which is skipped here",
            "put the question that it depends on first: a && b",
        )

    def _before(self, node: str) -> set[str]:
        """What surely came before: of an exception step, before every step that opens it."""
        if node in self.graph.up:
            return self.graph.up[node]
        return set.intersection(*(self.graph.up[host] | {host} for host in self.hosts[node]))

    def _entered(self, key: str) -> Set:
        """A step that opens: of an exception, whenever one of its hosts does."""
        hosts = self.hosts[key] if self.journey.steps[key].exception else {key}
        return self.worlds.either(*map(self.reach.runs, sorted(hosts)))


class Reachable(Rules):
    """Every step opens in some case."""

    def findings(self) -> Iterator[Finding]:
        for key, step in self.journey.steps.items():
            if not step.exception and self.possible(self.reach.reaches(key)) == NONE:
                yield self._shut(key, step)

    def _shut(self, key: str, step: Step) -> Finding:
        """Why this step opens in none."""
        stage, reach = self.journey.stages[step.stage], self.reach
        if self.possible(reach.yes(step.when)) == NONE:
            asked = step.when.text if step.when else ""
            what = f"can never open: its condition “{asked}” can never be true"
            return self.say("never-opens", f"{key}, when", what, "remove it, or mend the condition")
        if self.possible(reach.yes(stage.when)) == NONE:
            what = f"can never open: the condition of its stage {step.stage} can never be true"
            return self.say("never-opens", key, what, "mend the condition of the stage")
        if self.possible(reach.runs(key)) == NONE:
            what = f"can never open: its condition contradicts that of its stage {step.stage}"
            entered = self.possible(reach.yes(stage.when))
            example = reach.example(entered, (key, "skipped"), before=key)
            return self.say("never-opens", f"{key}, when", what, "mend one of the two", example)
        closing = min(reach.closing & self.graph.up[key], key=self.graph.order.index)
        what, remedy = f"can never open: no case gets past {closing}", f"let an outcome of {closing} go on"
        end = (closing, next(iter(self.journey.steps[closing].routes)))
        return self.say(
            "always-closes-before", key, what, f"{remedy}, or remove {key}", self.until(closing, end)
        )


def _criteria(
    key: str, stage: Stage, before: set[str], inside: set[str]
) -> Iterator[tuple[str, Criterion, set[str]]]:
    for criterion in stage.enter:
        yield f"stage {key}, enter, {criterion.key}", criterion, before
    for criterion in stage.exit:
        yield f"stage {key}, exit, {criterion.key}", criterion, inside
