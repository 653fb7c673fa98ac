"""The engine: `decide(journey, snapshot, command) → Decision`. Pure: no database, no clock, no network.

A snapshot (snapshot.py) is what is true of one case. A command (commands.py) says what somebody did; verbs.py and
migrating.py say what it means, settling.py what follows. The decision is the next snapshot and the list of what
happened on the way; cases.actions writes both, in one transaction.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pridvor.cases.commands import (
    Add,
    Change,
    Close,
    Command,
    Complete,
    Happened,
    Learn,
    Meet,
    Migrate,
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
from pridvor.cases.migrating import migrate
from pridvor.cases.settling import ADDED_BY_CLIENT, Run, host_of
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
    Decision,
    Effect,
    Snapshot,
    Visit,
)
from pridvor.cases.verbs import VERBS
from pridvor.journeys.language import Journey

__all__ = [
    "CANCELLED",
    "CRITERIA",
    "DONE",
    "GATE",
    "HELD",
    "OPEN",
    "SETTLED",
    "SKIPPED",
    "WAITING",
    "Add",
    "Attempt",
    "Change",
    "Close",
    "Command",
    "Complete",
    "Decision",
    "Effect",
    "Happened",
    "Learn",
    "Meet",
    "Migrate",
    "Pause",
    "Refused",
    "Resume",
    "Return",
    "Settle",
    "Skip",
    "Snapshot",
    "Stalled",
    "Tick",
    "Undo",
    "Visit",
    "Vote",
    "decide",
    "host_of",
    "minutes",
    "seen",
    "start",
    "whose_minute",
]


def start(journey: Journey, values: Mapping[str, Any]) -> Decision:
    """The first decision of a case: everything waits, then what can open opens."""
    steps = {
        key: Attempt(step.kind, step.stage, optional=step.optional)
        for key, step in journey.steps.items()
        if not step.exception
    }
    first = Snapshot(steps, {key: Visit() for key in journey.stages}, dict(values))
    decision = decide(journey, first, Settle())
    told = [Effect("milestone.reached", {"tell": journey.tell["opened"]})] if "opened" in journey.tell else []
    return replace(decision, effects=(*told, *decision.effects))


def decide(journey: Journey, snapshot: Snapshot, command: Command) -> Decision:
    """The next snapshot and what happened; or the same snapshot and why the command is refused."""
    run = Run(journey, snapshot.copy())
    run.look()
    try:
        (migrate if isinstance(command, Migrate) else VERBS[type(command)])(run, command)  # type: ignore[arg-type]
    except Refused as refusal:
        return Decision(snapshot, refused=str(refusal))
    run.settle()
    _tell_the_time(run, journey, snapshot)
    return Decision(run.case, tuple(run.effects), replaced=run.replaced)


def seen(journey: Journey, case: Snapshot) -> Mapping[str, Any]:
    """What conditions see of the case now: an answer counts only while its step applies."""
    run = Run(journey, case.copy())
    run.look()
    return run.seen


def minutes(journey: Journey, case: Snapshot) -> dict[str, str]:
    """Whose minute it is from now on: of the case as a whole (""), until its goal, and of each stage in work.

    us | third party | client. A machine's minute is ours. A stage in which nobody can act waits for the rest of the
    case, and its minute is the case's; nobody anywhere leaves it with us.
    """
    if case.state != OPEN:
        return {}
    picture = {"": ""} if not case.goal else {}
    picture |= {key: "" for key, visit in case.stages.items() if visit.live}
    for key in picture:
        whose = whose_minute(journey, case, key) or whose_minute(journey, case)
        picture[key] = case.paused_for if case.paused else whose
        picture[key] = "us" if picture[key] in ("", "nobody") else picture[key]
    return picture


def whose_minute(journey: Journey, case: Snapshot, stage: str = "") -> str:
    """Who can act now: us before a third party before the client; only what is required counts. Empty: nobody."""
    parties = set()
    for key, attempt in case.steps.items():
        if attempt.status == OPEN and not attempt.optional and stage in ("", attempt.stage):
            step = journey.steps.get(key.partition("@")[0])
            parties.add(step.party if step else "client" if attempt.kind in ADDED_BY_CLIENT else "us")
    return next((party for party in ("us", "third party", "client", "nobody") if party in parties), "")


def _tell_the_time(run: Run, journey: Journey, before: Snapshot) -> None:
    """The ledger of minutes is kept elsewhere; it needs to know when a minute begins to be somebody else's."""
    now, then = minutes(run.journey, run.case), minutes(journey, before)
    paused = bool(run.case.paused)
    if now != then or paused != bool(before.paused):
        run.say("clock.turned", parties=now, paused=paused)
