"""What may be said to a case: one value for each verb. What each one means stands in verbs.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pridvor.cases.snapshot import Snapshot
from pridvor.journeys.language import Journey


class Refused(Exception):
    """A command that cannot be. The message is a code; doors turn it into the reader's language."""


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
    agreed: tuple[str, ...] = ()  # who else said the same of this attempt: other approvers


@dataclass(frozen=True)
class Vote:
    """One of several approvers says what they think of an open attempt; by itself it ends nothing."""

    step: str
    number: int
    outcome: str
    actor: str


@dataclass(frozen=True)
class Change:
    """A person corrects answers that were already given; judgements about them fall."""

    step: str
    values: Mapping[str, Any]
    actor: str


@dataclass(frozen=True)
class Learn:
    """Something became known of the client that no step asked for."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Happened:
    """A named event came that steps may wait for (`wait: first-login`)."""

    name: str
    actor: str


@dataclass(frozen=True)
class Pause:
    """Automation stops until somebody resumes it. `party` is who is waited for: us, client or third party."""

    reason: str
    party: str = "us"


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
class Add:
    """A person adds a step that the journey does not have. Where `before` is named, that step waits for it."""

    key: str
    stage: str
    kind: str
    reasons: tuple[dict[str, Any], ...] = ()
    wanted: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True)
class Return:
    """A person sends the case back to a step that has ended: it and what was judged on it are done again."""

    step: str
    reasons: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Meet:
    """The owner of a stage ticks, or unticks, one line of what must hold before it begins or ends."""

    stage: str
    criterion: str
    met: bool = True


@dataclass(frozen=True)
class Stalled:
    """The client did not act in time: the step's `then:` opens beside it."""

    step: str
    number: int


@dataclass(frozen=True)
class Tick:
    """The time has come for the next round of a stage that repeats."""

    stage: str


@dataclass(frozen=True)
class Migrate:
    """The case moves to another version of its journey."""

    to: Journey


@dataclass(frozen=True)
class Undo:
    """A person takes back what they decided: the case stands again as it stood before."""

    before: Snapshot
    journey: Journey | None = None  # where it was a move to another version: the version before


Command = (
    Settle
    | Complete
    | Vote
    | Change
    | Learn
    | Happened
    | Pause
    | Resume
    | Close
    | Skip
    | Add
    | Return
    | Meet
    | Stalled
    | Tick
    | Migrate
    | Undo
)
