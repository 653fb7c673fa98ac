"""The job queue: retries, the sweep of jobs whose worker died, and what runs by the clock."""

import logging
from typing import Any

import procrastinate
from procrastinate import jobs

log = logging.getLogger(__name__)

STALLED_SECONDS = 15  # a worker that gave no sign for so long is dead
HEARTBEAT_SECONDS = 3
MOST_ATTEMPTS = 25
RETRY = procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=2)


def configure(app: procrastinate.App) -> None:
    """Called once when Django is ready."""
    app.import_paths = ["pridvor.project.tasks"]


def sweep_stalled(app: Any) -> int:
    """This will give jobs of dead workers to living ones, and return how many. Procrastinate never does so by itself.

    Run by the supervisor, not as a job: a job could stall itself.
    """
    manager, swept = app.job_manager, 0
    for job in _run(app, manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)):
        if job.attempts >= MOST_ATTEMPTS:
            _run(app, manager.finish_job(job, jobs.Status.FAILED, delete_job=False))
            log.error("job %s (%s) killed its worker %s times; it is set aside", job.id, job.task_name, job.attempts)
            continue
        try:
            _run(app, manager.retry_job(job))
            swept += 1
        except procrastinate.exceptions.ConnectorException:  # another job holds its queueing lock: this one is a duplicate
            _run(app, manager.finish_job(job, jobs.Status.FAILED, delete_job=True))
    return swept


def _run(app: Any, awaitable: Any) -> Any:
    return procrastinate.utils.async_to_sync(lambda: awaitable)
