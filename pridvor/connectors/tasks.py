"""Jobs: the next try of a call, the sweep that finds calls whose job was lost, probes, and reconciliation."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pridvor.connectors import actions, forgetting, knocking, measures, reconciling, upstream, webhooks
from pridvor.lib import clock
from pridvor.lib.actor import machine

RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(name=actions.TASK, queue=actions.QUEUE, retry=RETRY)
def attempt_call(call_id: int, trace: str = "") -> None:
    actions.attempt_call(call_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.sweep", queue=actions.QUEUE, queueing_lock="connectors.sweep")
def sweep(timestamp: int) -> None:
    actions.sweep(now=clock.now())


@app.periodic(cron="* * * * * */30")
@app.task(name="connectors.scout", queue=actions.QUEUE, queueing_lock="connectors.scout")
def scout(timestamp: int) -> None:
    actions.scout(now=clock.now())


@app.task(name=measures.TASK, queue=measures.QUEUE)
def probe(case_id: int, trace: str = "") -> None:
    measures.probe(case_id, actor=machine("probe"), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.sweep_probes", queue=measures.QUEUE, queueing_lock="connectors.sweep_probes")
def sweep_probes(timestamp: int) -> None:
    measures.sweep(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.compare", queue=reconciling.QUEUE, queueing_lock="connectors.compare")
def compare(timestamp: int) -> None:
    reconciling.compare_due(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="connectors.poll", queue=reconciling.QUEUE, queueing_lock="connectors.poll")
def poll(timestamp: int) -> None:
    reconciling.poll(now=clock.now())
    upstream.poll(now=clock.now())
    upstream.end_prospects(now=clock.now())
    upstream.become_prospects(now=clock.now())


@app.task(name=reconciling.AMEND, queue=reconciling.QUEUE, retry=RETRY)
def amend(drift_id: int, trace: str = "") -> None:
    reconciling.amend(drift_id, now=clock.now())


@app.task(name=reconciling.ADOPT, queue=reconciling.QUEUE, retry=RETRY)
def adopt(drift_id: int, trace: str = "") -> None:
    reconciling.adopt(drift_id, now=clock.now())


@app.task(name=webhooks.TASK, queue=webhooks.QUEUE)
def deliver(delivery_id: int, trace: str = "") -> None:
    """Tries again by its own schedule, so the queue does not."""
    webhooks.deliver(delivery_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.sweep_webhooks", queue=webhooks.QUEUE, queueing_lock="connectors.sweep_webhooks")
def sweep_webhooks(timestamp: int) -> None:
    webhooks.sweep(now=clock.now())
    knocking.sweep(now=clock.now())


@app.task(name=knocking.TASK, queue=knocking.QUEUE, retry=RETRY)
def handle_knock(knock_id: int, trace: str = "") -> None:
    knocking.handle(knock_id, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="connectors.forget", queue=forgetting.QUEUE, queueing_lock="connectors.forget")
def forget(timestamp: int) -> None:
    forgetting.carry_out(now=clock.now())
