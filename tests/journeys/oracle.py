"""What the proof is tested against: small random journeys, and the engine itself driven through every case of each."""

import itertools
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pridvor.cases import engine
from pridvor.journeys.language import Journey
from pridvor.journeys.questions import conditions_of

KNOWN = "client.vip"
ENDS = {"form": ["done"], "todo": ["done"], "review": ["approve"], "check": ["ok"], "connect": ["ok"]}
MOST_STATES = 3000


@dataclass
class Seen:
    """What happened in at least one case: steps that opened, and what should not have happened."""

    states: int = 0
    opened: set[str] = field(default_factory=set)
    wrong: Counter = field(default_factory=Counter)


def explore(journey: Journey) -> Seen | None:
    """Every state that a case can come to by itself; None when there are too many to look at."""
    seen, todo, known = Seen(), [], {}
    came_from, ends = defaultdict(list), set()
    for vip, country in itertools.product((True, False), ("RO", "DE")):
        decision = engine.start(journey, {KNOWN: vip, "client.country": country})
        todo.append(decision)
        asked = [effect for effect in decision.effects if effect.name == "step.opened"]
        if decision.snapshot.state == "ended" and all(_optional(journey, e.data["step"]) for e in asked):
            seen.wrong["empty"] += 1
    while todo:
        decision = todo.pop()
        _note(decision, seen)
        case, name = decision.snapshot, _name(decision.snapshot)
        if name in known:
            continue
        known[name] = case
        if len(known) > MOST_STATES:
            return None
        if case.state == "ended" or _only_repeats(journey, case):
            ends.add(name)  # a person ends what repeats without end
        if case.state == "ended":
            continue
        said = list(_answers(journey, case))
        seen.wrong["no end"] += not said
        for command in said:
            after = engine.decide(journey, case, command)
            assert not after.refused, after.refused
            seen.wrong["skipped target"] += _only_skipped(journey, case, command, after)
            came_from[_name(after.snapshot)].append(name)
            todo.append(after)
    seen.wrong["no end"] += len(known.keys() - _leading_to(ends, came_from))
    seen.states = len(known)
    return seen


def _note(decision, seen):
    for effect in decision.effects:
        if effect.name == "step.opened":
            seen.opened.add(effect.data["step"].partition("@")[0])
        if effect.name == "gate.opened" and effect.data["loop"][0] == "?":
            seen.wrong["unknown"] += 1


def _only_repeats(journey, case):
    stages = [(journey.stages[key], visit) for key, visit in case.stages.items()]
    return any(s.every and not s.until and v.entry == "in" and not v.live for s, v in stages)


def _optional(journey, key):
    return journey.steps[key].optional


def _answers(journey, case):
    """Everything that could be said now; of a gate only that the case is closed, since people may do as they like."""
    for key, attempt in case.steps.items():
        if attempt.status != engine.OPEN:
            continue
        if attempt.kind == engine.GATE:
            if attempt.loop[0] != "?":
                yield engine.Complete(key, attempt.number, "close declined", "x")
            continue
        step = journey.steps[key.partition("@")[0]]
        if step.then and f"{step.then}@{key}" not in case.steps:
            yield engine.Stalled(key, attempt.number)
        for outcome in step.routes:
            asked = {name: own for name in step.answers if (own := _possible_answers(journey, name))}
            for answers in itertools.product(*asked.values()):
                values = dict(zip(asked, answers, strict=True))
                yield engine.Complete(key, attempt.number, outcome, "x", values)
    for key, visit in case.stages.items():
        if journey.stages[key].every and visit.entry == "in" and not visit.live and not visit.over:
            yield engine.Tick(key)
    for key, number in case.flying:
        if case.steps[key].status != engine.OPEN or case.steps[key].number != number:
            yield engine.Complete(key, number, "ok", "x")


def _possible_answers(journey, name):
    """All that a condition could tell apart; what no condition looks at is left unanswered."""
    if all(name not in condition.variables for condition in conditions_of(journey)):
        return ()
    return (True, False) if journey.variables[name] == "bool" else journey.choices.get(name, ())


def _only_skipped(journey, case, command, after):
    """A loop was taken that sends work back to nothing but steps that were passed over."""
    if not isinstance(command, engine.Complete):
        return False
    route = (
        journey.steps[command.step.partition("@")[0]].routes.get(command.outcome)
        if "gate@" not in command.step
        else None
    )
    if route is None or route.verb != "redo" or all(e.name != "loop.taken" for e in after.effects):
        return False
    host = engine.host_of(command.step)
    return all(t not in ("self", host) and case.steps[t].status == engine.SKIPPED for t in route.targets)


def _leading_to(ends, came_from):
    good, todo = set(ends), list(ends)
    while todo:
        for earlier in came_from[todo.pop()]:
            if earlier not in good:
                good.add(earlier)
                todo.append(earlier)
    return good


