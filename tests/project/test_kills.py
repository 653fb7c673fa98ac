"""The worker is killed at any moment; nothing is lost and nothing is done twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONCE = ["approved", "invitation-to-rate", "received", "welcome"]


def run(folder: Path, pause: float, kills: int) -> dict:
    folder.chmod(0o711)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PRIDVOR_") and not name.endswith("DATABASE_URL")
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.project.killing", str(folder), str(pause), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("pause", "kills"),
    [(2.3, 4), *((p, 12) for p in (1.1, 1.7, 2.9, 3.7))],
)
@pytest.mark.slow  # minutes, and more when the machine is busy: `make slow`
def test_a_registration_survives_the_death_of_its_worker(tmp_path_factory, pause, kills):
    seen = run(tmp_path_factory.mktemp("kills"), pause, kills)
    assert seen["state"] == "ended"
    assert seen["killed"] >= min(kills, 3)
    assert (seen["parties"], seen["open"]) == (1, 0)
    assert seen["kinds"] == ["call.done", "case.ended"]
    assert seen["messages"] == ONCE
