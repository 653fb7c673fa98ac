"""Entry points of the worker. Each is enqueued in the transaction that made it necessary."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pridvor.documents import agreements, sandbox, screening, seals
from pridvor.lib import clock

NO_VERDICT = RetryStrategy(
    max_attempts=12, exponential_wait=3, retry_exceptions=[screening.NoVerdict]
)  # 3 s to 6 days


@app.task(name="documents.scan", queue="documents", retry=NO_VERDICT)
def scan(file_id: int, trace: str = "") -> None:
    screening.scan(file_id, now=clock.now())


@app.task(name="documents.read", queue="documents", retry=3)
def read(file_id: int, trace: str = "") -> None:
    screening.read(file_id, now=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="documents.sweep", queue="documents", queueing_lock="documents.sweep")
def sweep(timestamp: int) -> None:
    screening.sweep(now=clock.now())


LATER = RetryStrategy(
    max_attempts=40, linear_wait=120, retry_exceptions=[seals.NoTimestamp, sandbox.Failed]
)  # a day; then the sweep goes on


@app.task(name="documents.seal", queue="documents", retry=LATER)
def seal(agreement: int, trace: str = "") -> None:
    agreements.seal(agreement, now=clock.now())


@app.periodic(cron="29 * * * *")
@app.task(name="documents.seal_waiting", queue="documents", queueing_lock="documents.seal_waiting")
def seal_waiting(timestamp: int) -> None:
    agreements.seal_waiting(now=clock.now())