def _name(case):
    """Two cases of one name go on alike: numbers and history are left out."""
    steps = tuple(
        (key, a.status, a.outcome, tuple(sorted(a.waits)), a.why, a.loop, a.carries)
        for key, a in sorted(case.steps.items())
        if "@" not in key or a.status == engine.OPEN
    )
    stages = tuple((key, v.entry, v.live, v.over) for key, v in sorted(case.stages.items()))
    flying = tuple(sorted(key for key, _ in case.flying))
    own = (tuple(sorted(case.values.items())), tuple(sorted(case.counts.items())))
    return (steps, stages, *own, flying, case.state, case.end, case.goal)


# -- small journeys, mostly sensible, sometimes not


class Maker:
    """One random journey in the making."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.steps: list[str] = []
        self.answers: set[str] = set()
        self.ends: dict[str, list[str]] = {}

    def text(self) -> str:
        lines = ["journey: made-up", "expires: 9 days", f"knows: {{{KNOWN}: bool}}", "stages:"]
        stages: list[str] = []
        for number in range(self.random.choice([1, 2, 2, 3])):
            lines += self._stage(f"s{number}", stages)
            stages.append(f"s{number}")
        return "\n".join(lines)

    def _stage(self, name: str, earlier: list[str]) -> list[str]:
        lines = [f"  {name}:"]
        if earlier and self._often(0.3):
            lines.append(
                f"    with: {earlier[-1]}" if self._often(0.5) else f"    after: {self._one(earlier)}"
            )
        if self.steps and self._often(0.25):
            lines.append(f"    when: {self._condition()}")
        if earlier and self._often(0.15):
            lines.append("    every: 30 days")
            if self._often(0.7):
                lines.append(
                    f"    until: 't{len(self.steps)}.outcome == \"{self._one(['done', 'approve', 'ok'])}\"'"
                )
        own, helpers, bodies = [], [], []
        for _ in range(self.random.choice([1, 2, 2, 3])):
            bodies.append(self._step(f"t{len(self.steps)}", name, own, helpers, earlier))
        lines += ["    steps:", *bodies]
        return [*lines, "    exceptions:", *helpers] if helpers else lines

    def _step(self, name: str, stage: str, own: list[str], helpers: list[str], earlier: list[str]) -> str:
        kind = self._one(["form", "form", "review", "review", "check", "todo", "connect"])
        body, ends = [f"{kind}: x"], list(ENDS[kind])
        if kind == "form" and self._often(0.7):
            body.append("fields: {x: bool}")
        if own and self._often(0.35):
            body.append(f"with: {self._one(own)}" if self._often(0.5) else f"after: {self._one(own)}")
        if self._often(0.4):
            body.append(f"when: {self._condition()}")
        if kind in ("check", "connect"):
            body.append(f"if fail: {self._route(name, stage, helpers, earlier)}")
            ends.append("fail")
        if kind == "review" and self._often(0.7):
            body.append(f"if bad: {self._route(name, stage, helpers, earlier)}")
            ends.append("bad")
        if kind == "review" and self._often(0.1):
            approve = self._one(["{close: activated}", self._route(name, stage, helpers, earlier)])
            body.append(f"if approve: {approve}")
        if kind == "review" and self.steps and self._often(0.3):
            body.append(f"about: [{self._one(self.steps)}]")
        if kind == "todo" and self._often(0.1):
            body.append("optional: true")
        if kind == "form" and len(body) > 1 and "fields" in body[1]:
            self.answers.add(name)
        own.append(name)
        self.steps.append(name)
        self.ends[name] = ends
        return f"      {name}: {{{', '.join(body)}}}"

    def _route(self, step: str, stage: str, helpers: list[str], earlier: list[str]) -> str:
        chance = self.random.random()
        helper = f"e{step}{len(helpers)}"
        if chance < 0.12:
            return "{close: declined}"
        if chance < 0.3:
            helpers.append(f"      {helper}: {self._helper()}")
            return self._one([f"{{fix: {helper}, limit: 1}}", f"{{open: {helper}}}"])
        if chance < 0.4:
            return f"{{back: {self._one([*earlier, stage])}, limit: 1}}"
        if not self.steps:
            return "go on"
        more = f", keep: [{self._one(self.steps)}]" if self._often(0.15) else ""
        if self._often(0.15):
            helpers.append(f"      {helper}: {self._helper()}")
            more += f", fix: {helper}"
        return f"{{redo: {self._one(self.steps[-3:])}, limit: 1{more}}}"

    def _helper(self) -> str:
        return self._one(
            [
                "{todo: x}",
                "{todo: x}",
                "{review: x, if no: {close: declined}}",
                "{review: x, if approve: {close: declined}}",
            ]
        )

    def _condition(self) -> str:
        atoms = [KNOWN, *(f"{step}.x" for step in sorted(self.answers))]
        atoms += [
            f'{step}.outcome == "{end}"' for step in self.steps for end in [*self.ends[step], "skipped"]
        ]
        said = self._one(atoms)
        said = said if self._often(0.6) else f"!({said})"
        if self._often(0.3):
            said = f"{said} {self._one(['&&', '||'])} {self._one(atoms)}"
        return f"'{said}'"

    def _one(self, choices):
        return self.random.choice(choices)

    def _often(self, chance: float) -> bool:
        return self.random.random() < chance
