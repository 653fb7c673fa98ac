"""The hot write path: lock a case, read it, write what was decided. Plain SQL on Django's own connection, pipelined.

Reads, forms and lists use the ORM; only a transition comes through here, called by cases.actions inside a transaction.
Careful querysets would cost about five times the client's CPU. The case row is always locked first, so two people who
act on one case wait for each other, and nothing else does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

from pridvor.cases.snapshot import OPEN, Attempt, Decision, Effect, Snapshot, Visit, pairs, to_json, triples
from pridvor.lib.actor import Actor

QUEUE, TASK = "reactions", "pridvor.react"
HEARD: dict[
    str, tuple[str, ...]
] = {}  # event kind (with the step's kind, `step.opened:check`): who reacts; set by the wiring
AT_ONCE: set[str] = (
    set()
)  # reactions that do nothing outside: they need not wait until a decision is past undoing

READ_CASE = (
    "select version, values, counts, grants, flying, happened, paused, paused_for, state,"
    ' "end", goal from cases_case where id = %s'
)
ATTEMPT_COLUMNS = (
    "kind",
    "stage",
    "number",
    "status",
    "outcome",
    "by",
    "optional",
    "second",
    "proposal",
    "waits",
    "why",
    "reasons",
    "wanted",
    "carries",
    "loop",
)
STAMPS = {OPEN: "opened_at", "done": "ended_at", "skipped": "ended_at", "cancelled": "ended_at"}


class Gone(Exception):
    """There is no such case."""


def load(case_id: int, *, lock: bool = True) -> tuple[int, Snapshot]:
    """The version and snapshot of a case; its row stays locked until the transaction ends."""
    with _pipeline() as run:
        head = run(
            READ_CASE + (" for update" if lock else ""),
            [case_id],
        )
        attempts = run(
            f"select distinct on (key) key, {', '.join(_quoted(ATTEMPT_COLUMNS))} from cases_attempt where case_id = %s order by key, number desc",  # noqa: S608
            [case_id],
        )
        stages = run(
            "select key, entry, number, live, over, met from cases_stagevisit where case_id = %s", [case_id]
        )
        row = head.fetchone()
        if row is None:
            raise Gone(case_id)
        version, values, counts, grants, flying, happened, paused, paused_for, state, end, goal = row
        snapshot = Snapshot(
            steps={key: _attempt(columns) for key, *columns in attempts.fetchall()},
            stages={
                key: Visit(entry, number, live, over, frozenset(json.loads(met)))
                for key, entry, number, live, over, met in stages.fetchall()
            },
            values=json.loads(values),
            counts=pairs(json.loads(counts)),
            grants=pairs(json.loads(grants)),
            flying={(step, number) for step, number in json.loads(flying)},
            happened=set(json.loads(happened)),
            paused=paused,
            paused_for=paused_for,
            state=state,
            end=end,
            goal=goal,
        )
    return version, snapshot


def write(
    case_id: int,
    before: Snapshot | None,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
    first: Sequence[Effect] = (),
    later: datetime | None = None,
) -> list[int]:
    """This will write what a decision changed, and one event for each effect (`first` before them); return the events' ids.

    With `later`, what follows outside waits until then, and until then the decision can be undone.
    """
    after = decision.snapshot
    with _pipeline() as run:
        _write_case(run, case_id, after, now)
        for key, visit in after.stages.items():
            if before is None or before.stages.get(key) != visit:
                _write_stage(run, case_id, key, before.stages.get(key) if before else None, visit, now)
        for key, attempt in after.steps.items():
            old = before.steps.get(key) if before else None
            if old is None or old.number < attempt.number:
                _close_replaced(run, case_id, key, old, attempt.number, decision.replaced, now)
                _insert_attempt(run, case_id, key, attempt, now)
            elif old != attempt:
                _update_attempt(run, case_id, key, attempt, old, now)
    return record(
        case_id,
        [(effect.name, dict(effect.data)) for effect in (*first, *decision.effects)],
        actor=actor,
        now=now,
        later=later,
    )


def keep_before(
    case_id: int, before: Snapshot, journey_version: int, first_event: int, *, actor: Actor, until: datetime
) -> None:
    """This will keep how the case stood before the decision just written, so that it can be undone until then."""
    with _pipeline() as run:
        run(
            "insert into cases_undoable (case_id, version, snapshot, journey_version_id, first_event, actor, until)"
            " select id, version, %s, %s, %s, %s, %s from cases_case where id = %s"
            " on conflict (case_id) do update set version = excluded.version, snapshot = excluded.snapshot,"
            " journey_version_id = excluded.journey_version_id, first_event = excluded.first_event,"
            " actor = excluded.actor, until = excluded.until",
            [Jsonb(to_json(before)), journey_version, first_event, str(actor), until, case_id],
        )


def record(
    case_id: int,
    events: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    actor: Actor,
    now: datetime,
    later: datetime | None = None,
) -> list[int]:
    """This will add events to the ledger, and enqueue a job for each one that somebody reacts to."""
    if not events:
        return []
    rows = [(case_id, now, kind, actor.kind, actor.id, actor.role, Jsonb(data)) for kind, data in events]
    with _pipeline() as run:
        inserted = run(
            "insert into cases_event (case_id, at, kind, actor_kind, actor_id, actor_role, data) values "  # noqa: S608
            + ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
            + " returning id",
            [value for row in rows for value in row],
        )
        ids = [row[0] for row in inserted.fetchall()]
        jobs = [
            (
                QUEUE,
                TASK,
                0,
                None,
                None,
                Jsonb({"event": event, "reaction": reaction}),
                None if reaction in AT_ONCE else later,
            )
            for event, (kind, data) in zip(ids, events, strict=True)
            for reaction in heard_by(kind, data)
        ]
        if jobs:
            run(
                "select procrastinate_defer_jobs_v1(array["
                + ", ".join(["row(%s, %s, %s, %s, %s, %s, %s)::procrastinate_job_to_defer_v1"] * len(jobs))
                + "])",
                [value for job in jobs for value in job],
            )
    return ids


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


def _write_case(run: Any, case_id: int, after: Snapshot, now: datetime) -> None:
    run(
        "update cases_case set version = version + 1, touched_at = %s, values = %s, counts = %s, grants = %s, flying = %s, happened = %s, paused = %s,"
        " paused_for = %s, state = %s, \"end\" = %s, goal = %s, ended_at = case when %s = 'ended' then coalesce(ended_at, %s) end where id = %s",
        [
            now,
            Jsonb(after.values),
            Jsonb(triples(after.counts)),
            Jsonb(triples(after.grants)),
            Jsonb(sorted(after.flying)),
            Jsonb(sorted(after.happened)),
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


def _write_stage(run: Any, case_id: int, key: str, old: Visit | None, visit: Visit, now: datetime) -> None:
    opened = now if visit.live and not (old and old.live) else None
    done = now if old and old.live and not visit.live else None
    run(
        "insert into cases_stagevisit (case_id, key, entry, number, live, over, met, opened_at, done_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (case_id, key) do update set entry = excluded.entry, number = excluded.number, live = excluded.live,"
        " over = excluded.over, met = excluded.met, opened_at = coalesce(excluded.opened_at, cases_stagevisit.opened_at),"
        " done_at = case when excluded.live then null else coalesce(excluded.done_at, cases_stagevisit.done_at) end",
        [
            case_id,
            key,
            visit.entry,
            visit.number,
            visit.live,
            visit.over,
            Jsonb(sorted(visit.met)),
            opened,
            done,
        ],
    )


def _close_replaced(
    run: Any,
    case_id: int,
    key: str,
    old: Attempt | None,
    newest: int,
    replaced: Mapping[tuple[str, int], Attempt],
    now: datetime,
) -> None:
    """Attempts that one decision both ended and replaced: each keeps its own outcome."""
    first = old.number if old else 1
    for number in range(first, newest):
        final = replaced.get((key, number))
        if final is None or final == old:
            continue
        if old and number == old.number:
            _update_attempt(run, case_id, key, final, old, now)
        else:
            _insert_attempt(run, case_id, key, final, now)


def _insert_attempt(run: Any, case_id: int, key: str, attempt: Attempt, now: datetime) -> None:
    columns = ("case_id", "key", *ATTEMPT_COLUMNS, "opened_at", "ended_at")
    stamps = [
        now if attempt.status == OPEN else None,
        now if STAMPS.get(attempt.status) == "ended_at" else None,
    ]
    run(
        f"insert into cases_attempt ({', '.join(_quoted(columns))}) values ({', '.join(['%s'] * len(columns))})",  # noqa: S608
        [case_id, key, *_columns(attempt), *stamps],
    )


def _update_attempt(run: Any, case_id: int, key: str, attempt: Attempt, old: Attempt, now: datetime) -> None:
    sets = ", ".join(f"{name} = %s" for name in _quoted(ATTEMPT_COLUMNS))
    stamp = STAMPS.get(attempt.status) if attempt.status != old.status else None
    run(
        f"update cases_attempt set {sets}{f', {stamp} = %s' if stamp else ''} where case_id = %s and key = %s and number = %s",  # noqa: S608
        [*_columns(attempt), *([now] if stamp else []), case_id, key, attempt.number],
    )


def _columns(attempt: Attempt) -> list[Any]:
    return [
        attempt.kind,
        attempt.stage,
        attempt.number,
        attempt.status,
        attempt.outcome,
        attempt.by,
        attempt.optional,
        attempt.second,
        Jsonb(list(attempt.proposal)),
        Jsonb(sorted(attempt.waits)),
        attempt.why,
        Jsonb(attempt.reasons),
        Jsonb(list(attempt.wanted)),
        attempt.carries,
        Jsonb(list(attempt.loop)),
    ]


def _attempt(columns: Sequence[Any]) -> Attempt:
    (
        kind,
        stage,
        number,
        status,
        outcome,
        by,
        optional,
        second,
        proposal,
        waits,
        why,
        reasons,
        wanted,
        carries,
        loop,
    ) = columns
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
        set(json.loads(waits)),
        why,
        json.loads(reasons),
        tuple(json.loads(wanted)),
        carries,
        _pair(loop),
    )


def _quoted(columns: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in columns]


def _pair(text: str) -> tuple[str, str]:
    first, second = json.loads(text) or ["", ""]
    return first, second
