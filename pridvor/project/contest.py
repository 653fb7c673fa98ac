"""The engine against a floor and a peer, and what grows with steps and with open cases: rows of the bench."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from pridvor.cases import bench as cases
from pridvor.project import databases
from pridvor.sla import timers

Row = dict[str, Any]
DUE = 10  # timers that are due, whatever the number of open cases


def all_rows(peer: Any, url: str) -> list[Row]:
    """`peer` is the module of the other engine, `url` the database as its owner sees it. No worker may run: it would take the jobs."""
    rows = [*_transitions(peer, url), *_deciding(), *_due_timers()]
    with databases.as_owner("default"), connection.cursor() as cursor:
        cursor.execute(
            "truncate procrastinate_jobs, sla_timer cascade"
        )  # ledgers refuse; cases are ended instead
        cursor.execute("update cases_case set state = 'ended', \"end\" = 'bench', ended_at = opened_at")
    return rows


def _transitions(peer: Any, url: str) -> list[Row]:
    with databases.as_owner("default"), connection.cursor() as cursor:
        cursor.execute(peer.TABLES)
    ours, floor, theirs = cases.ours(), cases.floor(), cases.peer(peer.Spiff(url))
    executed, waits = cases.statements()
    one, two = cases.rate_of(1), cases.rate_of(2)
    return [
        _row("engine.transition_cpu", ours.cpu, "ms", ours.cpu / floor.cpu, 2, f"floor {floor.cpu:.2f} ms"),
        _row(
            "engine.transition_client_cpu",
            ours.client,
            "ms",
            ours.client / floor.client,
            0,
            f"floor {floor.client:.2f} ms",
        ),
        _row(
            "engine.transition_server_cpu",
            ours.server,
            "ms",
            ours.server / floor.server,
            0,
            f"floor {floor.server:.2f} ms",
        ),
        _row(
            "engine.spiffworkflow_cpu",
            theirs.cpu,
            "ms",
            ours.cpu / theirs.cpu,
            0.2,
            "ours / SpiffWorkflow 3.2",
        ),
        _row(
            "engine.rate_one_process",
            one,
            "tx/s",
            theirs.rate / one,
            0,
            f"floor {floor.rate:.0f}, SpiffWorkflow {theirs.rate:.0f}",
        ),
        _row("engine.rate_two_processes", two, "tx/s", one / two, 0, "one process"),
        _row("engine.transition_statements", executed, "", 0, 0, f"{waits} waits for the server"),
    ]


def _deciding() -> list[Row]:
    short, long = cases.deciding(30), cases.deciding(60)
    return [
        _row("engine.decide_60_steps", long, "µs", long / short, 2.5, f"30 steps: {short:.0f} µs"),
    ]


def _due_timers() -> list[Row]:
    """Finding what is due among ever more open cases; only the number due may matter."""
    now, rows, first = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), [], 0.0
    for count in (1_000, 10_000, 100_000):
        _open_cases(count, now)
        spent = statistics.median(_seconds(now) for _ in range(30)) * 1e3
        first = first or spent
        rows.append(
            _row(
                f"timers.due_among_{count}",
                spent,
                "ms",
                spent / first,
                5,
                f"{DUE} due, 1,000 open: {first:.2f} ms",
            )
        )
    return rows


def _open_cases(count: int, now: datetime) -> None:
    """So many open cases, each with two armed timers in the future; a few of them due."""
    with databases.as_owner("default"), connection.cursor() as cursor:
        cursor.execute("truncate sla_timer cascade")
        cursor.execute("select max(id) from cases_case")
        case = cursor.fetchone()[0]
        columns = 'public_id, reference, journey_version_id, client_id, person_id, subject, language, state, "end", goal, paused, paused_for, values, counts, grants, flying, happened, parent_step, parent_number, version, priority, opened_at, touched_at'
        cursor.execute(
            f"insert into cases_case ({columns}) select gen_random_uuid(), 'B-' || n || '-' || %s, "  # noqa: S608
            "journey_version_id, client_id, person_id, subject, language, 'open', '', false, '', '', values, counts, grants, "
            "flying, happened, '', 0, 1, 0, opened_at, touched_at from cases_case, generate_series(1, %s) n where id = %s",
            [count, count - count // 10, case],
        )
        cursor.execute(
            "insert into sla_timer (case_id, kind, name, number, count, fire_at) select id, 'warn', 's', 1, k, "
            "%s + (k * id %% 1000 + 1) * interval '1 hour' from cases_case, generate_series(1, 2) k where state = 'open'",
            [now],
        )
        cursor.execute(
            "update sla_timer set fire_at = %s where id in (select id from sla_timer limit %s)",
            [now - timedelta(minutes=1), DUE],
        )
        cursor.execute("analyze sla_timer")


def _seconds(now: datetime) -> float:
    start = time.perf_counter()
    found = list(timers.due(now).values_list("pk", "case_id"))
    assert len(found) == DUE
    return time.perf_counter() - start


def _row(name: str, value: float, unit: str, ratio: float, goal: float, against: str) -> Row:
    """A goal of 0: told, not judged."""
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "against": against,
        "ratio": round(ratio, 3),
        "goal": goal,
        "ok": not goal or ratio <= goal,
    }
