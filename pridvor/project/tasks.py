"""Jobs: three lines each, calling an action with the present time."""

from procrastinate.contrib.django import app

from pridvor.cases import actions as cases
from pridvor.lib import clock
from pridvor.project import jobs, wiring


@app.task(name="pridvor.react", queue="reactions", retry=jobs.RETRY)
def react(event: int, reaction: str) -> None:
    wiring.react(cases.event(event), reaction, now=clock.now())
