"""Moving a case to another version of its journey: what is carried over, what is new, what blocks it."""

from pridvor.cases.commands import Migrate, Refused
from pridvor.cases.settling import Run, host_of
from pridvor.cases.snapshot import CANCELLED, GATE, HELD, OPEN, SKIPPED, WAITING, Attempt, Snapshot, Visit
from pridvor.journeys.language import Journey


def migrate(run: Run, said: Migrate) -> None:
    """Same name and kind carries its attempt over; a new step in a stage already left counts as passed.

    A call in flight for a step that is gone blocks the move; what was held by something that is gone goes to a gate.
    """
    old, new, case = run.journey, said.to, run.case
    if case.state == "ended":
        raise Refused("not-now")
    if any(step not in new.steps and step in old.steps for step, _ in case.flying):
        raise Refused("call-in-flight")
    passed = {key for key, visit in case.stages.items() if _is_passed(visit)}
    for key in [key for key in case.steps if not _is_kept(key, case, old, new)]:
        run.drop(key, CANCELLED, "migrated")
    for key in case.stages.keys() - new.stages.keys():
        case.stages[key].live = False
    case.stages |= {key: Visit() for key in new.stages if key not in case.stages}
    _place_steps(case, new, passed)
    run.follow_journey(new)
    case.counts = {loop: count for loop, count in case.counts.items() if _is_loop(run, loop)}
    case.grants = {loop: count for loop, count in case.grants.items() if _is_loop(run, loop)}
    run.say("case.migrated", version=new.digest)
    run.look()
    for key in [key for key, attempt in case.steps.items() if attempt.status == HELD]:
        if not any("@" in x and host_of(x) == key and e.status == OPEN for x, e in case.steps.items()):
            run.gate(key, ("?", key))


def _is_passed(visit: Visit) -> bool:
    return (visit.entry == "in" and not visit.live) or visit.over or visit.entry == SKIPPED


def _is_kept(key: str, case: Snapshot, old: Journey, new: Journey) -> bool:
    host, name = host_of(key), key.partition("@")[0]
    if "@" in key and host in old.stages:
        return host in new.stages
    if name == GATE:
        return host in new.steps
    step = new.steps.get(name)
    if step is None:
        return "@" not in key and key not in old.steps  # a person added it
    return step.kind == case.steps[key].kind and host in new.steps


def _place_steps(case: Snapshot, new: Journey, passed: set[str]) -> None:
    first = next(iter(new.stages))
    for key, step in new.steps.items():
        old = case.steps.get(key)
        if step.exception or (old and old.why != "migrated" and old.kind == step.kind):
            continue
        status, why = (SKIPPED, "person") if step.stage in passed else (WAITING, "")
        number = old.number + 1 if old else 1
        case.steps[key] = Attempt(step.kind, step.stage, number, status, optional=step.optional, why=why)
    for key, attempt in case.steps.items():
        attempt.waits &= case.steps.keys()
        if key in new.steps:
            attempt.stage, attempt.optional = new.steps[key].stage, new.steps[key].optional
        elif attempt.stage not in new.stages and attempt.status in (OPEN, WAITING, HELD):
            attempt.stage = first


def _is_loop(run: Run, loop: tuple[str, str]) -> bool:
    step, outcome = loop
    return step in run.case.steps and outcome in run.step(step).routes
