"""A PostgreSQL cluster whose databases have all tables, kept below build/ for as long as the migrations are the same."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from pridvor.project.embedded import Cluster

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "tests-database"


def copy_to(cluster: Cluster) -> None:
    """This will give a cluster that has never been started the prepared databases; they are made when there are none."""
    kept = KEPT / _digest()
    if not kept.is_dir():
        _make(kept)
    _copy(kept, cluster.home)


def _make(kept: Path) -> None:
    """Elsewhere first, so that what is there is whole; those of other migrations go."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        shutil.rmtree(old, ignore_errors=True)
    cluster = Cluster(Path(os.environ["PRIDVOR_DATA"]) / "prepared", durable=False, create_databases=True)
    environment = os.environ | cluster.start().environment()
    try:
        subprocess.run([sys.executable, "-m", "pridvor", "migrate"], cwd=ROOT, env=environment, check=True)
    finally:
        cluster.stop()
    made = kept.with_suffix(f".{os.getpid()}")
    _copy(cluster.home, made)
    made.rename(kept)
    shutil.rmtree(cluster.home)


def _digest() -> str:
    """Of everything that says which tables there are."""
    found = hashlib.sha256()
    for path in (
        *sorted((ROOT / "pridvor").rglob("migrations/*.py")),
        *sorted((ROOT / "requirements").glob("*.txt")),
    ):
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def _copy(source: Path, target: Path) -> None:
    """With owners and modes, which PostgreSQL insists on."""
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)
