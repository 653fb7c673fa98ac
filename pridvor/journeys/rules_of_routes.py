"""Soundness of names and routes: exceptions are opened, loops go back to where somebody can act."""

from collections.abc import Iterator
from dataclasses import dataclass

from pridvor.journeys.findings import Finding, Rules, helpers
from pridvor.journeys.model import KINDS, Route, Step
from pridvor.journeys.reach import Example
from pridvor.journeys.worlds import NONE


class Exceptions(Rules):
    """Exceptions and the routes that open them; where these are wrong, nothing else can be asked."""

    def findings(self) -> Iterator[Finding]:
        for key, step in self.journey.steps.items():
            for where, helper in helpers(step):
                other = self.journey.steps.get(helper)
                if other is None or not other.exception or other.stage != step.stage:
                    what = f"opens “{helper}”, which is no exception of its stage"
                    remedy = f"write {helper} under `exceptions:` of {step.stage}"
                    yield self.say("exception-elsewhere", f"{key}, {where}", what, remedy)
            if step.exception:
                yield from self._exception(key, step)

    def _exception(self, key: str, step: Step) -> Iterator[Finding]:
        if not self.hosts[key]:
            remedy = "remove it, or name it in `fix:`, `open:` or `then:`"
            yield self.say("exception-nobody-opens", key, "is an exception that nothing opens", remedy)
        moves = [outcome for outcome, route in step.routes.items() if route.verb in ("open", "back")]
        if step.when or moves:
            where = f"{key}, if {moves[0]}" if moves else f"{key}, when"
            what = "is an exception step: it opens on call, and cannot open another or go back a stage"
            yield self.say("exception-moves", where, what, "use redo, close or go on, and no condition")


class Routes(Rules):
    """Where each outcome sends the case."""

    def findings(self) -> Iterator[Finding]:
        for step in self.journey.steps.values():
            yield from self._outcomes(step)
            for host in sorted(self.hosts[step.key]):
                yield from self._routes(step, host)

    def _outcomes(self, step: Step) -> Iterator[Finding]:
        verbs = {route.verb for route in step.routes.values()}
        if not verbs & {"go on", "close", "open"}:
            end = (step.key, next(iter(step.routes)))
            example = Example(path=(end,)) if step.exception else self.until(step.key, end)
            what = "has no outcome that goes on or closes the case; it could only be sent round"
            yield self.say("only-goes-round", step.key, what, "let one outcome go on", example)
        if step.optional and verbs != {"go on"}:
            what = "is optional, yet one of its outcomes moves the case"
            yield self.say("optional-moves", step.key, what, "make it required, or let every outcome go on")
        for earlier in () if step.exception or step.optional else step.after:
            if self.journey.steps[earlier].optional:
                what = f"waits for {earlier}, which is optional and may never be done"
                remedy = f"make {earlier} required, or do not wait for it"
                never = Example(path=((earlier, "never done"),))
                yield self.say("waits-for-optional", step.key, what, remedy, never)

    def _routes(self, step: Step, host: str) -> Iterator[Finding]:
        for outcome, route in step.routes.items():
            loop = Loop(step, outcome, route, host)
            if route.verb == "back":
                yield from self._back(loop)
            elif route.verb == "redo":
                yield from self._aside(loop) or self._redo(loop)

    def _back(self, loop: "Loop") -> Iterator[Finding]:
        stage = loop.route.targets[0]
        if stage != self.journey.steps[loop.host].stage and f"{stage}:out" not in self.graph.up[loop.host]:
            what, remedy = (
                f"goes back to {stage}, which is not a stage before it",
                "name its own stage or an earlier one",
            )
            yield self.say("back-aside", loop.where, what, remedy, self.until(loop.host, loop.end))

    def _aside(self, loop: "Loop") -> list[Finding]:
        """Targets that do not lie before: with these, nothing else about the loop can be asked."""
        above, example = self.graph.up[loop.host], self.until(loop.host, loop.end)
        for target in sorted(loop.targets - {loop.host} - above):
            steps = ", ".join(
                node for node in self.graph.order if node in above and node in self.journey.steps
            )
            what = f"redo “{target}” does not lie before {loop.host}; it may still be under way"
            return [self.say("redo-aside", loop.where, what, f"redo one of: {steps or 'self'}", example)]
        stages = {self.journey.steps[target].stage for target in loop.targets}
        if stages != {loop.step.stage} and self.journey.stages[loop.step.stage].every:
            what = "a repeating stage cannot send work back out of itself"
            return [self.say("out-of-repeating", loop.where, what, "redo a step of the same stage", example)]
        return []

    def _redo(self, loop: "Loop") -> Iterator[Finding]:
        named = ", ".join(sorted(loop.targets))
        for kept in sorted(loop.route.keep - self._repeated(loop)):
            yield self.say(
                "keeps-nothing",
                loop.where,
                f"keep names {kept}, which this loop does not repeat",
                "remove it",
            )
        reached = self.reach.reaches(loop.host)
        skipped = self.possible(reached, self.reach.all_passed(*sorted(loop.targets)))
        if skipped != NONE:
            what, remedy = (
                f"sends work back to {named}, which was skipped",
                "give both the same condition, or redo an earlier step",
            )
            example = self.reach.example(skipped, loop.end, before=loop.host)
            yield self.say("redo-skipped", loop.where, what, remedy, example)
            return
        idle = self.possible(reached, self.reach.all_passed(*sorted(self._movers(loop))))
        if idle != NONE and not (loop.route.first and _acts(self.journey.steps[loop.route.first])):
            what = f"nobody acts between {named} and here, so the result would be the same again"
            remedy = "redo a step at which somebody acts, or add `fix:`"
            example = self.reach.example(idle, loop.end, before=loop.host)
            yield self.say("nobody-acts", loop.where, what, remedy, example)

    def _repeated(self, loop: "Loop") -> set[str]:
        """All that a loop would repeat if it kept nothing."""
        above = self.graph.up[loop.host]
        between = {node for target in loop.targets for node in self.graph.down[target] & above}
        return self.graph.closure(between | loop.targets, loop.targets)

    def _movers(self, loop: "Loop") -> set[str]:
        """The steps of a loop at which something can turn out otherwise: client steps only where they are asked again."""
        opened = self.graph.slice(loop.host, loop.route, loop.route.targets) & self.graph.up[loop.host]
        movers = {
            node
            for node in opened & self.journey.steps.keys()
            if _acts(self.journey.steps[node])
            and (node in loop.targets or not self.journey.steps[node].carried)
        }
        own = loop.host in loop.targets and not loop.step.exception and _acts(loop.step)
        return movers | ({loop.host} if own else set())


@dataclass(frozen=True)
class Loop:
    """An outcome that sends work back, in the place of the step that it stands for."""

    step: Step
    outcome: str
    route: Route
    host: str

    @property
    def where(self) -> str:
        return f"{self.step.key}, if {self.outcome}"

    @property
    def end(self) -> tuple[str, str]:
        return self.step.key, self.outcome

    @property
    def targets(self) -> set[str]:
        return {self.host if target == "self" else target for target in self.route.targets}


def _acts(step: Step) -> bool:
    """Somebody, or something outside, can do it otherwise the next time; a check of the same gives the same."""
    return KINDS[step.kind].party != "nobody"
