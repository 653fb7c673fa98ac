"""Jobs: deliver one message, and the sweep that finds messages whose job was lost."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pridvor.lib import clock
from pridvor.notifications import actions, notices


@app.task(name=actions.TASK, queue=actions.QUEUE, retry=RetryStrategy(max_attempts=10, exponential_wait=3))
def deliver(message_id: int, trace: str = "") -> None:
    actions.deliver(message_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="notifications.sweep", queue=actions.QUEUE, queueing_lock="notifications.sweep")
def sweep(timestamp: int) -> None:
    actions.sweep(now=clock.now())


@app.periodic(cron="0 * * * *")
@app.task(name="notifications.digest", queue=actions.QUEUE, queueing_lock="notifications.digest")
def digest(timestamp: int) -> None:
    notices.digest(now=clock.now())
