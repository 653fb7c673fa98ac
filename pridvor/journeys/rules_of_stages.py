"""Soundness of stages and of the journey as a whole: rounds come to an end, somebody is asked, nobody waits for ever."""

from collections.abc import Iterator

from pridvor.journeys.findings import Finding, Rules
from pridvor.journeys.model import Stage, Step
from pridvor.journeys.reach import Example
from pridvor.journeys.worlds import NONE


class Stages(Rules):
    """Stages that repeat, and what holds a stage shut."""

    def findings(self) -> Iterator[Finding]:
        for key, stage in self.journey.stages.items():
            yield from self._criteria(key, stage)
            if stage.every:
                yield from self._rounds(key, stage)

    def _criteria(self, key: str, stage: Stage) -> Iterator[Finding]:
        for door, criteria in (("enter", stage.enter), ("exit", stage.exit)):
            for criterion in criteria:
                held = self.possible(self.reach.yes(stage.when), self.reach.yes(criterion.holds))
                if held == NONE and self.possible(self.reach.yes(stage.when)) != NONE:
                    place, what = (
                        f"stage {key}, {door}, {criterion.key}",
                        "can never hold, so the stage stays shut",
                    )
                    yield self.say("never-holds", place, what, "mend the condition, or let a person tick it")

    def _rounds(self, key: str, stage: Stage) -> Iterator[Finding]:
        place = f"stage {key}, until"
        for name in sorted(stage.until.variables) if stage.until else ():
            if not self._runs_each_round(name, key):
                what = f"looks at {name}, so for some cases it might never come true"
                remedy = "look only at steps of this stage that always run"
                yield self.say("until-elsewhere", place, what, remedy)
        if stage.until and self.possible(self.questions.yes(stage.until)) == NONE:
            remedy = "mend the condition, or leave `until:` out: then a person ends it"
            yield self.say("until-never", place, "can never come true", remedy)
        followers = [] if stage.until else [s for s in self.journey.stages.values() if key in s.after]
        for follower in followers:
            what = f"waits for {key}, which repeats and is never over"
            remedy = f"add `until:` to {key}, or let {follower.key} not wait for it"
            example = Example(path=((key, "repeats"),))
            yield self.say("after-repeating", f"stage {follower.key}", what, remedy, example)

    def _runs_each_round(self, name: str, stage: str) -> bool:
        source = self.questions.source(name)
        if source is None or source.stage != stage:
            return False
        return not (source.when or source.optional or source.exception)


class Whole(Rules):
    """The journey as a promise."""

    def findings(self) -> Iterator[Finding]:
        stages = self.journey.stages.values()
        if stages and all(stage.every for stage in stages):
            what, remedy = "only repeats, so no promise can be kept", "put one stage before the repeating one"
            yield self.say("only-repeats", "the journey", what, remedy)
        yield from self._waits()
        yield from self._empty()

    def _waits(self) -> Iterator[Finding]:
        steps = self.journey.steps
        waiting = next((key for key, step in steps.items() if _waits_for_others(step)), "")
        if waiting and self.journey.expires is None:
            end = (waiting, "never done")
            example = Example(path=(end,)) if steps[waiting].exception else self.until(waiting, end)
            what = f"may wait for its client for ever, at {waiting} for one"
            yield self.say("waits-for-ever", "the journey", what, "add `expires: 60 days`", example)

    def _empty(self) -> Iterator[Finding]:
        steps = self.journey.steps.items()
        required = [key for key, step in steps if not step.exception and not step.optional]
        empty = self.possible(self.reach.all_passed(*required))
        if empty != NONE:
            remedy = "leave at least one required step without a condition"
            example = self.reach.example(empty, before=self.graph.order[-1]) if self.graph.order else None
            yield self.say(
                "asks-nothing", "the journey", "asks nothing of anybody and ends at once", remedy, example
            )


def _waits_for_others(step: Step) -> bool:
    """A client who must act, or an event that may never come."""
    event = step.kind == "wait" and step.within is None and step.span is None
    return not step.optional and (step.party == "client" or event)
