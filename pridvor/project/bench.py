"""Measurements, as ratios in one run: `make bench` prints the table and writes build/bench.json.

Starts a scratch installation of its own (database, worker), so that nothing else is measured or touched.
"""

import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from pridvor.lib import wall
from pridvor.project import embedded

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]


def main() -> int:
    with scratch() as url:
        django.setup()
        wall.process_is(wall.MACHINE)
        # loaded only now: their modules hold tables, which need the scratch installation's settings
        contest = importlib.import_module("pridvor.project.contest")
        rows: list[Row] = contest.all_rows(importlib.import_module("tests.peers.spiff"), url)
        with worker():
            rows += importlib.import_module("pridvor.project.measures").all_rows()
    return keep("bench", rows)


def show(rows: list[Row]) -> None:
    out = io.StringIO()
    print(f"{'':<2} {'measure':<44} {'value':>10} {'unit':<8} {'ratio':>8}  {'goal':>8}  against", file=out)
    for row in rows:
        mark = "ok" if row["ok"] else "NO"
        print(
            f"{mark:<2} {row['name']:<44} {row['value']:>10} {row['unit']:<8} {row['ratio'] or '':>8}  {row['goal']:>8}  {row['against']}",
            file=out,
        )
    print(out.getvalue(), end="")


def row(name: str, value: float, unit: str, goal: float, against: str, ratio: float = 0.0) -> Row:
    """A line of the table: met when the value is not above the goal. Without a ratio of its own, that of the two."""
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "against": against,
        "ratio": round(ratio or value / goal, 3),
        "goal": goal,
        "ok": value <= goal,
    }


def keep(name: str, rows: list[Row]) -> int:
    """This will write the rows to build/<name>.json and print them; the exit code says whether all goals were met."""
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n")
    show(rows)
    return 0 if all(row["ok"] for row in rows) else 1


@contextmanager
def scratch() -> Iterator[str]:
    """A fresh database until the measuring is done; its address, as the owner of its tables."""
    with tempfile.TemporaryDirectory(prefix="pridvor-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 the database's account passes through; nobody can list it
        os.environ |= {
            "PRIDVOR_DATA": folder,
            "PRIDVOR_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "pridvor.project.settings",
            "PRIDVOR_SMTP": "",
        }
        cluster = embedded.Cluster(Path(folder) / "postgresql")
        urls = cluster.start()
        os.environ |= urls.environment()
        subprocess.run([sys.executable, "-m", "pridvor", "prepare"], cwd=ROOT, check=True)
        try:
            yield urls.default_owner
        finally:
            cluster.stop()


@contextmanager
def worker() -> Iterator[None]:
    """A worker that takes jobs."""
    worker = subprocess.Popen([sys.executable, "-m", "pridvor", "worker"], cwd=ROOT)
    time.sleep(3)  # an idle worker is what is promised
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(15)


def wait(done: Callable[[], object], *, seconds: float = 60, pause: float = 0.02) -> None:
    """Return as soon as the thing is done; TimeoutError when that takes too long."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("what is measured did not get there")
        time.sleep(pause)


if __name__ == "__main__":
    sys.exit(main())
