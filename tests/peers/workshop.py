"""Real peers for tests: built once from a recipe, kept under build/peers/, copied and started anew for every run.

Each peer lives in an environment of its own, as its pins are not ours, listens on loopback only, and is spoken to only
over HTTP. What its name stands for is a digest of everything it is made of: whoever changes that builds it anew. What
cannot be built fails loudly.
"""

import fcntl
import hashlib
import os
import pwd
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
SHELF = (ROOT / "build" / "peers").resolve()  # the scripts of an environment name where it was made
DATABASE_NAMED = "database"  # in a cache: the name of the database that belongs to it
START = 60  # seconds that a peer may take to answer
SURROUNDINGS = ("PATH", "HOME", "LANG", "TMPDIR")  # what of our environment a peer may see


class CannotBuild(Exception):
    """The peer could not be installed, furnished or started; the message ends with what the failing command said."""


# -- recipes


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
        """The folder in which `cook` has made the peer, unless an earlier run has. Two runs at once wait for each other."""
        cache = self.cache
        cache.parent.mkdir(parents=True, exist_ok=True)
        with cache.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (cache / "ready").exists() and _has_its_database(cache):
                return cache
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir()
            cook(cache)
            (cache / "ready").touch()
        self.say("ready")
        return cache

    def say(self, words: str) -> None:
        sys.__stderr__.write(f"{self.name}: {words}\n")
        sys.__stderr__.flush()


def _content(part: object) -> Iterator[bytes]:
    if not isinstance(part, Path):
        yield repr(part).encode()
    elif part.is_dir():
        for file in sorted(path for path in part.rglob("*") if path.is_file()):
            yield str(file.relative_to(part)).encode() + file.read_bytes()
    else:
        yield part.read_bytes()


def _has_its_database(cache: Path) -> bool:
    """As root, a database stands elsewhere (see embedded.py) and may be gone when the cache is not."""
    return not (cache / DATABASE_NAMED).exists() or cluster(cache / "cluster").data.exists()


# -- building


def run(*command: object, **more: object) -> str:
    """What a command prints. Raises CannotBuild."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **more,
    )
    said = done.stdout.decode(errors="replace")
    if done.returncode:
        raise CannotBuild(f"{command[0]} ended with {done.returncode}:\n{said[-3000:]}")
    return said


def environment_with(folder: Path, *packages: str, interpreter: Path = Path(sys.executable)) -> Path:
    """A Python environment with these packages from the index; returns its interpreter."""
    run(interpreter, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages)
    return folder / "bin/python"


def python(least: tuple[int, int]) -> Path:
    """An interpreter of at least this version: on the path, of pyenv, or fetched by uv. Raises CannotBuild."""
    wanted = f">={least[0]}.{least[1]}"
    minors = range(least[1], least[1] + 4)
    named = [shutil.which(f"python{least[0]}.{minor}") for minor in minors]
    kept = [
        found
        for folder in _pyenvs()
        for minor in minors
        for found in sorted(folder.glob(f"versions/{least[0]}.{minor}.*/bin/python3"))
    ]
    for candidate in [sys.executable, *filter(None, named), *kept]:
        if _is_new_enough(candidate, least):
            return Path(candidate)
    uv = Path(sys.executable).with_name("uv")
    try:
        run(uv, "python", "install", wanted)
        return Path(run(uv, "python", "find", wanted).strip())
    except (CannotBuild, OSError):
        raise CannotBuild(f"there is no Python {wanted} on this machine, and none can be fetched") from None


def _pyenvs() -> list[Path]:
    """Where pyenv may keep interpreters: as it is told, and in the account's own folder, wherever HOME points."""
    told = os.environ.get("PYENV_ROOT")
    own = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pyenv"
    return [Path(told)] if told else [Path.home() / ".pyenv", own]


def _is_new_enough(candidate: str | Path, least: tuple[int, int]) -> bool:
    test = f"import sys; sys.exit(sys.version_info < {least!r})"
    return subprocess.run([candidate, "-c", test], stderr=subprocess.DEVNULL, check=False).returncode == 0


# -- running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a peer's process: nothing of our settings, and `more`."""
    return {name: os.environ[name] for name in SURROUNDINGS if name in os.environ} | more


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
                env=surroundings(**self.environment),
            )
        if not self._answers():
            self.stop()
            raise CannotBuild(log.read_text(errors="replace")[-3000:] or f"no answer within {START} s")

    def _answers(self) -> bool:
        until = time.monotonic() + START
        while time.monotonic() < until and self.process and self.process.poll() is None:
            try:
                if httpx.get(self.ready_at, timeout=5, trust_env=False).status_code < 500:
                    return True
            except httpx.TransportError:
                time.sleep(0.1)
        return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)


@contextmanager
def serving(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


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
        twin = target / path.relative_to(source)
        if twin.exists():
            os.chown(twin, path.stat().st_uid, path.stat().st_gid)
