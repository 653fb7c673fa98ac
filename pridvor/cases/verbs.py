"""What each command means: it changes facts of the run; settling (settling.py) then draws what follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pridvor.cases.commands import (
    Add,
    Change,
    Close,
    Complete,
    Happened,
    Learn,
    Meet,
    Pause,
    Refused,
    Resume,
    Return,
    Settle,
    Skip,
    Stalled,
    Tick,
    Undo,
    Vote,
)
from pridvor.cases.settling import Run, host_of
from pridvor.cases.snapshot import (
    CANCELLED,
    CRITERIA,
    DONE,
    GATE,
    HELD,
    OPEN,
    SKIPPED,
    WAITING,
    Attempt,
    Visit,
)
from pridvor.journeys.model import Step

ADDABLE = ("todo", "call", "upload")  # kinds of steps that a person may add to a case
SKIP = "skip"  # what is proposed where passing over a step takes two
DOORS = ("enter", "exit")


def complete(run: Run, said: Complete) -> None:
    attempt = run.case.steps.get(said.step)
    flew = (said.step, said.number) in run.case.flying
    run.case.flying.discard((said.step, said.number))
    if attempt is None or not _is_answerable(run, attempt, said):
        if not flew:
            raise Refused("no-longer-open")
        run.say("call.late", step=said.step, number=said.number, outcome=said.outcome)
    elif attempt.kind == GATE:
        _decide_gate(run, attempt, said)
    elif attempt.kind == CRITERIA:
        _accept_criteria(run, attempt, said)
    else:
        _end_step(run, attempt, said)


def _end_step(run: Run, attempt: Attempt, said: Complete) -> None:
    step = run.step(said.step)
    route = step.routes.get(said.outcome)
    if route is None:
        raise Refused("no-such-outcome")
    _refuse_same_person(run, step, (said.actor, *said.agreed))
    if attempt.second and route.verb != "redo" and not _confirmed(run, attempt, said):
        return
    attempt.status, attempt.outcome, attempt.by = DONE, said.outcome, said.actor
    run.case.values |= dict(said.values)
    run.say(
        "step.completed",
        step=said.step,
        number=said.number,
        outcome=said.outcome,
        kind=attempt.kind,
        **_why(said),
    )
    run.unhook(said.step)
    run.release(said.step)
    if "@" in said.step:
        run.release_host(said.step, attempt, route)
    run.follow(said.step, said.outcome, route, said)


def vote(run: Run, said: Vote) -> None:
    attempt = run.case.steps.get(said.step)
    if attempt is None or attempt.kind != "approve" or not _is_answerable(run, attempt, said):
        raise Refused("no-longer-open")
    step = run.step(said.step)
    if said.outcome not in step.routes:
        raise Refused("no-such-outcome")
    _refuse_same_person(run, step, (said.actor,))
    run.say("approval.given", step=said.step, number=said.number, outcome=said.outcome)


def _is_answerable(run: Run, attempt: Attempt, said: Complete | Vote) -> bool:
    """The attempt is the present one and open, in a case that goes on (an optional step: or has ended well)."""
    if attempt.status != OPEN or attempt.number != said.number:
        return False
    return run.case.state == OPEN or (attempt.optional and run.case.state == "ended")


def _refuse_same_person(run: Run, step: Step, actors: tuple[str, ...]) -> None:
    """The one choke point of “somebody else must”: every door comes through here."""
    others = (run.case.steps[name] for name in step.other_than if name in run.case.steps)
    if any(other.status == DONE and other.by in actors for other in others):
        raise Refused("somebody-else-must")


def _confirmed(run: Run, attempt: Attempt, said: Complete) -> bool:
    """Two people, one outcome: the first proposes, another confirms; a different outcome starts anew.

    What the first answered with it (an amount, say) is kept and seen by no condition yet: the other must say the same.
    """
    proposer, proposed = attempt.proposal
    if set(said.agreed) - {said.actor}:
        return True
    if proposer == said.actor:
        raise Refused("second-person-must")
    if not proposer:
        attempt.proposal = (said.actor, said.outcome)
        run.case.values |= dict(said.values)
        run.say("step.proposed", step=said.step, number=said.number, outcome=said.outcome)
        return False
    if proposed != said.outcome or any(
        run.case.values.get(name) != value for name, value in said.values.items()
    ):
        attempt.proposal = ("", "")
        run.say("step.disputed", step=said.step, number=said.number, outcome=said.outcome)
        return False
    return True


def _decide_gate(run: Run, gate: Attempt, said: Complete) -> None:
    node, (verb, _, end) = host_of(said.step), said.outcome.partition(" ")
    if verb not in ("again", "accept", "close") or (verb == "close") != bool(end):
        raise Refused("no-such-outcome")
    gate.status, gate.outcome, gate.by = DONE, said.outcome, said.actor
    run.say("gate.decided", step=said.step, number=said.number, outcome=said.outcome, **_why(said))
    unknown = gate.loop[0] == "?"
    if verb == "close":
        run.close(end)
    elif node in run.journey.stages:
        run.case.stages[node].entry = SKIPPED if verb == "accept" else "in"
    elif verb == "accept":
        run.attempt(node).status = SKIPPED if unknown else DONE
        run.attempt(node).why = "person" if unknown else ""
    elif unknown:
        run.open(node)
    else:
        run.case.grants[gate.loop] = run.case.grants.get(gate.loop, 0) + 1
        step, outcome = gate.loop
        run.follow(step, outcome, run.step(step).routes[outcome], None)


def _accept_criteria(run: Run, attempt: Attempt, said: Complete) -> None:
    """A person lets the stage go on although something that it must fulfil is not met."""
    if said.outcome != "accept":
        raise Refused("no-such-outcome")
    door, stage = said.step.split("@")
    run.case.stages[stage].met |= {f"{door}:{name}" for name in attempt.wanted}
    attempt.status, attempt.outcome, attempt.by = DONE, "accept", said.actor
    run.say("criteria.accepted", step=said.step, number=said.number, unmet=list(attempt.wanted), **_why(said))


def meet(run: Run, said: Meet) -> None:
    visit, door = run.case.stages.get(said.stage), said.criterion.partition(":")[0]
    if visit is None or run.case.state != OPEN or door not in DOORS:
        raise Refused("not-now")
    stage = run.journey.stages[said.stage]
    known = {
        f"{side}:{c.key}"
        for side, criteria in zip(DOORS, (stage.enter, stage.exit), strict=True)
        for c in criteria
        if c.holds is None
    }
    if said.criterion not in known:
        raise Refused("not-now")
    visit.met = visit.met | {said.criterion} if said.met else visit.met - {said.criterion}
    run.say("criteria.ticked", stage=said.stage, criterion=said.criterion, met=said.met)


def change(run: Run, said: Change) -> None:
    old = run.case.steps.get(said.step)
    if old is None or old.status != DONE or run.case.state != OPEN:
        raise Refused("not-now")
    run.case.steps[said.step] = replace(
        old, number=old.number + 1, by=said.actor, reasons=[], wanted=(), waits=set()
    )
    run.case.values |= dict(said.values)
    run.say("step.changed", step=said.step, number=old.number + 1, fields=sorted(said.values))
    run.send_back(run.graph.closure({said.step}, {said.step}) - {said.step}, set())


def learn(run: Run, said: Learn) -> None:
    if run.case.state != OPEN:
        raise Refused("not-now")
    run.case.values |= dict(said.values)
    run.say("case.learned", fields=sorted(said.values))


def happened(run: Run, said: Happened) -> None:
    """Steps that wait for it end; steps that come to wait for it later end at once, the first time."""
    if run.case.state != OPEN:
        raise Refused("not-now")
    run.case.happened.add(said.name)
    run.say("event.came", event=said.name)
    for key, attempt in list(run.case.steps.items()):
        if attempt.kind == "wait" and attempt.status == OPEN and run.step(key).use == said.name:
            complete(run, Complete(key, attempt.number, "came", said.actor))


def pause(run: Run, said: Pause) -> None:
    if run.case.state != OPEN or run.case.paused or said.party not in ("us", "client", "third party"):
        raise Refused("not-now")
    run.case.paused, run.case.paused_for = said.reason, said.party
    run.say("case.paused", reason=said.reason, party=said.party)


def resume(run: Run, said: Resume) -> None:
    if not run.case.paused:
        raise Refused("not-now")
    run.case.paused = run.case.paused_for = ""
    run.say("case.resumed")


def withdraw(run: Run, said: Close) -> None:
    if run.case.state != OPEN or (said.end == "expired" and run.case.paused):
        raise Refused("not-now")
    run.close(said.end)


def skip(run: Run, said: Skip) -> None:
    attempt = run.case.steps.get(said.step)
    if (
        attempt is None
        or attempt.status not in (WAITING, OPEN, HELD)
        or run.case.state != OPEN
        or "@" in said.step
    ):
        raise Refused("not-now")
    if run.step(said.step).second_person and not _agreed(run, attempt, said):
        return
    run.drop(said.step, SKIPPED, "person")
    run.say("step.skipped", step=said.step, number=attempt.number, why="person", reason=said.reason)


def _agreed(run: Run, attempt: Attempt, said: Skip) -> bool:
    """What two must decide is passed over by two: both named at once, or one after the other."""
    if said.second or attempt.proposal == (said.actor, SKIP):
        if said.second in ("", said.actor):
            raise Refused("second-person-must")
        return True
    if attempt.proposal[1] == SKIP:
        return True
    attempt.proposal = (said.actor, SKIP)
    run.say("step.proposed", step=said.step, number=attempt.number, outcome=SKIP)
    return False


def add(run: Run, said: Add) -> None:
    visit, before = run.case.stages.get(said.stage), run.case.steps.get(said.before)
    taken = said.key in run.case.steps or said.key in run.journey.steps or "@" in said.key
    if taken or said.kind not in ADDABLE or visit is None or visit.entry != "in" or run.case.state != OPEN:
        raise Refused("not-now")
    if said.before and (before is None or before.status != WAITING):
        raise Refused("not-now")
    run.case.steps[said.key] = Attempt(
        said.kind, said.stage, reasons=[dict(reason) for reason in said.reasons], wanted=said.wanted
    )
    if before:
        before.waits.add(said.key)
    run.say("step.added", step=said.key, number=1, kind=said.kind, stage=said.stage, before=said.before)


def send_back(run: Run, said: Return) -> None:
    """From wherever the case has got to after this step: the step, all between, and what was judged on them."""
    attempt = run.case.steps.get(said.step)
    if (
        attempt is None
        or said.step not in run.graph.down
        or attempt.status not in (DONE, SKIPPED)
        or run.case.state != OPEN
    ):
        raise Refused("not-now")
    down = run.graph.down[said.step]
    here = {host_of(key) for key, row in run.case.steps.items() if row.status in (OPEN, HELD)} & down
    between = {node for at in here for node in (down & run.graph.up[at]) | {at}}
    run.say("case.returned", step=said.step, reasons=[dict(reason) for reason in said.reasons])
    run.send_back(run.graph.closure(between | {said.step}, {said.step}), {said.step})
    run.want_again(said.step, [dict(reason) for reason in said.reasons], ())


def stalled(run: Run, said: Stalled) -> None:
    attempt = run.case.steps.get(said.step)
    if attempt is None or attempt.status != OPEN or attempt.number != said.number or run.case.paused:
        return
    if run.step(said.step).then:
        run.exception(run.step(said.step).then, said.step, "alongside")


def tick(run: Run, said: Tick) -> None:
    """The next round of a stage that repeats. One that comes while the last round is open is missed, never queued."""
    visit = run.case.stages[said.stage]
    if visit.entry != "in" or visit.live or visit.over or run.case.paused or run.case.state != OPEN:
        run.say("round.missed", stage=said.stage)
        return
    for key, attempt in list(run.case.steps.items()):
        if attempt.stage == said.stage and key in run.journey.steps:
            run.again(key)
    visit.met = frozenset()
    for counts in (run.case.counts, run.case.grants):
        for loop in [loop for loop in counts if run.step(loop[0]).stage == said.stage]:
            del counts[loop]


def undo(run: Run, said: Undo) -> None:
    """The case stands again as before, by new attempts: what was decided since stays written as it happened."""
    before = said.before
    for key, old in before.steps.items():
        new = run.case.steps[key]
        if new == old:
            continue
        if old.status == OPEN and old.kind in ("connect", "notify"):
            raise Refused("not-now")  # it was under way, and was stopped: it cannot be taken up again
        run.retire(key, new)
        run.case.steps[key] = replace(old.copy(), number=new.number + 1)
    for key in run.case.steps.keys() - before.steps.keys():
        run.drop(key, CANCELLED, "undone")
    restored = before.copy()
    restored.steps = run.case.steps
    for key, visit in run.case.stages.items():
        kept = restored.stages.setdefault(key, Visit())
        kept.number = max(kept.number, visit.number)
    run.case = restored
    run.follow_journey(said.journey or run.journey)
    run.say("decision.undone")
    for key, old in before.steps.items():
        if old.status == OPEN and old.kind == "check" and run.case.steps[key].number != old.number:
            run.say_opened(key)


def _why(said: Complete) -> dict[str, Any]:
    return {"reasons": [dict(reason) for reason in said.reasons]} if said.reasons else {}


VERBS: Mapping[type, Callable[[Run, Any], None]] = {
    Settle: lambda _run, _said: None,
    Complete: complete,
    Change: change,
    Learn: learn,
    Happened: happened,
    Pause: pause,
    Resume: resume,
    Close: withdraw,
    Skip: skip,
    Add: add,
    Return: send_back,
    Meet: meet,
    Stalled: stalled,
    Tick: tick,
    Undo: undo,
    Vote: vote,
}
