"""Soundness: what must be true of a journey before any case may run on it.

The graph makes "never stuck" and "always ends" true by construction; what is left is local: names and routes,
reachability, and yes-or-no questions about conditions, answered exactly (see worlds.py). `docs/journeys.md` lists the
findings; each has a journey of its own in tests/journeys/unsound/.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pridvor.journeys.cells import MISSING
from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey
from pridvor.journeys.model import KINDS, Route, Step
from pridvor.journeys.questions import Questions
from pridvor.journeys.reach import Example, Reach
from pridvor.journeys.worlds import ALL, NONE, Set, TooEntangled

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


def prove(journey: Journey) -> Report:
    """Everything that is unsound in a journey that could be read."""
    begun = time.perf_counter()
    try:
        questions = Questions(journey)
        findings, atoms = tuple(_Proof(journey, questions).findings()), len(questions.atoms)
    except TooEntangled:
        findings, atoms = (_entangled(journey),), 0
    return Report(findings, atoms, len(journey.steps), (time.perf_counter() - begun) * 1000)


def _entangled(journey: Journey) -> Finding:
    most = sorted(journey.conditions.facts.values(), key=lambda fact: (-len(fact.variables), fact.text))[:5]
    named = ", ".join(name for name, fact in journey.conditions.facts.items() if fact in most)
    where = "the journey"
    remedy = f"merge {named or 'conditions that belong together'} into one question of a form"
    return Finding(
        "too-entangled", where, "its conditions hang together in too many ways to be proved", remedy, 1
    )


class _Proof:
    """The rules, each yielding its findings. A rule that rests on another is asked only when that one found nothing."""

    def __init__(self, journey: Journey, questions: Questions) -> None:
        self.journey, self.graph, self.questions = journey, journey.graph, questions
        self.reach = Reach(journey, questions)
        self.worlds = questions.worlds
        self.hosts = _hosts(journey)

    def findings(self) -> Iterator[Finding]:
        wrong = [*self._exceptions()]
        if wrong:
            yield from wrong
            return
        for step in self.journey.steps.values():
            yield from self._outcomes(step)
            for host in sorted(self.hosts[step.key]):
                yield from self._routes(step, host)
        yield from self._conditions()
        yield from self._unreachable()
        yield from self._repeating()
        yield from self._whole()

    def _say(self, code: str, where: str, what: str, remedy: str, example: Example | None = None) -> Finding:
        line = self.journey.places.line(f"{where}: ")
        return Finding(code, where, what, remedy, line, example or NO_EXAMPLE)

    def _possible(self, *sets: Set) -> Set:
        return self.reach.possible(self.worlds.both(*sets))

    # -- names and routes

    def _exceptions(self) -> Iterator[Finding]:
        for key, step in self.journey.steps.items():
            for where, helper in _helpers(step):
                other = self.journey.steps.get(helper)
                if other is None or not other.exception or other.stage != step.stage:
                    remedy = f"write {helper} under `exceptions:` of {step.stage}"
                    yield self._say(
                        "exception-elsewhere",
                        f"{key}, {where}",
                        f"opens “{helper}”, which is no exception of its stage",
                        remedy,
                    )
            if step.exception and not self.hosts[key]:
                remedy = "remove it, or name it in `fix:`, `open:` or `then:`"
                yield self._say("exception-nobody-opens", key, "is an exception that nothing opens", remedy)
            moves = [outcome for outcome, route in step.routes.items() if route.verb in ("open", "back")]
            if step.exception and (step.when or moves):
                where = f"{key}, if {moves[0]}" if moves else key
                yield self._say(
                    "exception-moves",
                    where,
                    "is an exception step: it opens on call, has no condition, and cannot open another or go back a stage",
                    "use redo, close or go on",
                )

    def _outcomes(self, step: Step) -> Iterator[Finding]:
        verbs = {route.verb for route in step.routes.values()}
        if not verbs & {"go on", "close", "open"}:
            end = (step.key, next(iter(step.routes)))
            path = Example(path=(end,)) if step.exception else self._until(step.key, end)
            yield self._say(
                "only-goes-round",
                step.key,
                "has no outcome that goes on or closes the case; it could only be sent round",
                "let one outcome go on",
                path,
            )
        if step.optional and verbs != {"go on"}:
            yield self._say(
                "optional-moves",
                step.key,
                "is optional, yet one of its outcomes moves the case",
                "make it required, or let every outcome go on",
            )
        for earlier in () if step.exception or step.optional else step.after:
            if self.journey.steps[earlier].optional:
                yield self._say(
                    "waits-for-optional",
                    step.key,
                    f"waits for {earlier}, which is optional and may never be done",
                    f"make {earlier} required, or do not wait for it",
                    Example(path=((earlier, "never done"),)),
                )

    def _routes(self, step: Step, host: str) -> Iterator[Finding]:
        for outcome, route in step.routes.items():
            where = f"{step.key}, if {outcome}"
            if route.verb == "back":
                stage = route.targets[0]
                if stage != self.journey.steps[host].stage and f"{stage}:out" not in self.graph.up[host]:
                    yield self._say(
                        "back-aside",
                        where,
                        f"goes back to {stage}, which is not a stage before it",
                        "name its own stage or an earlier one",
                        self._until(host, (step.key, outcome)),
                    )
            elif route.verb == "redo":
                yield from self._redo(step, outcome, route, host)

    def _redo(self, step: Step, outcome: str, route: Route, host: str) -> Iterator[Finding]:
        where, end = f"{step.key}, if {outcome}", (step.key, outcome)
        targets = {host if target == "self" else target for target in route.targets}
        named = ", ".join(sorted(targets))
        for target in sorted(targets - {host}):
            if target not in self.graph.up[host]:
                before = ", ".join(
                    node
                    for node in self.graph.order
                    if node in self.graph.up[host] and node in self.journey.steps
                )
                yield self._say(
                    "redo-aside",
                    where,
                    f"redo “{target}” does not lie before {host}; it may still be under way",
                    f"redo one of: {before or 'self'}",
                    self._until(host, end),
                )
                return
        stages = {self.journey.steps[target].stage for target in targets}
        if stages != {step.stage} and self.journey.stages[step.stage].every:
            yield self._say(
                "out-of-repeating",
                where,
                "a repeating stage cannot send work back out of itself",
                "redo a step of the same stage",
                self._until(host, end),
            )
            return
        for kept in sorted(route.keep - self._repeated(host, route, targets)):
            yield self._say(
                "keeps-nothing", where, f"keep names {kept}, which this loop does not repeat", "remove it"
            )
        reached = self.reach.reaches(host)
        skipped = self._possible(reached, self.reach.all_passed(*sorted(targets)))
        if skipped != NONE:
            yield self._say(
                "redo-skipped",
                where,
                f"sends work back to {named}, which was skipped",
                "give both the same condition, or redo an earlier step",
                self.reach.example(skipped, end, before=host),
            )
            return
        idle = self._possible(
            reached, self.reach.all_passed(*sorted(self._movers(step, route, host, targets)))
        )
        if idle != NONE and not (route.first and _acts(self.journey.steps[route.first])):
            yield self._say(
                "nobody-acts",
                where,
                f"nobody acts between {named} and here, so the result would be the same again",
                "redo a step at which somebody acts, or add `fix:`",
                self.reach.example(idle, end, before=host),
            )

    def _repeated(self, host: str, route: Route, targets: set[str]) -> set[str]:
        """All that a loop would repeat if it kept nothing."""
        between = {node for target in targets for node in self.graph.down[target] & self.graph.up[host]}
        return self.graph.closure(between | targets, targets)

    def _movers(self, step: Step, route: Route, host: str, targets: set[str]) -> set[str]:
        """The steps of a loop at which something can turn out otherwise: client steps only where they are asked again."""
        slice_ = self.graph.slice(host, route, route.targets)
        movers = {
            node
            for node in slice_ & self.graph.up[host]
            if node in self.journey.steps
            and _acts(self.journey.steps[node])
            and (node in targets or not self.journey.steps[node].carried)
        }
        return movers | ({host} if host in targets and not step.exception and _acts(step) else set())

    def _until(self, host: str, end: tuple[str, str]) -> Example:
        return self.reach.example(self._possible(self.reach.reaches(host)), end, before=host)

    # -- conditions

    def _conditions(self) -> Iterator[Finding]:
        """No condition looks at what is not there yet, may never be there, or was skipped."""
        for key, step in self.journey.steps.items():
            if step.when and not step.exception:
                yield from self._condition(
                    key, key, step.when, self.reach.yes(self.journey.stages[step.stage].when)
                )
            if not isinstance(step.second_person, bool):
                own = self._before(key) | ({key} if step.exception else set())
                yield from self._condition(key, key, step.second_person, self._entered(key), seen=own)
        for key, stage in self.journey.stages.items():
            if stage.when:
                yield from self._condition(f"stage {key}", f"{key}:in", stage.when, ALL)
            if stage.until:
                own = self.graph.up[f"{key}:in"] | set(stage.steps)
                yield from self._condition(
                    f"stage {key}", f"{key}:in", stage.until, self.reach.yes(stage.when), seen=own
                )

    def _condition(
        self, where: str, node: str, condition: Condition, asked: Set, seen: set[str] | None = None
    ) -> Iterator[Finding]:
        before = self._before(node) if seen is None else seen
        early = [*self._early(where, node, condition, before)]
        if early:
            yield from early
            return
        answered = self.worlds.either(self.questions.yes(condition), self.questions.no(condition))
        closing = self.reach.all_passed(*sorted(self.reach.closing & before))
        silent = self._possible(asked, closing, self.worlds.outside(answered))
        if silent == NONE:
            return
        world = self.worlds.one_of(silent)
        lost = [name for name in sorted(condition.variables) if world.get(name) == MISSING]
        what, remedy = self._why_silent(lost, silent)
        example = self.reach.example(silent, before=node if node in self.graph.up else min(self.hosts[node]))
        yield self._say(
            "may-be-missing", f"{where}, {_word_of(self.journey, where, condition)}", what, remedy, example
        )

    def _early(self, where: str, node: str, condition: Condition, before: set[str]) -> Iterator[Finding]:
        place = f"{where}, {_word_of(self.journey, where, condition)}"
        for name in sorted(condition.variables):
            source = self.questions.source(name)
            if source is None:
                continue
            if source.optional or source.exception:
                yield self._say(
                    "may-never-be-done",
                    place,
                    f"its condition looks at {name}, of a step that may never be done",
                    "ask it in a required step",
                    Example(path=((source.key, "never done"),)),
                )
            elif source.key not in before:
                yield self._say(
                    "not-there-yet",
                    place,
                    f"its condition looks at {name}, which may not be there yet",
                    f"let it come after {source.key}",
                    Example(path=((source.key, "still open"),)),
                )

    def _why_silent(self, lost: list[str], silent: Set) -> tuple[str, str]:
        names = ", ".join(lost)
        if not lost:
            return "its condition cannot always be worked out", "compare values with constants only"
        source = self.questions.source(lost[0])
        if (
            source
            and lost[0] in self.journey.may_be_empty
            and self._possible(silent, self.reach.runs(source.key)) != NONE
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

    # -- reachability

    def _unreachable(self) -> Iterator[Finding]:
        for key, step in self.journey.steps.items():
            if step.exception or self._possible(self.reach.reaches(key)) != NONE:
                continue
            closing = sorted(self.reach.closing & self.graph.up[key], key=self.graph.order.index)
            stage = self.journey.stages[step.stage]
            if self._possible(self.reach.yes(step.when)) == NONE:
                yield self._say(
                    "never-opens",
                    f"{key}, when",
                    f"can never open: its condition “{step.when and step.when.text}” can never be true",
                    "remove it, or mend the condition",
                )
            elif self._possible(self.reach.yes(stage.when)) == NONE:
                yield self._say(
                    "never-opens",
                    key,
                    f"can never open: the condition of its stage {step.stage} can never be true",
                    "mend the condition of the stage",
                )
            elif self._possible(self.reach.runs(key)) == NONE:
                yield self._say(
                    "never-opens",
                    f"{key}, when",
                    f"can never open: its condition contradicts that of its stage {step.stage}",
                    "mend one of the two",
                    self.reach.example(
                        self._possible(self.reach.yes(stage.when)), (key, "skipped"), before=key
                    ),
                )
            else:
                end = (closing[0], next(iter(self.journey.steps[closing[0]].routes)))
                yield self._say(
                    "always-closes-before",
                    key,
                    f"can never open: no case gets past {closing[0]}",
                    f"let an outcome of {closing[0]} go on, or remove {key}",
                    self._until(closing[0], end),
                )

    def _repeating(self) -> Iterator[Finding]:
        stages = self.journey.stages
        for key, stage in stages.items():
            if not stage.every:
                continue
            for name in sorted(stage.until.variables) if stage.until else ():
                source = self.questions.source(name)
                if not (
                    source
                    and source.stage == key
                    and not (source.when or source.optional or source.exception)
                ):
                    yield self._say(
                        "until-elsewhere",
                        f"stage {key}, until",
                        f"looks at {name}, so for some cases it might never come true",
                        "look only at steps of this stage that always run",
                    )
            if stage.until and self._possible(self.questions.yes(stage.until)) == NONE:
                yield self._say(
                    "until-never",
                    f"stage {key}, until",
                    "can never come true",
                    "mend the condition, or leave `until:` out: then a person ends it",
                )
            for follower in stages if not stage.until else ():
                if key in stages[follower].after:
                    yield self._say(
                        "after-repeating",
                        f"stage {follower}",
                        f"waits for {key}, which repeats and is never over",
                        f"add `until:` to {key}, or let {follower} not wait for it",
                        Example(path=((key, "repeats"),)),
                    )
        if stages and all(stage.every for stage in stages.values()):
            yield self._say(
                "only-repeats",
                "the journey",
                "only repeats, so no promise can be kept",
                "put one stage before the repeating one",
            )

    def _whole(self) -> Iterator[Finding]:
        steps = self.journey.steps
        waiting = next((key for key, step in steps.items() if _waits_for_others(step)), "")
        if waiting and self.journey.expires is None:
            yield self._say(
                "waits-for-ever",
                "the journey",
                f"may wait for its client for ever, at {waiting} for one",
                "add `expires: 60 days`",
                self._until(waiting, (waiting, "never done")) if not steps[waiting].exception else None,
            )
        required = [key for key, step in steps.items() if not step.exception and not step.optional]
        empty = self._possible(self.reach.all_passed(*required))
        if empty != NONE:
            last = f"{self.graph.order[-1]}" if self.graph.order else ""
            yield self._say(
                "asks-nothing",
                "the journey",
                "asks nothing of anybody and ends at once",
                "leave at least one required step without a condition",
                self.reach.example(empty, before=last),
            )


def _helpers(step: Step) -> Iterator[tuple[str, str]]:
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
        for _, helper in _helpers(step):
            if helper in hosts:
                hosts[helper].add(key)
    return hosts


def _acts(step: Step) -> bool:
    """Somebody, or something outside, can do it otherwise the next time; a check of the same gives the same."""
    return KINDS[step.kind].party != "nobody"


def _waits_for_others(step: Step) -> bool:
    return not step.optional and (step.party == "client" or (step.kind == "wait" and step.within is None))


def _word_of(journey: Journey, where: str, condition: Condition) -> str:
    """The word under which this condition is written."""
    if where.startswith("stage "):
        return "until" if condition is journey.stages[where.removeprefix("stage ")].until else "when"
    return "second_person" if condition is journey.steps[where].second_person else "when"
