"""A clean registration whose worker is killed again and again. Prints what came out of it, as JSON. Run by test_kills."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import django

from pridvor.lib import wall
from pridvor.project import embedded


def main(folder: str, pause: float, kills: int) -> None:
    os.environ |= {
        "PRIDVOR_DATA": folder,
        "PRIDVOR_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "pridvor.project.settings",
        "PRIDVOR_SMTP": "",
    }
    cluster = embedded.Cluster(Path(folder) / "postgresql", durable=False)
    urls = cluster.start()
    os.environ |= urls.environment()
    supervisor = None
    try:
        subprocess.run([sys.executable, "-m", "pridvor", "prepare"], check=True)
        supervisor = subprocess.Popen([sys.executable, "-m", "pridvor", "worker"])
        django.setup()
        wall.process_is(wall.MACHINE)
        print(json.dumps(_play(supervisor.pid, pause, kills)))
    finally:
        if supervisor:
            supervisor.terminate()
            supervisor.wait(15)
        cluster.stop()


def _play(supervisor: int, pause: float, kills: int) -> dict[str, object]:
    from pridvor.cases import actions as cases  # noqa: PLC0415 the scratch database's address must be known first
    from pridvor.cases import queries  # noqa: PLC0415
    from pridvor.cases.models import Attempt, Case, Event  # noqa: PLC0415
    from pridvor.connectors.models import SandboxRecord  # noqa: PLC0415
    from pridvor.lib import clock  # noqa: PLC0415
    from pridvor.lib.actor import Actor  # noqa: PLC0415
    from pridvor.notifications.models import Message  # noqa: PLC0415
    from pridvor.project import demo  # noqa: PLC0415

    story = demo.Story(
        "28460319", "Elena Matei", "kills@tamplaria.example", "+40725000555", 0, "verify", "INGB"
    )
    play, killed, deadline = demo.Live(story, clock.now()), 0, time.monotonic() + 360
    play.until_papers()
    sent = approved = False
    while Case.objects.get(pk=play.case.pk).state != "ended" and time.monotonic() < deadline:
        if killed < kills:
            killed += _kill_worker(supervisor)
        time.sleep(pause)
        if not sent and play.papers_read():
            play.send_papers()
            sent = True
        verify = queries.open_attempt(play.case, "verify") if not approved else None
        if verify:
            cases.complete(verify, "approve", actor=Actor("staff", "carmen", "operator"), now=clock.now())
            approved = True
    parties = SandboxRecord.objects.filter(model="party.party", code=play.case.reference).count()
    kinds = list(
        Event.objects.filter(case=play.case, kind__in=["case.ended", "call.done"]).values_list(
            "kind", flat=True
        )
    )
    open_left = Attempt.objects.filter(case=play.case, status__in=["open", "held"], optional=False).count()
    messages = Message.objects.filter(case=play.case).values_list("template", flat=True)
    return {
        "state": Case.objects.get(pk=play.case.pk).state,
        "killed": killed,
        "parties": parties,
        "kinds": sorted(kinds),
        "open": open_left,
        "messages": sorted(messages),
    }


def _kill_worker(supervisor: int) -> int:
    """kill -9 to the process that works on jobs (the supervisor starts another); how many died."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    return len(children)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
