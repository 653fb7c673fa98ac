"""What evidence costs: a link, following a thousand events, and a checkpoint among few and many cases."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.evidence import checkpoints, ledgers, verifying
from pridvor.lib import chain, ledger
from pridvor.lib.actor import machine

Row = dict[str, Any]
ACTOR = machine("bench")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANGED = 10  # chains that go on between two checkpoints
LINKS = 2_000
SAID = [
    chain.moment(NOW),
    "step.completed",
    "machine",
    "bench",
    "",
    {"step": "validate-docs", "number": 1, "outcome": "ok"},
]


def rows() -> list[Row]:
    few = _checkpoint(1_000)
    many = _checkpoint(10_000)
    return [
        _row("evidence.link", _link(), "µs", 30),
        _row("evidence.verify_1000_rows", _verify(), "ms", 500),
        _row("evidence.checkpoint_1000_cases", few, "ms", 500),
        _row("evidence.checkpoint_10000_cases", many, "ms", 5 * few, ratio=many / few),
    ]


def _link() -> float:
    """Microseconds of CPU that one link takes."""
    keys, head, start = ledger.keys(), chain.START, time.process_time()
    for _ in range(LINKS):
        head = chain.link(keys, "cases.event", 1, head, SAID)
    return (time.process_time() - start) / LINKS * 1e6


def _verify() -> float:
    """Milliseconds for a thousand rows, every chain and checkpoint looked at."""
    start = time.perf_counter()
    result = verifying.look()
    return (time.perf_counter() - start) / max(1, result.rows) * 1e6


def _checkpoint(count: int) -> float:
    """Milliseconds of a checkpoint when ten of so many cases went on, each with an event of its own before."""
    _copies(count)
    now = NOW + timedelta(hours=count)
    checkpoints.make(now=now)
    chosen = list(Case._base_manager.filter(chain_position__gt=0).order_by("-pk")[:CHANGED])
    spent = []
    for minute in range(1, 6):
        for case in chosen:
            cases.record(case, "bench.noted", actor=ACTOR, now=now)
        start = time.perf_counter()
        checkpoints.make(now=now + timedelta(minutes=minute))
        spent.append((time.perf_counter() - start) * 1e3)
    return statistics.median(spent)


def _copies(count: int) -> None:
    """Cases enough, each with one linked event."""
    model = Case._base_manager.order_by("pk").first()
    assert model is not None
    missing = count - Case._base_manager.filter(chain_position__gt=0).count()
    columns = [
        field.column
        for field in Case._meta.fields
        if field.column not in ("id", "public_id", "reference", "chain_position", "chain_mac")
    ]
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into cases_case (public_id, reference, {named}) select gen_random_uuid(),"  # noqa: S608
            f" 'E-' || n || '-' || %s, {named} from cases_case, generate_series(1, %s) n where id = %s returning id",
            [count, max(0, missing), model.pk],
        )
        made = [row[0] for row in cursor.fetchall()]
    for pk in made:
        cases.record(Case(pk=pk), "bench.noted", actor=ACTOR, now=NOW)


def _row(name: str, value: float, unit: str, goal: float, *, ratio: float = 0.0) -> Row:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "against": f"{len(ledgers.LEDGERS)} ledgers",
        "ratio": round(ratio or value / goal, 3),
        "goal": round(goal, 1),
        "ok": value <= goal,
    }
