"""Jobs: the next try of a call, and the sweep that finds calls whose job was lost."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pridvor.connectors import actions
from pridvor.lib import clock


@app.task(name=actions.TASK, queue=actions.QUEUE, retry=RetryStrategy(max_attempts=10, exponential_wait=3))
def attempt_call(call_id: int) -> None:
    actions.attempt_call(call_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.sweep", queue=actions.QUEUE, queueing_lock="connectors.sweep")
def sweep(timestamp: int) -> None:
    actions.sweep(now=clock.now())
