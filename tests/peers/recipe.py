"""How a real peer comes onto this machine for tests: built once below build/peers/, copied for every run.

Each peer lives in an environment of its own, as its pins are not ours, listens on loopback only, and is spoken to only
over HTTP. What its name stands for is a digest of everything it is made of: whoever changes that builds it anew. What
cannot be built fails loudly.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
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

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "build" / "peers"
DATABASE_NAMED = "database"  # in a cache: the name of the database that belongs to it
START = 60  # seconds that a peer may take to answer


class CannotBuild(Exception):
    """The peer could not be installed, furnished or started; the message ends with what it said."""


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
        return PEERS / f"{self.name}-{digest.hexdigest()[:12]}"

    def build(self, cook: Callable[[Path], None]) -> Path:
        """The folder in which `cook` has made the peer, unless an earlier run has. Other runs wait meanwhile."""
        cache = self.cache
        cache.parent.mkdir(parents=True, exist_ok=True)
        with cache.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_whole(cache):
                shutil.rmtree(cache, ignore_errors=True)
                cache.mkdir()
                cook(cache)
                (cache / "ready").touch()
                self.say("ready")
        return cache

    def say(self, words: str) -> None:
        sys.__stderr__.write(f"{self.name}: {words}\n")
        sys.__stderr__.flush()


def _is_whole(cache: Path) -> bool:
    """As root, a database stands elsewhere (see embedded.py) and may be gone when the cache is not."""
    has_lost_it = (cache / DATABASE_NAMED).exists() and not cluster(cache / "cluster").data.exists()
    return (cache / "ready").exists() and not has_lost_it


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command: object, **more: object) -> None:
    """A command of the build. Raises CannotBuild with the end of what it said."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **more,
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace")[-3000:]
        raise CannotBuild(f"{command[0]} ended with {done.returncode}:\n{said}")


def environment_with(folder: Path, *packages: str) -> Path:
    """A Python environment with these packages from the index; returns its interpreter."""
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages)
    return folder / "bin/python"


# -- databases


def cluster(home: Path) -> Cluster:
    return Cluster(home, durable=False, create_databases=True)


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
    _copy(cluster(cache / "cluster").home, own.home)
    try:
        yield address(own, name)
    finally:
        own.stop()
        shutil.rmtree(own.home, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """The tree with its owners: as root, PostgreSQL runs as another account."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("socket", "postmaster.pid"))
    for path in (source, *source.rglob("*")):
        copy = target / path.relative_to(source)
        if copy.exists():
            os.chown(copy, path.stat().st_uid, path.stat().st_gid)
