"""The job queue: how jobs are retried, how a worker runs, and the sweep of jobs whose worker died."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
from django.db import close_old_connections
from procrastinate import jobs
from procrastinate.contrib.django import app as current_app

from pridvor.lib import trace
from pridvor.project import embedded, environment

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
STALLED_SECONDS = 12.0  # a worker that gave no sign for so long is dead
SWEEP_SECONDS = 4.0
POLL_SECONDS = 0.1
MOST_ATTEMPTS = 25
RETRY = procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=2)


def command(given: object) -> None:
    """The command `worker`: keep the workers running, and give the jobs of dead ones to the living."""
    if os.environ.get("PRIDVOR_JOB_CHILD"):
        asyncio.run(work())
    else:
        asyncio.run(supervise(int(environment.get("PRIDVOR_JOB_WORKERS"))))


async def supervise(count: int) -> None:
    """Run `count` workers until told to stop; start again whichever ends."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    workers, sweeper = [_start_worker() for _ in range(count)], asyncio.create_task(sweep_for_ever())
    while not stopping.is_set():
        await asyncio.sleep(0.3)
        for index, process in enumerate(workers):
            if process.poll() is not None and not stopping.is_set():
                await asyncio.sleep(0.5)
                workers[index] = _start_worker()
    sweeper.cancel()
    await _end(workers)


async def _end(workers: "list[subprocess.Popen[bytes]]") -> None:
    for process in workers:
        process.terminate()
    deadline = time.monotonic() + 10
    while any(process.poll() is None for process in workers) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    for process in workers:
        process.kill()


def _start_worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "pridvor", "worker"],
        env={**os.environ, "PRIDVOR_JOB_CHILD": "1"},
        preexec_fn=lambda: embedded.die_with_parent(signal.SIGTERM),
    )


async def work(concurrency: int = 4) -> None:
    """Take jobs until told to stop. Workers poll: a notification on each commit would make commits wait for one another."""
    app: Any = current_app
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        async with working.open_async():
            await working.run_worker_async(
                concurrency=concurrency,
                listen_notify=False,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=8,
                delete_jobs="successful",
                task_middleware=AROUND_TASKS,
                worker_middleware=AROUND_JOBS,
            )


async def sweep_for_ever() -> None:
    """Give the jobs of dead workers to living ones. Procrastinate does not; a job that did so could stall itself."""
    app: Any = current_app
    with app.replace_connector(app.connector.get_worker_connector()) as sweeping:
        async with sweeping.open_async():
            while True:
                try:
                    await sweep_once(sweeping)
                except Exception:  # the database may be away for a moment; the next round finds what is left
                    log.warning("the sweep of stalled jobs failed; it is tried again", exc_info=True)
                await asyncio.sleep(SWEEP_SECONDS)


async def sweep_once(app: Any) -> int:
    """This will put stalled jobs back into the queue, and return how many."""
    manager, swept = app.job_manager, 0
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.attempts >= MOST_ATTEMPTS:
            await manager.finish_job(job, jobs.Status.FAILED, delete_job=False)
            log.error(
                "job %s (%s) stopped its worker %s times; it is set aside",
                job.id,
                job.task_name,
                job.attempts,
            )
            continue
        try:
            await manager.retry_job(job)
            swept += 1
        except (
            procrastinate.exceptions.ConnectorException
        ):  # another job holds its queueing lock: this one is a duplicate
            await manager.finish_job(job, jobs.Status.FAILED, delete_job=True)
    return swept


def _traced(call: Callable[[], Any], context: Any, worker: Any) -> Any:
    """A job goes on under the id of what caused it."""
    job = context.job
    with trace.doing(f"job {job.task_name}", str(job.task_kwargs.get("trace", "")), job=str(job.id)):
        return call()


def _fresh_connections(call: Callable[[], Any], context: Any, worker: Any) -> Any:
    """A connection that broke since this thread's last job is not used again."""
    close_old_connections()
    return call()


async def _look_again(call: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """What a job brings about is mostly another job: the worker looks for it at once, not at its next poll."""
    try:
        return await call()
    finally:
        worker._new_job_event.set()  # what a notification of the database would do


AROUND_TASKS: list[Any] = [
    _traced,
    _fresh_connections,
]  # in the thread of the job: all our jobs are plain functions
AROUND_JOBS: list[Any] = [_look_again]  # in the worker's own loop
