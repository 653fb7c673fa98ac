"""What a transition costs: ours, a hand-written minimum, and the same process in a peer, side by side in one run.

The reference process has 12 steps in 5 stages; each case is one opening and 14 completions (one loop), each its own
durable commit. CPU is what is compared: the client's of this process, the server's of its own back end. Transactions
per second depend on the disk of the day, and are printed beside.
"""

import itertools
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import django
import psycopg
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from pridvor.cases import actions, engine, queries
from pridvor.cases.models import Attempt
from pridvor.clients.models import Client, Person
from pridvor.journeys import language
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import machine

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACTOR = machine("bench")
CASES = 20  # of each contestant, after one that warms up
REFERENCE = """
journey: bench-reference
expires: 30 days
knows: {client.risk: text}
stages:
  intake:
    sla: 8h
    steps:
      client-form: {form: f}
      upload-docs: {upload: d}
      validate-docs: {check: [x], if fail: {redo: upload-docs, limit: 3}}
  compliance:
    sla: 8h
    steps:
      kyc-screen: {check: [x], if fail: {close: declined}}
      aml-review: {review: x, if reject: {close: declined}}
      compliance-approve: {review: x, if reject: {close: declined}}
  credit:
    with: compliance
    sla: 8h
    steps:
      credit-score: {check: [x], if fail: {close: declined}}
      credit-decision: {review: x, if reject: {close: declined}}
  edd:
    when: client.risk == "high"
    sla: 8h
    steps:
      edd-review: {review: x, if reject: {close: declined}}
  activation:
    sla: 4h
    steps:
      create-account: {todo: x}
      setup-portal: {todo: x}
      welcome: {todo: x}
"""
SCRIPT = [  # the one loop is taken: the first papers are not valid
    ("client-form", "done"),
    ("upload-docs", "done"),
    ("validate-docs", "fail"),
    ("upload-docs", "done"),
    ("validate-docs", "ok"),
    ("kyc-screen", "ok"),
    ("credit-score", "ok"),
    ("aml-review", "approve"),
    ("credit-decision", "approve"),
    ("compliance-approve", "approve"),
    ("edd-review", "approve"),
    ("create-account", "done"),
    ("setup-portal", "done"),
    ("welcome", "done"),
]


@dataclass(frozen=True)
class Cost:
    """Of one completion: CPU milliseconds of client and server, and how many a second one process makes."""

    client: float
    server: float
    rate: float

    @property
    def cpu(self) -> float:
        return self.client + self.server


def ours(count: int = CASES) -> Cost:
    """The real actions: lock, decide, write, events, jobs for every reaction that the wiring names."""
    version = _version()
    client, person = _applicant()

    def play() -> None:
        case = actions.open_case(
            version, client, person, language="en", actor=ACTOR, now=NOW, known={"client.risk": "high"}
        )
        numbers: Counter[str] = Counter()
        for step, outcome in SCRIPT:
            numbers[step] += 1
            named = Attempt(case=case, key=step, number=numbers[step])  # as a page or a job has it in hand
            actions.complete(named, outcome, actor=ACTOR, now=NOW)

    connection.ensure_connection()
    return _cost(play, count, _backend(connection.connection))


def floor(count: int = CASES) -> Cost:
    """The least that could be written for one completion: one pipeline, no planner, no checks."""
    connection.ensure_connection()
    raw: Any = connection.connection
    raw.prepare_threshold = 2
    _prepare_floor(raw)
    numbers = itertools.count(1)

    def play() -> None:
        case = raw.execute("insert into floor_case (state) values ('open') returning id").fetchone()[0]
        raw.execute(
            "insert into floor_attempt (case_id, key, number, status) values (%s, 's', 0, 'open')", [case]
        )
        for _ in SCRIPT:
            _floor_step(raw, case, next(numbers))

    return _cost(play, count, _backend(raw))


def _floor_step(raw: Any, case: int, number: int) -> None:
    with transaction.atomic(), raw.pipeline():
        cursor = psycopg.Cursor(raw)
        cursor.execute("select version, state from floor_case where id = %s for update", [case])
        cursor.execute(
            "select key, number, status from floor_attempt where case_id = %s and status = 'open'", [case]
        )
        cursor.execute(
            "update floor_case set version = version + 1, touched_at = now() where id = %s", [case]
        )
        cursor.execute(
            "update floor_attempt set status = 'done', outcome = 'ok', ended_at = now() where case_id = %s and number = %s",
            [case, number],
        )
        cursor.execute(
            "insert into floor_attempt (case_id, key, number, status, opened_at) values (%s, 't', %s, 'waiting', now())",
            [case, number],
        )
        cursor.execute(
            "insert into floor_event (case_id, at, kind, actor, data) values (%s, now(), 'step.completed', 'b', %s),"
            " (%s, now(), 'step.opened', 'b', %s)",
            [case, Jsonb({"step": "s", "number": number}), case, Jsonb({"step": "t", "number": number})],
        )
        cursor.execute(
            "insert into floor_stage (case_id, key, live) values (%s, 's', true)"
            " on conflict (case_id, key) do update set live = excluded.live",
            [case],
        )
        cursor.execute("insert into floor_job (name, args) values ('react', %s)", [Jsonb({"event": number})])


