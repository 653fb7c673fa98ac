"""The hot write path: lock a case, read it, write what was decided. Plain SQL on Django's own connection, pipelined.

Reads, forms and lists use the ORM; only a transition comes through here, called by cases.actions inside a transaction.
Careful querysets would cost about five times the client's CPU. A decision is five statements, whatever it changed: the
rows of each table go as one JSON document, so that the text of a statement never varies and stays prepared. The case
row is always locked first, so two people who act on one case wait for each other, and nothing else does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from pridvor.cases.models import Event
from pridvor.cases.snapshot import OPEN, Attempt, Decision, Effect, Snapshot, Visit, pairs, to_json, triples
from pridvor.lib import chain, ledger, trace
from pridvor.lib.actor import Actor

QUEUE, TASK = "reactions", "pridvor.react"
HEARD: dict[
    str, tuple[str, ...]
] = {}  # event kind (with the step's kind, `step.opened:check`): who reacts; set by the wiring
AT_ONCE: set[str] = (
    set()
)  # reactions that do nothing outside: they need not wait until a decision is past undoing
ASKED: dict[
    str, str
] = {}  # reactions that want a job only while this holds: SQL over `wanted.kind`, the event's kind; set by the wiring
FIRST: set[str] = set()  # reactions that bring a case on: they go before letters, notices and clocks
SOONER = 10  # the priority of their jobs, of which others have 0

READ_CASE = (
    "select version, journey_version_id, values::text, counts::text, grants::text, flying::text, happened::text,"
    ' paused, paused_for, state, "end", goal, chain_position, chain_mac from cases_case where id = %s'
)
READ_HEAD = "select chain_position, chain_mac from cases_case where id = %s for no key update"
WRITE_HEAD = "update cases_case set chain_position = %s, chain_mac = %s where id = %s"
READ_ATTEMPTS = (
    "select distinct on (key) key, kind, stage, number, status, outcome, by, optional, second, proposal::text,"
    " waits::text, why, reasons::text, wanted::text, carries, loop::text from cases_attempt where case_id = %s"
    " order by key, number desc"
)
READ_STAGES = "select key, entry, number, live, over, met::text from cases_stagevisit where case_id = %s"
WRITE_CASE = (
    "update cases_case set version = version + 1, chain_position = %s, chain_mac = %s, touched_at = %s, values = %s, counts = %s, grants = %s, flying = %s,"
    ' happened = %s, paused = %s, paused_for = %s, state = %s, "end" = %s, goal = %s,'
    " ended_at = case when %s = 'ended' then coalesce(ended_at, %s) end where id = %s"
)
WRITE_ATTEMPTS = """
insert into cases_attempt (case_id, key, kind, stage, number, status, outcome, by, optional, second, proposal, waits,
  why, reasons, wanted, carries, loop, opened_at, ended_at)
select %s, key, kind, stage, number, status, outcome, by, optional, second, proposal, waits, why, reasons, wanted,
  carries, loop, opened_at, ended_at
from jsonb_to_recordset(%s) as row (key text, kind text, stage text, number int, status text, outcome text, by text,
  optional boolean, second boolean, proposal jsonb, waits jsonb, why text, reasons jsonb, wanted jsonb, carries text,
  loop jsonb, opened_at timestamptz, ended_at timestamptz)
on conflict (case_id, key, number) do update set kind = excluded.kind, stage = excluded.stage, status = excluded.status,
  outcome = excluded.outcome, by = excluded.by, optional = excluded.optional, second = excluded.second,
  proposal = excluded.proposal, waits = excluded.waits, why = excluded.why, reasons = excluded.reasons,
  wanted = excluded.wanted, carries = excluded.carries, loop = excluded.loop,
  opened_at = coalesce(excluded.opened_at, cases_attempt.opened_at),
  ended_at = coalesce(excluded.ended_at, cases_attempt.ended_at)
