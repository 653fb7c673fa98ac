"""The engine: `decide(journey, snapshot, command) → Decision`. Pure: no database, no clock, no network.

A snapshot is what is true of one case. A command says what somebody did. The decision is the next snapshot and the
list of what happened on the way; cases.actions writes both, in one transaction.

One pass, `settle`, opens, skips and ends everything; commands only change facts and then settle. An attempt never goes
backwards: a redo makes a new attempt with the next number, and the old one stays as it was.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pridvor.journeys.conditions import Condition
from pridvor.journeys.language import Journey, word
from pridvor.journeys.model import Route, Step

WAITING, OPEN, HELD = "waiting", "open", "held"  # held: an exception step or a gate stands in for it
DONE, SKIPPED, CANCELLED = "done", "skipped", "cancelled"
SETTLED = (DONE, SKIPPED)
GATE = "gate"


class Refused(Exception):
    """A command that cannot be. The message is a code; doors turn it into the reader's language."""


@dataclass(slots=True)
class Attempt:
    """One try at a step. Keys are step names; an exception step or gate for a host is `name@host`."""

    kind: str
    stage: str
    number: int = 1
    status: str = WAITING
    outcome: str = ""
    by: str = ""
    optional: bool = False
    second: bool = False  # needs a second person
    proposal: tuple[str, str] = ("", "")  # who proposed which outcome
    waits: set[str] = field(default_factory=set)  # exception steps that must end before it opens again
    why: str = ""  # why it was skipped, or how an exception step was opened
    reasons: list[dict[str, Any]] = field(default_factory=list)  # why it is asked again
    wanted: tuple[str, ...] = ()  # the items of it that are asked again; empty: all
    carries: str = ""  # outcome of the attempt before, kept if nothing makes it be asked again
    loop: tuple[str, str] = ("", "")  # for a gate: the loop (step, outcome) whose limit was reached


@dataclass(slots=True)
class Visit:
    """One passage through a stage."""

    entry: str = WAITING  # waiting | in | skipped | held
    number: int = 0
    live: bool = False
    over: bool = False


@dataclass
class Snapshot:
    steps: dict[str, Attempt]
    stages: dict[str, Visit]
    values: dict[str, Any]
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    grants: dict[tuple[str, str], int] = field(default_factory=dict)
    flying: set[tuple[str, int]] = field(default_factory=set)  # calls to outside systems not yet answered
    paused: str = ""
    state: str = OPEN  # open | closing | ended
    end: str = ""
    goal: bool = False


@dataclass(frozen=True)
class Effect:
    """Something that happened: what the event ledger will say."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    snapshot: Snapshot
    effects: tuple[Effect, ...] = ()
    refused: str = ""
    replaced: Mapping[tuple[str, int], Attempt] = field(
        default_factory=dict
    )  # how attempts ended that newer ones replace


# -- commands


@dataclass(frozen=True)
class Settle:
    pass


@dataclass(frozen=True)
class Complete:
    """Somebody or something ended an open attempt. `targets` and `wanted` narrow a redo to what was wrong."""

    step: str
    number: int
    outcome: str
    actor: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[dict[str, Any], ...] = ()
    targets: tuple[str, ...] = ()
    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """A person corrects answers that were already given; judgements about them fall."""

    step: str
    values: Mapping[str, Any]
    actor: str


@dataclass(frozen=True)
class Pause:
    reason: str


@dataclass(frozen=True)
class Resume:
    pass


@dataclass(frozen=True)
class Close:
    """The client withdraws, or nobody acted for too long."""

    end: str


@dataclass(frozen=True)
class Skip:
    step: str
    actor: str
    reason: str
    second: str = ""


@dataclass(frozen=True)
class Stalled:
    """The client did not act in time: the step's `then:` opens beside it."""

    step: str
    number: int


Command = Settle | Complete | Change | Pause | Resume | Close | Skip | Stalled