def _prepare_floor(raw: Any) -> None:
    for table, columns in {
        "case": "version int not null default 0, state text not null, touched_at timestamptz",
        "attempt": "case_id bigint references floor_case, key text, number int, status text, outcome text default '',"
        " opened_at timestamptz, ended_at timestamptz",
        "event": "case_id bigint references floor_case, at timestamptz, kind text, actor text, data jsonb",
        "stage": "case_id bigint references floor_case, key text, live boolean, unique (case_id, key)",
        "job": "name text, args jsonb, status text default 'todo'",
    }.items():
        raw.execute(f"drop table if exists floor_{table} cascade")
        raw.execute(
            f"create table floor_{table} (id bigint generated by default as identity primary key, {columns})"
        )
    raw.execute("create index on floor_attempt (case_id)")
    raw.execute("create index on floor_event (case_id, id)")


def peer(contestant: Any, count: int = CASES) -> Cost:
    """The same process in another engine: `start` and `complete`, as tests/peers/spiff.py has them."""

    def play() -> None:
        case = contestant.start()
        for step, outcome in SCRIPT:
            contestant.complete(case, step.replace("-", "_"), outcome != "fail")

    return _cost(play, count, _backend(contestant.connection))


def rate_of(processes: int, count: int = CASES) -> float:
    """Completions a second of several processes at once, openings left out of the count but not of the time."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=django.setup) as pool:
        pool.map(_warm, range(processes))
        start = time.perf_counter()
        pool.map(_run, [count] * processes, chunksize=1)
        return processes * count * len(SCRIPT) / (time.perf_counter() - start)


def _warm(_number: int) -> None:
    ours(1)


def _run(count: int) -> None:
    ours(count - 1)


def statements() -> tuple[int, int]:
    """How many statements one completion sends, and how often it waits for the server."""
    version = _version()
    client, person = _applicant()
    case = actions.open_case(version, client, person, language="en", actor=ACTOR, now=NOW)
    attempt = queries.open_attempt(case, "client-form")
    assert attempt is not None
    raw: Any = connection.connection
    with tempfile.TemporaryFile("w+") as trace:
        raw.pgconn.trace(trace.fileno())
        actions.complete(attempt, "done", actor=ACTOR, now=NOW)
        raw.pgconn.untrace()
        trace.seek(0)
        sent = [line.split("\t")[3] if line.count("\t") > 3 else line for line in trace if "\tF\t" in line]
    names = [line.strip() for line in sent]
    executed = sum(name in ("Execute", "Query") for name in names)
    return executed, sum(name in ("Sync", "Flush", "Query") for name in names)


def deciding(steps: int) -> float:
    """Microseconds of one decision in a journey of so many steps."""
    text = "\n".join(
        ["journey: bench-long", "expires: 9 days", "knows: {client.vip: bool}", "stages:"]
        + [
            line
            for stage in range(steps // 5)
            for line in (
                f"  stage{stage}:",
                "    steps:",
                *(f"      s{stage}-{number}: {{form: f}}" for number in range(3)),
                f"      s{stage}-3: {{check: [x], when: client.vip, if fail: {{redo: s{stage}-0, limit: 3}}}}",
                f"      s{stage}-4: {{review: x, if wrong: {{redo: s{stage}-1, limit: 3}}}}",
            )
        ]
    )
    journey = language.read(text)
    case = engine.start(journey, {"client.vip": True}).snapshot
    middle = len(journey.steps) // 2
    for key in list(journey.steps)[:middle]:
        outcome = next(iter(journey.steps[key].routes))
        case = engine.decide(journey, case, engine.Complete(key, 1, outcome, "x")).snapshot
    key = list(journey.steps)[middle]
    command = engine.Complete(key, 1, next(iter(journey.steps[key].routes)), "x")
    runs = [_seconds(lambda: engine.decide(journey, case, command)) for _ in range(200)]
    return statistics.median(runs) * 1e6


# -- how


def _version() -> JourneyVersion:
    made, _ = JourneyVersion.objects.get_or_create(
        name="bench-reference",
        number=1,
        defaults={"digest": "bench", "source": REFERENCE, "published_at": NOW, "published_by": str(ACTOR)},
    )
    return made


def _applicant() -> tuple[Client, Person]:
    client = Client.objects.create(name="Bench", folded="bench", country="RO", created_at=NOW)
    person = Person.objects.create(subject=uuid4(), email_ref=uuid4(), created_at=NOW)
    return client, person


def _backend(raw: Any) -> int:
    return int(raw.info.backend_pid)


def _cost(play: Callable[[], None], count: int, backend: int) -> Cost:
    """What one completion costs over so many cases, after one that warms up; openings are shared among them."""
    play()
    server, client, start = _cpu_of(backend), time.process_time(), time.perf_counter()
    for _ in range(count):
        play()
    completions = count * len(SCRIPT)
    return Cost(
        (time.process_time() - client) / completions * 1e3,
        (_cpu_of(backend) - server) / completions * 1e3,
        completions / (time.perf_counter() - start),
    )


def _cpu_of(pid: int) -> float:
    """CPU seconds of another process, to a hundredth."""
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
