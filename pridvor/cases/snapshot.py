"""What is true of one case at one moment, and what a decision makes of it: plain values, no database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

WAITING, OPEN, HELD = "waiting", "open", "held"  # held: an exception step or a gate stands in for it
DONE, SKIPPED, CANCELLED = "done", "skipped", "cancelled"
SETTLED = (DONE, SKIPPED)
GATE = "gate"
CRITERIA = "criteria"  # what a stage must fulfil before it begins or ends: `enter@stage`, `exit@stage`


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
    waits: set[str] = field(default_factory=set)  # steps that must end before it opens
    why: str = ""  # why it was skipped, or how an exception step was opened
    reasons: list[dict[str, Any]] = field(default_factory=list)  # why it is asked again
    wanted: tuple[str, ...] = ()  # the items of it that are asked (again); empty: all
    carries: str = ""  # outcome of the attempt before, kept if nothing makes it be asked again
    loop: tuple[str, str] = ("", "")  # for a gate: the loop (step, outcome) whose limit was reached

    def copy(self) -> "Attempt":
        """Written out: dataclasses.replace costs ten times as much, and a decision copies every attempt."""
        return Attempt(
            self.kind,
            self.stage,
            self.number,
            self.status,
            self.outcome,
            self.by,
            self.optional,
            self.second,
            self.proposal,
            set(self.waits),
            self.why,
            list(self.reasons),
            self.wanted,
            self.carries,
            self.loop,
        )


@dataclass(slots=True)
class Visit:
    """One passage through a stage."""

    entry: str = WAITING  # waiting | in | skipped | held
    number: int = 0
    live: bool = False
    over: bool = False
    met: frozenset[str] = frozenset()  # criteria that a person ticked in this passage


@dataclass
class Snapshot:
    steps: dict[str, Attempt]
    stages: dict[str, Visit]
    values: dict[str, Any]
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    grants: dict[tuple[str, str], int] = field(default_factory=dict)
    flying: set[tuple[str, int]] = field(default_factory=set)  # calls to outside systems not yet answered
    happened: set[str] = field(default_factory=set)  # named events that have come
    paused: str = ""
    paused_for: str = ""  # who is waited for during the pause: us | client | third party
    state: str = OPEN  # open | closing | ended
    end: str = ""
    goal: bool = False

    def copy(self) -> "Snapshot":
        return replace(
            self,
            steps={key: attempt.copy() for key, attempt in self.steps.items()},
            stages={
                key: Visit(visit.entry, visit.number, visit.live, visit.over, visit.met)
                for key, visit in self.stages.items()
            },
            values=dict(self.values),
            counts=dict(self.counts),
            grants=dict(self.grants),
            flying=set(self.flying),
            happened=set(self.happened),
        )


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


def to_json(case: Snapshot) -> dict[str, Any]:
    """The snapshot as plain lists and objects, to be kept until it is needed again (see `from_json`)."""
    plain = asdict(case)
    for attempt in plain["steps"].values():
        attempt["waits"] = sorted(attempt["waits"])
    for visit in plain["stages"].values():
        visit["met"] = sorted(visit["met"])
    for name in ("counts", "grants"):
        plain[name] = triples(plain[name])
    for name in ("flying", "happened"):
        plain[name] = sorted(plain[name])
    return plain


def from_json(plain: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `to_json` wrote."""
    return Snapshot(
        **{
            **plain,
            "steps": {key: _attempt(columns) for key, columns in plain["steps"].items()},
            "stages": {
                key: Visit(**{**columns, "met": frozenset(columns["met"])})
                for key, columns in plain["stages"].items()
            },
            "counts": pairs(plain["counts"]),
            "grants": pairs(plain["grants"]),
            "flying": {(step, number) for step, number in plain["flying"]},
            "happened": set(plain["happened"]),
        }
    )


def triples(counts: Mapping[tuple[str, str], int]) -> list[list[Any]]:
    return [[step, outcome, count] for (step, outcome), count in sorted(counts.items())]


def pairs(rows: list[list[Any]]) -> dict[tuple[str, str], int]:
    return {(step, outcome): count for step, outcome, count in rows}


def _attempt(columns: Mapping[str, Any]) -> Attempt:
    tuples = {name: tuple(columns[name]) for name in ("proposal", "wanted", "loop")}
    return Attempt(**{**columns, **tuples, "waits": set(columns["waits"])})