"""
WRITE_STAGES = """
insert into cases_stagevisit (case_id, key, entry, number, live, over, met, opened_at, done_at)
select %s, key, entry, number, live, over, met, opened_at, done_at
from jsonb_to_recordset(%s) as row (key text, entry text, number int, live boolean, over boolean, met jsonb,
  opened_at timestamptz, done_at timestamptz)
on conflict (case_id, key) do update set entry = excluded.entry, number = excluded.number, live = excluded.live,
  over = excluded.over, met = excluded.met, opened_at = coalesce(excluded.opened_at, cases_stagevisit.opened_at),
  done_at = case when excluded.live then null else coalesce(excluded.done_at, cases_stagevisit.done_at) end
"""
ADD_EVENTS = """
with added as (
  insert into cases_event (case_id, at, kind, actor_kind, actor_id, actor_role, data, position, mac)
  select %s, %s, kind, %s, %s, %s, data, position, decode(mac, 'hex')
  from jsonb_to_recordset(%s) as row (kind text, data jsonb, position int, mac text)
  order by position returning id
), placed as (select id, row_number() over (order by id) as place from added),
deferred as (
  select procrastinate_defer_jobs_v1(array_agg(row(%s, %s, wanted.priority, null, null,
    jsonb_build_object('event', placed.id, 'reaction', wanted.reaction, 'trace', %s::text), wanted.at)::procrastinate_job_to_defer_v1
    order by placed.id, wanted.nth))
  from jsonb_to_recordset(%s) as wanted (place int, nth int, priority int, reaction text, kind text, at timestamptz)
    join placed using (place)
  where {asked}
  having count(*) > 0
)
select array_agg(id order by id), (select count(*) from deferred) from placed
"""
KEEP_BEFORE = (
    "insert into cases_undoable (case_id, version, snapshot, journey_version_id, first_event, actor, until)"
    " select id, version, %s, %s, %s, %s, %s from cases_case where id = %s"
    " on conflict (case_id) do update set version = excluded.version, snapshot = excluded.snapshot,"
    " journey_version_id = excluded.journey_version_id, first_event = excluded.first_event,"
    " actor = excluded.actor, until = excluded.until"
)
STAMPS = {OPEN: "opened_at", "done": "ended_at", "skipped": "ended_at", "cancelled": "ended_at"}
NOTHING = {"[]": [], '["", ""]': ["", ""]}  # what most JSON columns hold: known without reading it


class Gone(Exception):
    """There is no such case."""


class Stored(NamedTuple):
    """A case as it stands: its version, what is true of it, the version of its journey, and its last event."""

    version: int
    snapshot: Snapshot
    journey_version: int
    head: chain.Head


def load(case_id: int, *, lock: bool = True) -> Stored:
    """The case as it stands; its row stays locked until the transaction ends."""
    with _pipeline() as run:
        head = run(READ_CASE + (" for no key update" if lock else ""), [case_id])
        attempts = run(READ_ATTEMPTS, [case_id])
        stages = run(READ_STAGES, [case_id])
        row = head.fetchone()
        if row is None:
            raise Gone(case_id)
        version, journey, values, counts, grants, flying, happened, *flags = row
        paused, paused_for, state, end, goal, position, mac = flags
        snapshot = Snapshot(
            steps={key: _attempt(*columns) for key, *columns in attempts.fetchall()},
            stages={
                key: Visit(entry, number, live, over, frozenset(_read(met)))
                for key, entry, number, live, over, met in stages.fetchall()
            },
            values=json.loads(values),
            counts=pairs(_read(counts)),
            grants=pairs(_read(grants)),
            flying={(step, number) for step, number in _read(flying)},
            happened=set(_read(happened)),
            paused=paused,
            paused_for=paused_for,
            state=state,
            end=end,
            goal=goal,
        )
    return Stored(version, snapshot, journey, chain.Head(position, bytes(mac)))


def write(
    case_id: int,
    before: Snapshot | None,
    decision: Decision,
    *,
    head: chain.Head,
    actor: Actor,
    now: datetime,
    first: Sequence[Effect] = (),
    later: datetime | None = None,
) -> list[int]:
    """This will write what a decision changed, and one event for each effect (`first` before them); return the events' ids.

    `head` is the case's last event, as it was read under the lock that is held; the new ones are linked to it. With `later`, what follows outside waits until then, and until then the decision can be undone.
    """
    after, at = decision.snapshot, now.isoformat()
    stages = [
        _stage_row(key, before.stages.get(key) if before else None, visit, at)
        for key, visit in after.stages.items()
        if before is None or before.stages.get(key) != visit
    ]
    attempts = list(_attempt_rows(before, decision, at))
    events = [(effect.name, effect.data) for effect in (*first, *decision.effects)]
    linked = _linked(case_id, head, events, actor, now)
    with _pipeline() as run:
        _write_case(run, case_id, after, linked[-1] if linked else head, now)
        if stages:
            run(WRITE_STAGES, [case_id, json.dumps(stages)])
        if attempts:
            run(WRITE_ATTEMPTS, [case_id, json.dumps(attempts)])
        return _add_events(run, case_id, events, linked, actor, now, later) if events else []


def keep_before(
    case_id: int, before: Snapshot, journey_version: int, first_event: int, *, actor: Actor, until: datetime
) -> None:
    """This will keep how the case stood before the decision just written, so that it can be undone until then."""
    with _pipeline() as run:
        kept = [json.dumps(to_json(before)), journey_version, first_event, str(actor), until, case_id]
        run(KEEP_BEFORE, kept)


def record(
    case_id: int,
    events: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    actor: Actor,
    now: datetime,
    later: datetime | None = None,
) -> list[int]:
    """This will add events to the ledger, and enqueue a job for each one that somebody reacts to. Locks the case."""
    if not events:
        return []
    with _pipeline() as run:
        row = run(READ_HEAD, [case_id]).fetchone()
        if row is None:
            raise Gone(case_id)
        linked = _linked(case_id, chain.Head(row[0], bytes(row[1])), events, actor, now)
        run(WRITE_HEAD, [*linked[-1], case_id])
        return _add_events(run, case_id, events, linked, actor, now, later)


def heard_by(kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        HEARD.get(f"{kind}:{data['kind']}", ())
        if "kind" in data and f"{kind}:{data['kind']}" in HEARD
        else HEARD.get(kind, ())
    )


# -- how


@contextmanager
def _pipeline() -> Iterator[Any]:
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.prepare_threshold = 2  # Django prepares nothing; these few statements are worth it

    def run(statement: str, parameters: Sequence[Any]) -> psycopg.Cursor:
        return psycopg.Cursor(raw).execute(statement, parameters)

    with connection.wrap_database_errors, raw.pipeline():
        yield run


def _add_events(
    run: Any,
    case_id: int,
    events: Sequence[tuple[str, Mapping[str, Any]]],
    linked: Sequence[chain.Head],
    actor: Actor,
    now: datetime,
    later: datetime | None,
) -> list[int]:
    """Events and the jobs of those who react to them, in one statement."""
    at = later.isoformat() if later else None
    rows = [
        {"kind": kind, "data": data, "position": place.position, "mac": place.mac.hex()}
        for (kind, data), place in zip(events, linked, strict=True)
    ]
    jobs = [
        {
            "place": place,
            "nth": nth,
            "priority": SOONER if reaction in FIRST else 0,
            "reaction": reaction,
            "kind": kind,
            "at": None if reaction in AT_ONCE else at,
        }
        for place, (kind, data) in enumerate(events, 1)
        for nth, reaction in enumerate(heard_by(kind, data))
    ]
    who = (actor.kind, actor.id, actor.role)
    given = [
        case_id,
        now,
        *who,
        json.dumps(rows, default=str),
        QUEUE,
        TASK,
        trace.current(),
        json.dumps(jobs),
    ]
    ids: list[int] = run(ADD_EVENTS.format(asked=_asked()), given).fetchone()[0]
    return ids


def _asked() -> str:
    """Which of the jobs are made: looked up in the statement that makes them, so that it costs no other."""
    return " and ".join(["true", *(f"(reaction <> '{name}' or {holds})" for name, holds in ASKED.items())])


def _linked(
    case_id: int,
    head: chain.Head,
    events: Sequence[tuple[str, Mapping[str, Any]]],
    actor: Actor,
    now: datetime,
) -> list[chain.Head]:
    """The place and mac of each new event in the case's chain."""
    at, who = chain.moment(now), (actor.kind, actor.id, actor.role)
    said = ([at, kind, *who, data] for kind, data in events)
    return chain.extend(ledger.keys(), Event.LEDGER, case_id, head, said)