def start(journey: Journey, values: Mapping[str, Any]) -> Decision:
    """The first decision of a case: everything waits, then what can open opens."""
    steps = {
        key: Attempt(step.kind, step.stage, optional=step.optional)
        for key, step in journey.steps.items()
        if not step.exception
    }
    return decide(journey, Snapshot(steps, {key: Visit() for key in journey.stages}, dict(values)), Settle())


def decide(journey: Journey, snapshot: Snapshot, command: Command) -> Decision:
    """The next snapshot and what happened; or the same snapshot and why the command is refused."""
    run = _Run(journey, copy.deepcopy(snapshot))
    try:
        run.obey(command)
    except Refused as refusal:
        return Decision(snapshot, refused=str(refusal))
    run.settle()
    return Decision(run.case, tuple(run.effects), replaced=run.replaced)


def host_of(key: str) -> str:
    """The step that an exception step or gate stands in for; a step's own name otherwise."""
    return key.rpartition("@")[2]


class _Run:
    """One decision in the making. It owns its snapshot and is thrown away afterwards."""

    def __init__(self, journey: Journey, case: Snapshot) -> None:
        self.journey, self.graph, self.case = journey, journey.graph, case
        self.effects: list[Effect] = []
        self.replaced: dict[tuple[str, int], Attempt] = {}
        self.seen: dict[str, Any] = {}

    def obey(self, command: Command) -> None:
        self._look()
        verbs: dict[type, Callable[[Any], None]] = {
            Settle: lambda _: None,
            Complete: self._complete,
            Change: self._change,
            Pause: self._pause,
            Resume: self._resume,
            Close: self._withdraw,
            Skip: self._skip,
            Stalled: self._stalled,
        }
        verbs[type(command)](command)

    # -- reading the snapshot

    def _step(self, key: str) -> Step:
        return self.journey.steps[key.partition("@")[0]]

    def _attempt(self, key: str) -> Attempt:
        return self.case.steps[key]

    def _settled(self, node: str) -> bool:
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
        return all(
            attempt.status in SETTLED
            for key, attempt in self.case.steps.items()
            if attempt.stage == stage and not attempt.optional and "@" not in key
        )

    def _ready(self, key: str) -> bool:
        before = self.graph.before.get(key) or {f"{self._attempt(key).stage}:in"}
        return (
            all(map(self._settled, before))
            and not self._attempt(key).waits
            and all(flight != key for flight, _ in self.case.flying)
        )

    def _ask(self, condition: Condition | None) -> bool | None:
        return True if condition is None else condition(self.seen)

    def _look(self) -> None:
        """What conditions see: an outcome or answer counts only while its step still applies."""
        given = {name for step in self.journey.steps.values() for name in step.answers}
        self.seen = {name: value for name, value in self.case.values.items() if name not in given}
        for node in self.graph.order:
            self._see(node)

    def _see(self, key: str) -> None:
        attempt, step = self.case.steps.get(key), self.journey.steps.get(key)
        if attempt is None or step is None or attempt.status not in SETTLED:
            return
        applies = (
            attempt.status == DONE
            and self._ask(self.journey.stages[step.stage].when) is not False
            and self._ask(step.when) is not False
        )
        self.seen[f"{word(key)}.outcome"] = attempt.outcome if applies else SKIPPED
        if applies:
            self.seen |= {name: self.case.values[name] for name in step.answers if name in self.case.values}

    def _say(self, name: str, **data: Any) -> None:
        self.effects.append(Effect(name, data))

    # -- the one pass: nothing else opens, skips or ends anything

    def settle(self) -> None:
        case = self.case
        if case.state == "closing" and not case.flying:
            self._end()
        if case.paused or case.state != OPEN:
            return
        given = {name for step in self.journey.steps.values() for name in step.answers}
        self.seen = {name: value for name, value in case.values.items() if name not in given}
        for node in self.graph.order:
            stage, _, door = node.rpartition(":")
            if door == "in" and stage:
                self._enter(stage)
            elif door == "out" and stage:
                self._leave(stage)
            elif case.stages[self._attempt(node).stage].entry == SKIPPED:
                self._drop(node, SKIPPED, "stage")
            else:
                self._begin(node)
            self._see(node)
        stages = self.journey.stages
        case.goal = case.goal or all(
            self._settled(f"{key}:out") for key, stage in stages.items() if not stage.every
        )
        if all(self._settled(f"{key}:out") for key in stages):
            case.end = self.journey.end
            self._end()

    def _end(self) -> None:
        self.case.state = "ended"
        self._say("case.ended", end=self.case.end)
        self._tell(self.journey.tell, self.case.end)

    def _tell(self, templates: Mapping[str, str], moment: str) -> None:
        if moment in templates:
            self._say("milestone.reached", tell=templates[moment])

    def _enter(self, key: str) -> None:
        visit, stage = self.case.stages[key], self.journey.stages[key]
        if visit.entry == SKIPPED and not self.case.goal and self._ask(stage.when):
            visit.entry = WAITING
            for name, attempt in list(self.case.steps.items()):
                if attempt.stage == key and attempt.why == "stage":
                    self._again(name)
        if visit.entry != WAITING or not all(map(self._settled, self.graph.before[f"{key}:in"])):
            return
        answer = self._ask(stage.when)
        if answer is None:
            self._gate(key, ("?", key))
            return
        visit.entry = "in" if answer else SKIPPED
        visit.live = visit.live and answer
        self._say("stage.entered" if answer else "stage.skipped", stage=key)

    def _leave(self, key: str) -> None:
        visit, stage = self.case.stages[key], self.journey.stages[key]
        if visit.entry != "in":
            return
        finished = self._finished(key)
        if not visit.live and not finished:
            visit.live, visit.number = True, visit.number + 1
            self._say("stage.opened", stage=key, visit=visit.number)
            if visit.number == 1:
                self._tell(stage.tell, "opened")
        elif visit.live and finished:
            visit.live = False
            self._say("stage.done", stage=key, visit=visit.number)
            if visit.number == 1:
                self._tell(stage.tell, "done")
            if stage.every:
                visit.over = bool(stage.until and self._ask(stage.until))

    def _begin(self, key: str) -> None:
        step, attempt = self._step(key), self._attempt(key)
        if (
            attempt.status == SKIPPED
            and attempt.why == "when"
            and not self.case.goal
            and self._ask(step.when)
        ):
            self._again(key)
            attempt = self._attempt(key)
        if attempt.status != WAITING or not self._ready(key):
            return
        answer = self._ask(step.when)
        if answer is None:
            self._gate(key, ("?", key))  # never guessed: a person decides
        elif not answer:
            attempt.status, attempt.why = SKIPPED, "when"
            self._say("step.skipped", step=key, number=attempt.number, why="when")
        elif attempt.carries:
            attempt.status, attempt.outcome = DONE, attempt.carries
            self._say("step.carried", step=key, number=attempt.number)
        else:
            self._open(key)

    def _open(self, key: str) -> None:
        step, attempt = self._step(key), self._attempt(key)
        second = step.second_person
        attempt.status = OPEN
        attempt.second = second if isinstance(second, bool) else self._ask(second) is not False
        if step.kind == "connect":
            self.case.flying.add((key, attempt.number))
        self._say("step.opened", step=key, number=attempt.number, kind=step.kind, use=step.use, by=step.by)

    def _again(self, key: str, *, carry: bool = False) -> None:
        """A new attempt, waiting. What hung on the old one (exception steps, gate, proposal) goes with it."""
        attempt = self._attempt(key)
        self._unhook(key)
        if attempt.status == WAITING:
            return
        if attempt.status == OPEN:
            self._say("step.cancelled", step=key, number=attempt.number)
        carries = attempt.outcome if carry and attempt.status == DONE else ""
        if attempt.status in (OPEN, HELD):
            attempt.status = (
                DONE if attempt.outcome else CANCELLED
            )  # held after its own outcome, or never answered
        self.replaced[key, attempt.number] = attempt
        self.case.steps[key] = Attempt(
            attempt.kind, attempt.stage, attempt.number + 1, optional=attempt.optional, carries=carries
        )

    def _unhook(self, key: str) -> None:
        for name, attempt in self.case.steps.items():
            if "@" in name and host_of(name) == key:
                if attempt.status == OPEN:
                    attempt.status = CANCELLED
                    self._say("step.cancelled", step=name, number=attempt.number)
                for other in self.case.steps.values():
                    other.waits.discard(name)

    def _drop(self, key: str, status: str, why: str) -> None:
        attempt = self._attempt(key)
        if attempt.status not in (OPEN, HELD, WAITING):
            return
        self._unhook(key)
        if attempt.status == OPEN:
            self._say("step.cancelled", step=key, number=attempt.number)
        attempt.status, attempt.why = status, why

    # -- what people and machines may say

    def _complete(self, said: Complete) -> None:
        attempt = self.case.steps.get(said.step)
        flew = (said.step, said.number) in self.case.flying
        self.case.flying.discard((said.step, said.number))
        if attempt is None or not self._is_answerable(attempt, said):
            if not flew:
                raise Refused("no-longer-open")
            self._say("call.late", step=said.step, number=said.number, outcome=said.outcome)
            return
        if said.step.startswith(f"{GATE}@"):
            self._decide_gate(said)
            return
        step = self._step(said.step)
        route = step.routes.get(said.outcome)
        if route is None:
            raise Refused("no-such-outcome")
        self._refuse_same_person(step, said.actor)
        if attempt.second and route.verb != "redo" and not self._confirmed(attempt, said):
            return
        attempt.status, attempt.outcome, attempt.by = DONE, said.outcome, said.actor
        self.case.values |= dict(said.values)
        self._say(
            "step.completed",
            step=said.step,
            number=said.number,
            outcome=said.outcome,
            kind=attempt.kind,
            **_why(said),
        )
        self._unhook(said.step)
        if "@" in said.step:
            self._release_host(said.step, attempt, route)
        self._follow(said.step, said.outcome, route, said)

    def _is_answerable(self, attempt: Attempt, said: Complete) -> bool:
        """The attempt is the present one and open, in a case that goes on (an optional step: or has ended well)."""
        if attempt.status != OPEN or attempt.number != said.number:
            return False
        return self.case.state == OPEN or (attempt.optional and self.case.state == "ended")

    def _refuse_same_person(self, step: Step, actor: str) -> None:
        others = (self.case.steps[name] for name in step.other_than if name in self.case.steps)
        if any(other.status == DONE and other.by == actor for other in others):
            raise Refused("somebody-else-must")

    def _confirmed(self, attempt: Attempt, said: Complete) -> bool:
        """Two people, one outcome: the first proposes, another confirms; a different outcome starts anew."""
        proposer, proposed = attempt.proposal
        if proposer == said.actor:
            raise Refused("second-person-must")
        if not proposer:
            attempt.proposal = (said.actor, said.outcome)
            self._say("step.proposed", step=said.step, number=said.number, outcome=said.outcome)
            return False
        if proposed != said.outcome:
            attempt.proposal = ("", "")
            self._say("step.disputed", step=said.step, number=said.number, outcome=said.outcome)
            return False
        return True

    def _release_host(self, key: str, attempt: Attempt, route: Route) -> None:
        host = self._attempt(host_of(key))
        for other in self.case.steps.values():
            other.waits.discard(key)
        if route.verb == "go on" and host.status == HELD and attempt.why == "open":
            host.status = DONE

    def _follow(self, key: str, outcome: str, route: Route, said: Complete | None) -> None:
        host = host_of(key)
        if route.tell:
            self._say("milestone.reached", tell=route.tell)
        if route.verb == "close":
            self._close(route.end)
        elif route.verb == "open":
            self._attempt(host).status = HELD
            self._exception(route.targets[0], host, "open")
        elif route.verb in ("redo", "back"):
            self._loop(key, outcome, route, said)

    def _loop(self, key: str, outcome: str, route: Route, said: Complete | None) -> None:
        loop, host = (key, outcome), host_of(key)
        used = self.case.counts.get(loop, 0)
        reasons = list(said.reasons) if said else []
        if used >= route.limit + self.case.grants.get(loop, 0):
            self._gate(host, loop)
            return
        self.case.counts[loop] = used + 1
        self._say("loop.taken", step=key, outcome=outcome, count=used + 1, limit=route.limit, reasons=reasons)
        if route.verb == "back":
            self._rewind(route.targets[0])
            return
        named = tuple(
            target for target in route.targets if not said or not said.targets or target in said.targets
        )
        own = {host if target == "self" else target for target in named}
        self._send_back(self.graph.slice(host, route, named), own)
        for target in sorted(own):
            self._want_again(target, reasons, said.wanted.get(target, ()) if said else ())
        if route.first:
            helper = self._exception(route.first, host, "first")
            for target in own:
                self._attempt(target).waits.add(helper)

    def _want_again(self, target: str, reasons: list[dict[str, Any]], wanted: tuple[str, ...]) -> None:
        """Reasons and items are shown to whoever acts; a second request for an open step is added to the first."""
        attempt = self._attempt(target)
        mine = [reason for reason in reasons if reason.get("step", target) == target]
        joined = attempt.status == OPEN
        attempt.reasons = [*attempt.reasons, *mine]
        attempt.wanted = (
            () if joined and not attempt.wanted else tuple(dict.fromkeys([*attempt.wanted, *wanted]))
        )
        self._say(
            "step.redone",
            step=target,
            number=attempt.number,
            kind=attempt.kind,
            reasons=mine,
            wanted=list(attempt.wanted),
        )

    def _send_back(self, nodes: set[str], targets: set[str]) -> None:
        for node in sorted(nodes):
            stage, _, door = node.rpartition(":")
            if stage and door == "in":
                self.case.stages[stage].entry = WAITING
            elif not stage and not (node in targets and self._attempt(node).status == OPEN):
                self._again(node, carry=node not in targets and self._step(node).carried)

    def _rewind(self, stage: str) -> None:
        """Back to an earlier stage: it and all that depends on it wait anew, and the loops inside count from nothing."""
        gone = {stage} | {key for key in self.journey.stages if f"{stage}:out" in self.graph.up[f"{key}:in"]}
        for key in gone:
            self.case.stages[key] = Visit(number=self.case.stages[key].number)
        for name, attempt in list(self.case.steps.items()):
            if attempt.stage in gone and "@" not in name:
                self._again(name)
        for counts in (self.case.counts, self.case.grants):
            for step, outcome in list(counts):
                inside = self._attempt(host_of(step)).stage in gone
                if inside and self._step(step).routes[outcome].verb != "back":
                    del counts[step, outcome]

    def _exception(self, name: str, host: str, why: str) -> str:
        key = f"{name}@{host}"
        old = self.case.steps.get(key)
        if old and old.status == OPEN:
            return key
        number = old.number + 1 if old else 1
        self.case.steps[key] = Attempt(
            self.journey.steps[name].kind, self._attempt(host).stage, number, why=why
        )
        self._open(key)
        return key

    def _gate(self, node: str, loop: tuple[str, str]) -> None:
        """Automation stops here until a person says: again, accept, or close."""
        key = f"{GATE}@{node}"
        old = self.case.steps.get(key)
        if node in self.case.steps:
            self._attempt(node).status, stage = HELD, self._attempt(node).stage
        else:
            self.case.stages[node].entry, stage = HELD, node
        self.case.steps[key] = Attempt(GATE, stage, old.number + 1 if old else 1, OPEN, loop=loop)
        self._say("gate.opened", step=key, number=self.case.steps[key].number, kind=GATE, loop=list(loop))

    def _decide_gate(self, said: Complete) -> None:
        gate, node = self._attempt(said.step), host_of(said.step)
        verb, _, end = said.outcome.partition(" ")
        if verb not in ("again", "accept", "close") or (verb == "close") != bool(end):
            raise Refused("no-such-outcome")
        gate.status, gate.outcome, gate.by = DONE, said.outcome, said.actor
        self._say("gate.decided", step=said.step, number=said.number, outcome=said.outcome, **_why(said))
        unknown = gate.loop[0] == "?"
        if verb == "close":
            self._close(end)
        elif node in self.journey.stages:
            self.case.stages[node].entry = SKIPPED if verb == "accept" else "in"
        elif verb == "accept":
            self._attempt(node).status = SKIPPED if unknown else DONE
            self._attempt(node).why = "person" if unknown else ""
        elif unknown:
            self._open(node)
        else:
            self.case.grants[gate.loop] = self.case.grants.get(gate.loop, 0) + 1
            step, outcome = gate.loop
            self._follow(step, outcome, self._step(step).routes[outcome], None)

    def _close(self, end: str) -> None:
        """The case ends otherwise than hoped: open work stops; what was done outside is undone or listed."""
        self.case.end, self.case.state, self.case.paused = end, "closing", ""
        for key, attempt in list(self.case.steps.items()):
            if attempt.kind == "connect" and attempt.status == DONE:
                undo = self._step(key).undo
                self._say("call.undo" if undo else "call.left", step=key, use=undo or self._step(key).use)
            self._drop(key, CANCELLED, "closed")

    def _withdraw(self, said: Close) -> None:
        if self.case.state != OPEN or (said.end == "expired" and self.case.paused):
            raise Refused("not-now")
        self._close(said.end)

    def _pause(self, said: Pause) -> None:
        if self.case.state != OPEN or self.case.paused:
            raise Refused("not-now")
        self.case.paused = said.reason
        self._say("case.paused", reason=said.reason)

    def _resume(self, said: Resume) -> None:
        if not self.case.paused:
            raise Refused("not-now")
        self.case.paused = ""
        self._say("case.resumed")

    def _change(self, said: Change) -> None:
        if (
            said.step not in self.case.steps
            or self._attempt(said.step).status != DONE
            or self.case.state != OPEN
        ):
            raise Refused("not-now")
        old = self._attempt(said.step)
        self.case.steps[said.step] = replace(
            old, number=old.number + 1, by=said.actor, reasons=[], wanted=(), waits=set()
        )
        self.case.values |= dict(said.values)
        self._say("step.changed", step=said.step, number=old.number + 1, fields=sorted(said.values))
        self._send_back(self.graph.closure({said.step}, {said.step}) - {said.step}, set())

    def _skip(self, said: Skip) -> None:
        attempt = self.case.steps.get(said.step)
        if (
            attempt is None
            or attempt.status not in (WAITING, OPEN, HELD)
            or self.case.state != OPEN
            or "@" in said.step
        ):
            raise Refused("not-now")
        if self._step(said.step).second_person and said.second in ("", said.actor):
            raise Refused("second-person-must")
        self._drop(said.step, SKIPPED, "person")
        self._say("step.skipped", step=said.step, number=attempt.number, why="person", reason=said.reason)

    def _stalled(self, said: Stalled) -> None:
        attempt, step = self.case.steps.get(said.step), self._step(said.step)
        if (
            attempt
            and attempt.status == OPEN
            and attempt.number == said.number
            and step.then
            and not self.case.paused
        ):
            self._exception(step.then, said.step, "alongside")


def _why(said: Complete) -> dict[str, Any]:
    return {"reasons": [dict(reason) for reason in said.reasons]} if said.reasons else {}


def whose_minute(journey: Journey, case: Snapshot, stage: str = "") -> str:
    """Who can act now: us before a third party before the client; only what is required counts. Empty: nobody."""
    parties = set()
    for key, attempt in case.steps.items():
        if attempt.status == OPEN and not attempt.optional and stage in ("", attempt.stage):
            step = journey.steps.get(key.partition("@")[0])
            parties.add(step.party if step and attempt.kind != GATE else "us")
    return next((party for party in ("us", "third party", "client", "nobody") if party in parties), "")
