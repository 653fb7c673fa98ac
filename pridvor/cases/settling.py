"""One decision in the making: reading the snapshot, the one settling pass, and what opens, closes and sends back.

Only `settle` opens, skips and ends; the verbs (verbs.py) change facts, and then it settles. An attempt never goes
backwards: a redo makes a new attempt with the next number, and the old one stays as it was.
"""

from collections.abc import Mapping
from typing import Any

from pridvor.cases.commands import Complete
from pridvor.cases.snapshot import (
    CANCELLED,
    CRITERIA,
    DONE,
    GATE,
    HELD,
    OPEN,
    SETTLED,
    SKIPPED,
    WAITING,
    Attempt,
    Effect,
    Snapshot,
    Visit,
)
from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey, word
from pridvor.journeys.model import KINDS, Criterion, Route, Step

ADDED_BY_CLIENT = ("upload", "form")  # kinds of added steps that the client does


def host_of(key: str) -> str:
    """The step that an exception step or gate stands in for; a step's own name otherwise."""
    return key.rpartition("@")[2]


def _narrowed(route: Route, said: Complete | None) -> tuple[str, ...]:
    """Of the steps that a loop sends back to, those that were wrong; all, where what was wrong lies in none of them.

    A `fix` sends back to the step that judged: whatever it found, it judges again.
    """
    wrong = said.targets if said else ()
    return tuple(target for target in route.targets if target in wrong) or route.targets