def _write_case(run: Any, case_id: int, after: Snapshot, head: chain.Head, now: datetime) -> None:
    run(
        WRITE_CASE,
        [
            *head,
            now,
            json.dumps(after.values),
            json.dumps(triples(after.counts)),
            json.dumps(triples(after.grants)),
            json.dumps(sorted(after.flying)),
            json.dumps(sorted(after.happened)),
            after.paused,
            after.paused_for,
            after.state,
            after.end,
            after.goal,
            after.state,
            now,
            case_id,
        ],
    )


def _stage_row(key: str, old: Visit | None, visit: Visit, at: str) -> dict[str, Any]:
    return {
        "key": key,
        "entry": visit.entry,
        "number": visit.number,
        "live": visit.live,
        "over": visit.over,
        "met": sorted(visit.met),
        "opened_at": at if visit.live and not (old and old.live) else None,
        "done_at": at if old and old.live and not visit.live else None,
    }


def _attempt_rows(before: Snapshot | None, decision: Decision, at: str) -> Iterator[dict[str, Any]]:
    """Every attempt that the decision changed or made; one that it also replaced comes first, with its own outcome."""
    for key, attempt in decision.snapshot.steps.items():
        old = before.steps.get(key) if before else None
        if old is not None and old.number == attempt.number:
            if old != attempt:
                yield _attempt_row(key, attempt, old, at)
            continue
        for number in range(old.number if old else 1, attempt.number):
            final = decision.replaced.get((key, number))
            if final is not None and final != old:
                yield _attempt_row(key, final, old if old and old.number == number else None, at)
        yield _attempt_row(key, attempt, None, at)


