"""What is measured: the upload path, machine time of a clean registration, effort of the client, queries per page."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.desk import board, queue
from pridvor.documents import bench as documents
from pridvor.evidence import bench as evidence
from pridvor.lib import clock
from pridvor.portal import effort
from pridvor.project import demo
from pridvor.project.bench import Row, row, wait
from pridvor.project.cast import STAFF


def all_rows() -> list[Row]:
    return [*documents.upload_path(), *effort.rows(), *registration(), *queries(), *evidence.rows()]


def registration() -> list[Row]:
    """A clean registration from the client's last click to «created in the ERP», the person's decision left out."""
    story = demo.Story(
        "28460319", "Elena Matei", "bench@tamplaria.example", "+40725000555", 0, "verify", "INGB"
    )
    play = demo.Live(story, clock.now())
    play.until_papers()
    wait(lambda: play.papers_read())
    start = time.monotonic()
    play.send_papers()
    wait(lambda: case_queries.open_attempt(play.case, "verify") is not None)
    checked = time.monotonic()
    carmen = Staff.objects.get(email=STAFF[0].email)
    attempt = case_queries.open_attempt(play.case, "verify")
    assert attempt is not None
    decided = time.monotonic()
    cases.complete(attempt, "approve", actor=carmen.actor, now=clock.now())
    wait(lambda: Case.objects.get(pk=play.case.pk).state == "ended")
    created = time.monotonic()
    total = (checked - start) + (created - decided)
    return [
        row("registration.last_click_to_desk", checked - start, "s", 5, "idle worker"),
        row("registration.approval_to_erp", created - decided, "s", 5, "idle worker"),
        row("registration.machine_time", total, "s", 10, "idle worker"),
    ]


def queries() -> list[Row]:
    """How many queries a page and a transition take, with few cases and with many: the cost that must not grow."""
    staff, now = Staff.objects.get(email=STAFF[0].email), clock.now()
    few = _count(lambda: _see_queue(staff, now))
    for number in range(20):
        story = demo.Story(
            "47503165", "Mihai Stan", f"bench{number}@prispa.example", "+40722000222", 0, "draft"
        )
        demo.Live(story, now - timedelta(minutes=number)).open()
    many = _count(lambda: _see_queue(staff, now))
    case = Case.objects.filter(state="open").order_by("id").first()
    assert case is not None
    page = _count(
        lambda: board.case_page(case_queries.cases().get(pk=case.pk), staff, language="ro", now=now)
    )
    attempt = case_queries.open_attempt(case, "details")
    assert attempt is not None
    transition = _count(
        lambda: cases.submit(attempt, {"name": "x", "country": "RO"}, {}, actor=staff.actor, now=now)
    )
    return [
        row(
            "desk.queries_with_20_more_cases",
            many,
            "queries",
            few,
            f"{few} queries with 1 case",
            ratio=many / max(1, few),
        ),
        row("desk.case_page_queries", page, "queries", 40, "fixed"),
        row("case.transition_queries", transition, "queries", 30, "fixed"),
    ]


def _see_queue(staff: Staff, now: datetime) -> None:
    """What the first page of the desk asks: one's own work, and what waits for others."""
    for narrowing in (queue.Narrowing(), queue.Narrowing(scope="others")):
        found = queue.gather(staff, narrowing, now)
        queue.rows(found, found.attempts, staff, "ro")


def _count(work: Any) -> int:
    with CaptureQueriesContext(connection) as one, CaptureQueriesContext(connections["vault"]) as other:
        work()
    return len(one) + len(other)