class Run:
    """One decision in the making. It owns its snapshot and is thrown away afterwards."""

    def __init__(self, journey: Journey, case: Snapshot) -> None:
        self.case = case
        self.follow_journey(journey)
        self.effects: list[Effect] = []
        self.replaced: dict[tuple[str, int], Attempt] = {}
        self.seen: dict[str, Any] = {}

    def follow_journey(self, journey: Journey) -> None:
        self.journey, self.graph = journey, journey.graph

    # -- reading the snapshot

    def step(self, key: str) -> Step:
        """What the journey says of a step; of one that a person added, what goes without saying."""
        return self.journey.steps.get(key.partition("@")[0]) or self._added(key)

    def _added(self, key: str) -> Step:
        attempt = self.case.steps[key]
        by = "client" if attempt.kind in ADDED_BY_CLIENT else self.journey.stages[attempt.stage].owner
        routes = {outcome: Route() for kind in (KINDS.get(attempt.kind),) if kind for outcome in kind.going}
        return Step(key, attempt.kind, attempt.wanted, attempt.stage, by, {}, routes=routes)

    def is_added(self, key: str) -> bool:
        return "@" not in key and key not in self.journey.steps

    def attempt(self, key: str) -> Attempt:
        return self.case.steps[key]

    def settled(self, node: str) -> bool:
        if node in self.case.steps:
            return self.case.steps[node].status in SETTLED
        stage, _, door = node.rpartition(":")
        visit = self.case.stages[stage]
        if door == "in":
            return visit.entry in ("in", SKIPPED)
        if visit.entry == SKIPPED:
            return True
        return (
            visit.over if self.journey.stages[stage].every else visit.entry == "in" and self._finished(stage)
        )

    def _finished(self, stage: str) -> bool:
        return self._worked(stage) and not self.unmet(stage, "exit")

    def _worked(self, stage: str) -> bool:
        """All that is required in the stage has ended; what it must fulfil besides may still fail."""
        return all(
            attempt.status in SETTLED or (attempt.status == CANCELLED and key not in self.journey.steps)
            for key, attempt in self.case.steps.items()
            if attempt.stage == stage and not attempt.optional and "@" not in key
        )

    def unmet(self, stage: str, door: str) -> list[Criterion]:
        """What keeps the stage from beginning (door `enter`) or ending (`exit`) at present."""
        criteria = self.journey.stages[stage].enter if door == "enter" else self.journey.stages[stage].exit
        met = self.case.stages[stage].met
        return [
            criterion
            for criterion in criteria
            if f"{door}:{criterion.key}" not in met
            and (criterion.holds is None or self.ask(criterion.holds) is not True)
        ]

    def _ready(self, key: str) -> bool:
        before = self.graph.before.get(key) or {f"{self.attempt(key).stage}:in"}
        return (
            all(map(self.settled, before))
            and not self.attempt(key).waits
            and all(flight != key for flight, _ in self.case.flying)
        )

    def ask(self, condition: Condition | None) -> bool | None:
        return True if condition is None else condition(self.seen)

    def look(self) -> None:
        """What conditions see: an outcome or answer counts only while its step still applies."""
        self._forget()
        for node in self.graph.order:
            self._see(node)

    def _forget(self) -> None:
        given = self.journey.given
        self.seen = {name: value for name, value in self.case.values.items() if name not in given}

    def _see(self, key: str) -> None:
        attempt, step = self.case.steps.get(key), self.journey.steps.get(key)
        if attempt is None or step is None or attempt.status not in SETTLED:
            return
        applies = (
            attempt.status == DONE
            and self.ask(self.journey.stages[step.stage].when) is not False
            and self.ask(step.when) is not False
        )
        self.seen[f"{word(key)}.outcome"] = attempt.outcome if applies else SKIPPED
        if applies:
            self.seen |= {name: self.case.values[name] for name in step.answers if name in self.case.values}

    def say(self, name: str, **data: Any) -> None:
        self.effects.append(Effect(name, data))

    # -- the one pass: nothing else opens, skips or ends anything

    def settle(self) -> None:
        case = self.case
        if case.state == "closing" and not case.flying:
            self._end()
        if case.paused or case.state != OPEN:
            return
        self._forget()
        for node in [*self.graph.order, *filter(self.is_added, case.steps)]:
            stage, _, door = node.rpartition(":")
            if door == "in" and stage:
                self._enter(stage)
            elif door == "out" and stage:
                self._leave(stage)
            elif case.stages[self.attempt(node).stage].entry == SKIPPED:
                self.drop(node, SKIPPED, "stage")
            else:
                self._begin(node)
            self._see(node)
        stages = self.journey.stages
        case.goal = case.goal or all(
            self.settled(f"{key}:out") for key, stage in stages.items() if not stage.every
        )
        if all(self.settled(f"{key}:out") for key in stages):
            case.end = self.journey.end
            self._end()

    def _end(self) -> None:
        self.case.state = "ended"
        self.say("case.ended", end=self.case.end)
        self._tell(self.journey.tell, self.case.end)

    def release(self, key: str) -> None:
        """Nothing waits for this step any longer."""
        for other in self.case.steps.values():
            other.waits.discard(key)

    def _tell(self, templates: Mapping[str, str], moment: str) -> None:
        if moment in templates:
            self.say("milestone.reached", tell=templates[moment])

    def _enter(self, key: str) -> None:
        visit, stage = self.case.stages[key], self.journey.stages[key]
        if visit.entry == SKIPPED and not self.case.goal and self.ask(stage.when):
            visit.entry = WAITING
            for name, attempt in list(self.case.steps.items()):
                if attempt.stage == key and attempt.why == "stage":
                    self.again(name)
        if visit.entry != WAITING or not all(map(self.settled, self.graph.before[f"{key}:in"])):
            self._watch(key, "enter", False)
            return
        answer = self.ask(stage.when)
        if answer is None:
            self.gate(key, ("?", key))
            return
        if self._watch(key, "enter", answer):
            return
        visit.entry = "in" if answer else SKIPPED
        visit.met = frozenset(name for name in visit.met if name.startswith("enter:"))
        visit.live = visit.live and answer
        self.say("stage.entered" if answer else "stage.skipped", stage=key)

    def _leave(self, key: str) -> None:
        visit, stage = self.case.stages[key], self.journey.stages[key]
        if visit.entry != "in":
            self._watch(key, "exit", False)
            return
        finished = self._worked(key) and not self._watch(key, "exit", not visit.over)
        if not visit.live and not finished:
            visit.live, visit.number = True, visit.number + 1
            self.say("stage.opened", stage=key, visit=visit.number)
            if visit.number == 1:
                self._tell(stage.tell, "opened")
        elif visit.live and finished:
            visit.live = False
            self.say("stage.done", stage=key, visit=visit.number)
            if visit.number == 1:
                self._tell(stage.tell, "done")
            if stage.every:
                visit.over = bool(stage.until and self.ask(stage.until))

    def _watch(self, stage: str, door: str, needed: bool) -> bool:
        """Whether unmet criteria hold the stage. While they do, they stand open as work of the stage's owner."""
        key = f"{door}@{stage}"
        old = self.case.steps.get(key)
        unmet = [criterion.key for criterion in self.unmet(stage, door)] if needed else []
        if old and old.status == OPEN:
            if not unmet:
                old.status, old.outcome = (DONE, "met") if needed else (CANCELLED, "")
                self.say("criteria.met" if needed else "step.cancelled", step=key, number=old.number)
            old.wanted = tuple(unmet) or old.wanted
        elif unmet:
            number = old.number + 1 if old else 1
            self.case.steps[key] = Attempt(CRITERIA, stage, number, OPEN, wanted=tuple(unmet))
            self.say("criteria.failed", step=key, number=number, kind=CRITERIA, unmet=unmet)
        return bool(unmet)

    def _begin(self, key: str) -> None:
        step, attempt = self.step(key), self.attempt(key)
        if attempt.status == SKIPPED and attempt.why == "when" and not self.case.goal and self.ask(step.when):
            self.again(key)
            attempt = self.attempt(key)
        if attempt.status != WAITING or not self._ready(key):
            return
        answer = self.ask(step.when)
        if answer is None:
            self.gate(key, ("?", key))  # never guessed: a person decides
        elif not answer:
            attempt.status, attempt.why = SKIPPED, "when"
            self.say("step.skipped", step=key, number=attempt.number, why="when")
        elif attempt.carries:
            attempt.status, attempt.outcome = DONE, attempt.carries
            self.say("step.carried", step=key, number=attempt.number)
        else:
            self.open(key)

    def open(self, key: str) -> None:
        step, attempt = self.step(key), self.attempt(key)
        second = step.second_person
        attempt.status = OPEN
        attempt.second = second if isinstance(second, bool) else self.ask(second) is not False
        if step.kind == "connect":
            self.case.flying.add((key, attempt.number))
        self.say_opened(key)
        if step.kind == "wait" and attempt.number == 1 and step.use in self.case.happened:
            self.end_wait(key, attempt, "")  # it came before anybody waited for it

    def say_opened(self, key: str) -> None:
        step = self.step(key)
        self.say(
            "step.opened",
            step=key,
            number=self.attempt(key).number,
            kind=step.kind,
            use=step.use,
            by=step.by,
        )

    def _say_cancelled(self, key: str, attempt: Attempt) -> None:
        self.say("step.cancelled", step=key, number=attempt.number, kind=attempt.kind)

    def end_wait(self, key: str, attempt: Attempt, actor: str) -> None:
        attempt.status, attempt.outcome, attempt.by = DONE, "came", actor
        self.say("step.completed", step=key, number=attempt.number, outcome="came", kind="wait")
        self.unhook(key)

    def again(self, key: str, *, carry: bool = False) -> None:
        """A new attempt, waiting. What hung on the old one (exception steps, gate, proposal) goes with it."""
        attempt = self.attempt(key)
        self.unhook(key)
        if attempt.status == WAITING:
            return
        if attempt.status == OPEN:
            self._say_cancelled(key, attempt)
        carries = attempt.outcome if carry and attempt.status == DONE else ""
        self.retire(key, attempt)
        self.case.steps[key] = Attempt(
            attempt.kind, attempt.stage, attempt.number + 1, optional=attempt.optional, carries=carries
        )

    def retire(self, key: str, attempt: Attempt) -> None:
        """A newer attempt takes its place. One that was held had its own outcome, or never was answered."""
        if attempt.status in (OPEN, HELD, WAITING):
            attempt.status = DONE if attempt.outcome and attempt.status != WAITING else CANCELLED
        self.replaced[key, attempt.number] = attempt

    def unhook(self, key: str) -> None:
        for name, attempt in self.case.steps.items():
            if "@" in name and host_of(name) == key:
                if attempt.status == OPEN:
                    attempt.status = CANCELLED
                    self._say_cancelled(name, attempt)
                self.release(name)

    def drop(self, key: str, status: str, why: str) -> None:
        attempt = self.attempt(key)
        if attempt.status not in (OPEN, HELD, WAITING):
            return
        self.unhook(key)
        if attempt.status == OPEN:
            self._say_cancelled(key, attempt)
        attempt.status, attempt.why = status, why
        self.release(key)

    def release_host(self, key: str, attempt: Attempt, route: Route) -> None:
        host = self.attempt(host_of(key))
        if route.verb == "go on" and host.status == HELD and attempt.why == "open":
            host.status = DONE

    def follow(self, key: str, outcome: str, route: Route, said: Complete | None) -> None:
        host = host_of(key)
        if route.tell:
            self.say("milestone.reached", tell=route.tell)
        if route.verb == "close":
            self.close(route.end)
        elif route.verb == "open":
            self.attempt(host).status = HELD
            self.exception(route.targets[0], host, "open")
        elif route.verb in ("redo", "back"):
            self.loop(key, outcome, route, said)

    def loop(self, key: str, outcome: str, route: Route, said: Complete | None) -> None:
        loop, host = (key, outcome), host_of(key)
        used = self.case.counts.get(loop, 0)
        reasons = list(said.reasons) if said else []
        if used >= route.limit + self.case.grants.get(loop, 0):
            self.gate(host, loop)
            return
        self.case.counts[loop] = used + 1
        self.say("loop.taken", step=key, outcome=outcome, count=used + 1, limit=route.limit, reasons=reasons)
        if route.verb == "back":
            self.rewind(route.targets[0])
            return
        named = _narrowed(route, said)
        own = {host if target == "self" else target for target in named}
        self.send_back(self.graph.slice(host, route, named), own)
        for target in sorted(own):
            self.want_again(target, reasons, said.wanted.get(target, ()) if said else ())
        if route.first:
            helper = self.exception(route.first, host, "first")
            for target in own:
                self.attempt(target).waits.add(helper)

    def want_again(self, target: str, reasons: list[dict[str, Any]], wanted: tuple[str, ...]) -> None:
        """Reasons and items are shown to whoever acts; a second request for an open step is added to the first."""
        attempt = self.attempt(target)
        mine = [reason for reason in reasons if reason.get("step", target) == target]
        joined = attempt.status == OPEN
        attempt.reasons = [*attempt.reasons, *mine]
        attempt.wanted = (
            () if joined and not attempt.wanted else tuple(dict.fromkeys([*attempt.wanted, *wanted]))
        )
        self.say(
            "step.redone",
            step=target,
            number=attempt.number,
            kind=attempt.kind,
            reasons=mine,
            wanted=list(attempt.wanted),
        )

    def send_back(self, nodes: set[str], targets: set[str]) -> None:
        for node in sorted(nodes):
            stage, _, door = node.rpartition(":")
            if stage and door == "in":
                self.case.stages[stage].entry = WAITING
            elif not stage and not (node in targets and self.attempt(node).status == OPEN):
                self.again(node, carry=node not in targets and self.step(node).carried)

    def rewind(self, stage: str) -> None:
        """Back to an earlier stage: it and all that depends on it wait anew, and the loops inside count from nothing."""
        gone = {stage} | {key for key in self.journey.stages if f"{stage}:out" in self.graph.up[f"{key}:in"]}
        for key in gone:
            self.case.stages[key] = Visit(number=self.case.stages[key].number)
        for name, attempt in list(self.case.steps.items()):
            if attempt.stage in gone and self.is_added(name):
                self.drop(name, CANCELLED, "back")
            elif attempt.stage in gone and "@" not in name:
                self.again(name)
        for counts in (self.case.counts, self.case.grants):
            for step, outcome in list(counts):
                inside = self.attempt(host_of(step)).stage in gone
                if inside and self.step(step).routes[outcome].verb != "back":
                    del counts[step, outcome]

    def exception(self, name: str, host: str, why: str) -> str:
        key = f"{name}@{host}"
        old = self.case.steps.get(key)
        if old and old.status == OPEN:
            return key
        number = old.number + 1 if old else 1
        self.case.steps[key] = Attempt(
            self.journey.steps[name].kind, self.attempt(host).stage, number, why=why
        )
        self.open(key)
        return key

    def gate(self, node: str, loop: tuple[str, str]) -> None:
        """Automation stops here until a person says: again, accept, or close."""
        key = f"{GATE}@{node}"
        old = self.case.steps.get(key)
        if node in self.case.steps:
            self.attempt(node).status, stage = HELD, self.attempt(node).stage
        else:
            self.case.stages[node].entry, stage = HELD, node
        self.case.steps[key] = Attempt(GATE, stage, old.number + 1 if old else 1, OPEN, loop=loop)
        self.say("gate.opened", step=key, number=self.case.steps[key].number, kind=GATE, loop=list(loop))

    def close(self, end: str) -> None:
        """The case ends otherwise than hoped: open work stops; what was done outside is undone or listed."""
        self.case.end, self.case.state, self.case.paused = end, "closing", ""
        for key, attempt in list(self.case.steps.items()):
            if attempt.kind == "connect" and attempt.status == DONE:
                undo = self.step(key).undo
                self.say("call.undo" if undo else "call.left", step=key, use=undo or self.step(key).use)
            self.drop(key, CANCELLED, "closed")
