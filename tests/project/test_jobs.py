"""The worker: what one job leaves to the next does not wait for a poll, and what brings a case on goes first."""

import asyncio

import procrastinate
import pytest
from procrastinate import testing
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import store
from pridvor.project import jobs
from tests.partner import Partner

PATIENCE = 20  # seconds


def test_what_a_job_enqueues_is_taken_without_waiting_for_the_next_poll() -> None:
    assert asyncio.run(_chain_of(5)) == [0, 1, 2, 3, 4]


async def _chain_of(length: int) -> list[int]:
    app = procrastinate.App(connector=testing.InMemoryConnector())
    done: list[int] = []
    over = asyncio.Event()

    @app.task(name="link")
    async def link(number: int) -> None:
        done.append(number)
        await asyncio.sleep(0.05)  # the worker looks meanwhile, and finds nothing
        if number + 1 < length:
            await link.defer_async(number=number + 1)
        else:
            over.set()

    async with app.open_async():
        await link.defer_async(number=0)
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=4,
                listen_notify=False,
                fetch_job_polling_interval=3600,
                install_signal_handlers=False,
                task_middleware=jobs.MIDDLEWARE,  # type: ignore[arg-type]
            )
        )
        await asyncio.wait_for(over.wait(), PATIENCE)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return done


@pytest.mark.django_db
def test_what_brings_a_case_on_is_taken_before_letters_and_clocks(ana):
    Partner(ana).papers()
    made = ProcrastinateJob.objects.filter(task_name=store.TASK).values_list("args__reaction", "priority")
    sooner = {reaction for reaction, priority in made if priority == store.SOONER}
    later = {reaction for reaction, priority in made if priority == 0}
    assert "checks.go_on" in sooner
    assert "sla.follow" in later
    assert not sooner & later
