"""`pridvor up --demo` on a machine of its own: everything comes up, what dies comes back, Ctrl-C leaves nothing."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from pridvor.project.embedded import Cluster
from tests.conftest import ROOT

SECONDS = 90


def until(found, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def processes(folder):
    """Every process that was told of this folder, by its environment or its arguments."""
    needle, mine = str(folder).encode(), {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told, command = (path / "environ").read_bytes(), (path / "cmdline").read_bytes()
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if (needle in told or needle in command) and state != "Z":
            mine[int(path.name)] = (
                command.replace(b"\0", b" ").decode(errors="replace"),
                b"PRIDVOR_JOB_CHILD=1" in told,
            )
    return mine


class Up:
    def __init__(self, folder):
        self.folder, self.log = folder, folder / "log"
        self.taken = socket.socket()
        self.taken.bind(("127.0.0.1", 0))
        self.taken.listen()
        self.wanted = self.taken.getsockname()[1]
        dropped = ("PRIDVOR_", "DATABASE_URL", "VAULT_DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        environment |= {
            "PRIDVOR_DATA": str(folder / "data"),
            "PRIDVOR_PORT": str(self.wanted),
            "PRIDVOR_WEB_WORKERS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pridvor", "up", "--demo"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def said(self):
        return self.log.read_text()

    def url(self):
        found = re.search(r"Pridvor is up: (\S+)", self.said())
        assert self.process.poll() is None, self.said()
        return found and found[1]

    def job_workers(self):
        return {number for number, (_, is_job_child) in processes(self.folder).items() if is_job_child}

    def jobs(self, statement="select count(*) from procrastinate_jobs where task_name = 'pridvor.expire'"):
        with psycopg.connect(Cluster(self.folder / "data" / "postgresql").urls().default) as connection:
            done = connection.execute(statement)
            return done.fetchone()[0] if done.description else None


@pytest.fixture(scope="module")
def up():
    folder = Path(tempfile.mkdtemp(prefix="pridvor-up-"))
    folder.chmod(0o711)
    running = Up(folder)
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(30)
    running.taken.close()
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_it_comes_up_on_the_next_port_answers_recovers_and_leaves_nothing(up):
    url = until(up.url)
    assert not url.endswith(f":{up.wanted}"), "that port is taken"
    assert f"Port {up.wanted} is taken" in up.said()
    with urllib.request.urlopen(f"{url}/", timeout=20) as page:
        assert page.status == 200
    with urllib.request.urlopen(f"{url}/readyz", timeout=20) as page:
        assert json.loads(page.read())["ready"]

    first = until(up.job_workers)
    for worker in first:
        os.kill(worker, signal.SIGKILL)
    up.jobs(
        "insert into procrastinate_jobs (queue_name, task_name, args) values ('reactions', 'pridvor.expire', '{\"timestamp\": 1}')"
    )
    up.jobs(
        "with dead as (insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour') returning id)"
        " insert into procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
        " select 'reactions', 'pridvor.expire', '{\"timestamp\": 2}', 'doing', id from dead"
    )
    assert until(lambda: up.job_workers() - first)
    until(lambda: up.jobs() == 0)

    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(40) == 0
    time.sleep(0.3)
    assert processes(up.folder) == {}
    with socket.socket() as probe, pytest.raises(OSError):
        probe.connect(("127.0.0.1", int(url.rpartition(":")[2])))
