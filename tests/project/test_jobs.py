"""The worker: what one job leaves to the next does not wait for a poll, and what brings a case on goes first."""

import asyncio
import threading
import time
from typing import Any

import procrastinate
import pytest
from django.db import connection, connections
from procrastinate import testing
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import store
from pridvor.lib.trace import current
from pridvor.project import jobs
from tests.partner import Partner

PATIENCE = 20  # seconds


def test_what_a_job_enqueues_is_taken_without_waiting_for_the_next_poll() -> None:
    work = Work()

    @work.app.task(name="link")
    def link(number: int) -> None:
        work.said.append(number)
        time.sleep(0.05)  # the worker looks meanwhile, and finds nothing
        if number < 4:
            link.defer(number=number + 1)
        else:
            work.ends()

    assert work.run(link, number=0) == [0, 1, 2, 3, 4]


def test_a_job_goes_on_under_the_id_of_what_caused_it() -> None:
    work = Work()

    @work.app.task(name="traced")
    def traced(trace: str = "") -> None:
        work.said.append(current())
        work.ends()

    assert work.run(traced, trace="ab" * 16) == ["ab" * 16]


def test_a_connection_that_broke_is_not_used_by_the_next_job(committed: None) -> None:
    work = Work(at_once=1)  # so that both run in one thread

    @work.app.task(name="broken")
    def broken() -> None:
        work.said.append(threading.get_ident())
        ask.defer()
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    @work.app.task(name="ask")
    def ask() -> None:
        work.said.append(threading.get_ident())
        with connection.cursor() as cursor:
            cursor.execute("select 7")
            work.said.append(cursor.fetchone()[0])
        connections.close_all()
        work.ends()

    one, other, answer = work.run(broken)
    assert (one, answer) == (other, 7)


class Work:
    """A worker as ours are, with a queue in memory, until a task says that it ends."""

    def __init__(self, *, at_once: int = 4) -> None:
        self.app, self.said = procrastinate.App(connector=testing.InMemoryConnector()), list[Any]()
        self.at_once = at_once

    def ends(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)

    def run(self, task: Any, **given: Any) -> list[Any]:
        asyncio.run(self._run(task, given))
        return self.said

    async def _run(self, task: Any, given: dict[str, Any]) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        async with self.app.open_async():
            await task.defer_async(**given)
            worker = asyncio.create_task(
                self.app.run_worker_async(
                    concurrency=self.at_once,
                    listen_notify=False,
                    fetch_job_polling_interval=3600,
                    install_signal_handlers=False,
                    task_middleware=jobs.AROUND_TASKS,
                    worker_middleware=jobs.AROUND_JOBS,
                )
            )
            await asyncio.wait_for(self.over.wait(), PATIENCE)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


@pytest.mark.django_db
def test_what_brings_a_case_on_is_taken_before_letters_and_clocks(ana):
    Partner(ana).papers()
    made = ProcrastinateJob.objects.filter(task_name=store.TASK).values_list("args__reaction", "priority")
    sooner = {reaction for reaction, priority in made if priority == store.SOONER}
    later = {reaction for reaction, priority in made if priority == 0}
    assert "checks.go_on" in sooner
    assert "sla.follow" in later
    assert not sooner & later
