"""Jobs: screening again, each hour those for whom it is time."""

from procrastinate.contrib.django import app

from pridvor.checks import rescreening
from pridvor.lib import clock


@app.periodic(cron="41 * * * *")
@app.task(name="checks.rescreen", queue="connectors", queueing_lock="checks.rescreen")
def rescreen(timestamp: int) -> None:
    rescreening.run(now=clock.now())