def _attempt_row(key: str, attempt: Attempt, old: Attempt | None, at: str) -> dict[str, Any]:
    stamp = STAMPS.get(attempt.status) if old is None or old.status != attempt.status else None
    return {
        "key": key,
        "kind": attempt.kind,
        "stage": attempt.stage,
        "number": attempt.number,
        "status": attempt.status,
        "outcome": attempt.outcome,
        "by": attempt.by,
        "optional": attempt.optional,
        "second": attempt.second,
        "proposal": attempt.proposal,
        "waits": sorted(attempt.waits),
        "why": attempt.why,
        "reasons": attempt.reasons,
        "wanted": attempt.wanted,
        "carries": attempt.carries,
        "loop": attempt.loop,
        **({stamp: at} if stamp else {}),
    }


def _attempt(
    kind: str,
    stage: str,
    number: int,
    status: str,
    outcome: str,
    by: str,
    optional: bool,
    second: bool,
    proposal: str,
    waits: str,
    why: str,
    reasons: str,
    wanted: str,
    carries: str,
    loop: str,
) -> Attempt:
    return Attempt(
        kind,
        stage,
        number,
        status,
        outcome,
        by,
        optional,
        second,
        _pair(proposal),
        set(_read(waits)),
        why,
        list(_read(reasons)),
        tuple(_read(wanted)),
        carries,
        _pair(loop),
    )


def _read(text: str) -> Any:
    known = NOTHING.get(text)
    return json.loads(text) if known is None else known


def _pair(text: str) -> tuple[str, str]:
    first, second = _read(text) or ("", "")
    return first, second
