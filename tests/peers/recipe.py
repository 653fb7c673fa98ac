"""A real peer for tests as a recipe: what it is made of, its environment, its database, and its process.

Each peer lives in an environment of its own, as its pins are not ours, listens on loopback only, and is spoken to only
over HTTP. What its name stands for is a digest of everything it is made of: whoever changes that builds it anew. What
cannot be built fails loudly.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from pridvor.project.embedded import Cluster
from tests.peers import workshop
from tests.peers.workshop import ROOT, SHELF, CannotBuild, cluster, free_port, run

DATABASE_NAMED = "database"  # in a cache: the name of the database that belongs to it
START = 60  # seconds that a peer may take to answer


@dataclass(frozen=True)
class Recipe:
    """`parts`: everything that the built peer depends on; a Path stands for its content, a folder's for all in it."""

    name: str
    parts: tuple[object, ...]

    @property
    def cache(self) -> Path:
        digest = hashlib.sha256()
        for part in self.parts:
            for piece in _content(part):
                digest.update(piece)
        return SHELF / f"{self.name}-{digest.hexdigest()[:12]}"

    def build(self, cook: Callable[[Path], None]) -> Path:
        """The folder in which `cook` has made the peer, unless an earlier run has. Other runs wait meanwhile."""
        cache = self.cache

        def make() -> None:
            cook(cache)
            self.say("ready")

        workshop.build_once(cache, make, lambda: _has_its_database(cache))
        return cache

    def say(self, words: str) -> None:
        workshop.say(self.name, words)


def _has_its_database(cache: Path) -> bool:
    """As root, a database stands elsewhere (see embedded.py) and may be gone when the cache is not."""
    return not (cache / DATABASE_NAMED).exists() or cluster(cache / "cluster").data.exists()


def _content(part: object) -> Iterator[bytes]:
    if not isinstance(part, Path):
        yield repr(part).encode()
    elif part.is_dir():
        for file in sorted(path for path in part.rglob("*") if path.is_file()):
            yield str(file.relative_to(part)).encode() + file.read_bytes()
    else:
        yield part.read_bytes()


@dataclass
class Server:
    """A peer's process: what starts it, in which surroundings, and the address at which it answers when it is up."""

    command: list[object]
    folder: Path
    ready_at: str
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = self.folder / "log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in self.command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )
        until = time.monotonic() + START
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(self.ready_at, timeout=5, trust_env=False).status_code < 500:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise CannotBuild(log.read_text(errors="replace")[-3000:] or f"no answer within {START} s")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)


def environment_with(folder: Path, *packages: str) -> Path:
    """A Python environment with these packages from the index; returns its interpreter."""
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages)
    return folder / "bin/python"


# -- databases


def address(running: Cluster, database: str) -> str:
    """Start the cluster and return the address of this database, which need not exist yet."""
    return running.start().default.replace("/pridvor?", f"/{database}?")


@contextmanager
def new_database(folder: Path, name: str) -> Iterator[str]:
    """A cluster below `folder` with one empty database, stopped afterwards so that it can be copied."""
    made = cluster(folder / "cluster")
    shutil.rmtree(made.home, ignore_errors=True)
    (folder / DATABASE_NAMED).write_text(name)
    try:
        url = address(made, name)
        with psycopg.connect(url.replace(f"/{name}?", "/pridvor?"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        yield url
    finally:
        made.stop()


@contextmanager
def copied_database(cache: Path, folder: Path) -> Iterator[str]:
    """The furnished cluster of the cache, copied below `folder` and running; gone when the block ends."""
    name = (cache / DATABASE_NAMED).read_text()
    own = cluster(folder / "cluster")
    workshop.copy(cluster(cache / "cluster").home, own.home)
    try:
        yield address(own, name)
    finally:
        own.stop()
        shutil.rmtree(own.home, ignore_errors=True)


__all__ = ["ROOT", "CannotBuild", "Recipe", "Server", "cluster", "free_port", "run"]
