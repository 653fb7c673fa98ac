"""A real Tryton 8.2 on loopback, for tests: built once, copied for every run.

Building (about a minute and a half: packages from the index, a schema, a company) happens under build/peers/ and is
kept; a run copies the furnished PostgreSQL cluster, so that it starts empty of parties. (Not SQLite: there Tryton 8.2
keeps what a refused request had written.) Tryton lives in an environment of its own, as its pins are not ours, and is
spoken to only over HTTP. What cannot be built fails loudly.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from pridvor.project.embedded import Cluster

ROOT = Path(__file__).resolve().parents[2]
SETUP = Path(__file__).with_name("tryton_setup.py")
NAMES = ("trytond", "proteus", "trytond-party", "trytond-bank", "trytond-account", "trytond-account-invoice")
PACKAGES = [*(f"{name}==8.2.*" for name in NAMES), "psycopg[binary,pool]==3.*"]
MODULES = ["party", "bank", "account", "account_invoice"]
KEY = "key-of-the-onboarding-user-0123456789abcdef"
RECIPE = hashlib.sha256(repr((PACKAGES, MODULES, KEY)).encode() + SETUP.read_bytes()).hexdigest()[:12]
CACHE = ROOT / "build" / "peers" / f"tryton-{RECIPE}"
CONFIG = """[web]
listen = 127.0.0.1:{port}
[request]
timeout = 10
[cache]
clean_timeout = 0
"""


class CannotBuild(Exception):
    """The peer could not be installed or furnished; the message ends with what the failing command said."""


@dataclass
class Tryton:
    """A running server: `url` and `key` as the settings take them, `base` for looking at it over HTTP."""

    port: int
    folder: Path
    database: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"tryton+http://127.0.0.1:{self.port}/tryton"

    @property
    def key(self) -> str:
        return KEY

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [CACHE / "venv/bin/trytond", "-c", self.folder / "conf", "-d", "tryton"],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_environment(self.database),
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise CannotBuild((self.folder / "log").read_text()[-2000:])
            try:
                if (
                    httpx.get(
                        f"http://127.0.0.1:{self.port}/tryton/rest/model/company.company", timeout=5
                    ).status_code
                    == 401
                ):
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise CannotBuild("Tryton did not answer within a minute")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run(*command: object, **more: object) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **more,
    )
    if done.returncode:
        raise CannotBuild(
            f"{command[0]} ended with {done.returncode}:\n{done.stdout.decode(errors='replace')[-3000:]}"
        )


def _say(words: str) -> None:
    sys.__stderr__.write(f"tryton: {words}\n")
    sys.__stderr__.flush()


def _environment(database: str) -> dict[str, str]:
    return {
        **os.environ,
        "TRYTOND_DATABASE_URI": database,
        "TRYTONPASSFILE": str(CACHE / "password"),
        "PYTHONWARNINGS": "ignore",
    }


def build() -> None:
    """Make the environment and the furnished cluster, unless an earlier run has."""
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with CACHE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (CACHE / "ready").exists() and _cluster(CACHE / "cluster").data.exists():
            return
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir()
        _say("installing packages (once)")
        _run(sys.executable, "-m", "venv", CACHE / "venv")
        _run(
            CACHE / "venv/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES
        )
        _say("making its database (once, about a minute)")
        (CACHE / "conf").write_text(CONFIG.format(port=0))
        (CACHE / "password").write_text(secrets.token_urlsafe(24))
        cluster = _cluster(CACHE / "cluster")
        shutil.rmtree(cluster.home, ignore_errors=True)
        try:
            _furnish(_address(cluster))
        finally:
            cluster.stop()
        (CACHE / "ready").touch()
        _say("ready")


def _cluster(home: Path) -> Cluster:
    return Cluster(home, durable=False, create_databases=True)


def _address(cluster: Cluster) -> str:
    """Start the cluster and return the address of Tryton's database, which need not exist yet."""
    return cluster.start().default.replace("/pridvor?", "/tryton?")


def _furnish(address: str) -> None:
    with psycopg.connect(address.replace("/tryton?", "/pridvor?"), autocommit=True) as connection:
        connection.execute("create database tryton")
    config, env = CACHE / "conf", _environment(address)
    admin = (
        CACHE / "venv/bin/trytond-admin",
        "-c",
        config,
        "-d",
        "tryton",
        "--email",
        "admin@arcada.example",
        "-u",
        *MODULES,
    )
    _run(*admin, "--activate-dependencies", env=env)
    _run(CACHE / "venv/bin/python", SETUP, address, config, KEY, env=env)


def _copy(source: Path, target: Path) -> None:
    """The tree with its owners: as root, PostgreSQL runs as another account."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("socket", "postmaster.pid"))
    for path in (source, *source.rglob("*")):
        copy = target / path.relative_to(source)
        if copy.exists():
            os.chown(copy, path.stat().st_uid, path.stat().st_gid)


@contextmanager
def running(folder: Path) -> Iterator[Tryton]:
    """A server on a free port with a database of its own below `folder`, stopped when the block ends."""
    build()
    cluster = _cluster(folder / "cluster")
    _copy(_cluster(CACHE / "cluster").home, cluster.home)
    peer = Tryton(free_port(), folder, _address(cluster))
    (folder / "conf").write_text(CONFIG.format(port=peer.port))
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)
