"""How a real system is prepared for tests: built once under build/peers/, kept by its recipe, copied for every run."""

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
from pathlib import Path

import httpx

from pridvor.project.embedded import Cluster

ROOT = Path(__file__).resolve().parents[2]
SHELF = ROOT / "build" / "peers"


class CannotBuild(Exception):
    """The peer could not be installed or furnished; the message ends with what the failing command said."""


def recipe(name: str, *parts: object) -> Path:
    """The folder of a peer made in this way: other packages, settings or scripts make another folder."""
    text = repr([part.read_text("utf-8") if isinstance(part, Path) else part for part in parts])
    return SHELF / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def build_once(cache: Path, make: Callable[[], None], is_there: Callable[[], bool] = lambda: True) -> None:
    """Make the peer's folder unless an earlier run has; two runs at once wait for each other."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (cache / "ready").exists() and is_there():
            return
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        make()
        (cache / "ready").touch()


def say(peer: str, words: str) -> None:
    sys.__stderr__.write(f"{peer}: {words}\n")
    sys.__stderr__.flush()


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


def python(least: tuple[int, int]) -> Path:
    """An interpreter of at least this version: on the path, of pyenv, or fetched by uv. Raises CannotBuild."""
    wanted = f">={least[0]}.{least[1]}"
    minors = range(least[1], least[1] + 4)
    named = [shutil.which(f"python{least[0]}.{minor}") for minor in minors]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = [found for minor in minors for found in sorted(pyenv.glob(f"{least[0]}.{minor}.*/bin/python3"))]
    for candidate in [sys.executable, *filter(None, named), *kept]:
        if _is_new_enough(candidate, least):
            return Path(candidate)
    uv = Path(sys.executable).with_name("uv")
    try:
        run(uv, "python", "install", wanted)
        return Path(run(uv, "python", "find", wanted).strip())
    except (CannotBuild, OSError):
        raise CannotBuild(f"there is no Python {wanted} on this machine, and none can be fetched") from None


def _is_new_enough(candidate: str | Path, least: tuple[int, int]) -> bool:
    test = f"import sys; sys.exit(sys.version_info < {least!r})"
    return subprocess.run([candidate, "-c", test], stderr=subprocess.DEVNULL, check=False).returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cluster(home: Path) -> Cluster:
    return Cluster(home, durable=False, create_databases=True)


def copy(source: Path, target: Path) -> None:
    """The tree with its owners: as root, PostgreSQL runs as another account."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("socket", "postmaster.pid"))
    for path in (source, *source.rglob("*")):
        twin = target / path.relative_to(source)
        if twin.exists():
            os.chown(twin, path.stat().st_uid, path.stat().st_gid)


@contextmanager
def serving(command: list[object], log: Path, url: str, env: dict[str, str]) -> Iterator[None]:
    """The server of this command, from when `url` answers (with any status) until the block ends."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdout=out,
            stderr=out,
            cwd=log.parent,
            start_new_session=True,
            env=env,
        )
    try:
        _await(process, url, log)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            httpx.get(url, timeout=5, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise CannotBuild(f"{url} did not answer:\n{log.read_text()[-2000:]}")
