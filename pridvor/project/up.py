"""Everything on one machine: the embedded database, migrations, web, worker, and in the demo a mailbox.

`pridvor up` is the parent of all of them: it restarts what dies, and a Ctrl-C leaves nothing behind.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from pridvor.project import cast, embedded, environment

STOP_SECONDS = 12
RESTART_SECONDS = 1.0
GUNICORN = (
    "--worker-class",
    "gthread",
    "--threads",
    "8",
    "--timeout",
    "120",
    "--graceful-timeout",
    "8",
    "--log-level",
    "warning",
    "--no-control-socket",
    "--preload",
    "--limit-request-line",
    "4094",
)


@dataclass
class Child:
    """One process of ours, and how to start it again."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)
    once: bool = False  # ends by itself

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=environment.ROOT, stdin=subprocess.DEVNULL, preexec_fn=_own_group
        )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        if self.process and self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class Stop(Exception):
    """Somebody asked us to end."""


def run(*, demo: bool) -> int:
    """Bring everything up and stay until Ctrl-C. Returns the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGHUP, _stop)
    cluster: embedded.Cluster | None = None
    children: list[Child] = []
    scratch = _memory_folder()
    try:
        port = _free_port(int(environment.get("PRIDVOR_PORT")))
        _describe(port, demo, scratch)
        if not os.environ.get("DATABASE_URL"):
            cluster = embedded.Cluster(environment.data_folder() / "postgresql")
            urls = cluster.start()
            os.environ |= urls.environment()
        children = [Child("web", web_command(f"{environment.get('PRIDVOR_BIND')}:{port}"))]
        children[0].start()  # its modules load while the tables are made ready; then it listens (wsgi.py)
        _prepare(demo)
        Path(os.environ["PRIDVOR_READY"]).touch()
        children += _helpers(demo)
        for child in children[1:]:
            child.start()
        _wait_until_up(port, children)
        _welcome(demo)
        if demo:  # partners in every state appear while the newcomer reads
            children.append(Child("demo", [sys.executable, "-m", "pridvor", "demo"], once=True))
            children[-1].start()
        _watch(children, cluster)
    except Stop:
        pass
    except embedded.CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _end(children)
        if cluster:
            cluster.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


def web_command(bind: str) -> list[str]:
    """How the web is started, listening at host:port."""
    workers = environment.get("PRIDVOR_WEB_WORKERS")
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "pridvor.project.wsgi",
        "--bind",
        bind,
        "--workers",
        workers,
        *GUNICORN,
    ]


# -- how


def _helpers(demo: bool) -> list[Child]:
    names = ["worker", *(["mailbox"] if demo else [])]
    return [Child(name, [sys.executable, "-m", "pridvor", name]) for name in names]


def _prepare(demo: bool) -> None:
    """Migrate and publish, unless nothing that these read has changed since the last time."""
    stamp, now = environment.data_folder() / "prepared", _fingerprint(demo)
    if stamp.exists() and stamp.read_text() == now:
        return
    _run_once("prepare")
    stamp.write_text(now)


def _fingerprint(demo: bool) -> str:
    """Of all that `prepare` reads: migrations, journeys, versions of packages, and which databases."""
    package, root = environment.ROOT / "pridvor", environment.ROOT
    sources = [
        *package.glob("*/migrations/*.py"),
        *root.glob("journeys/*.yaml"),
        root / "requirements" / "base.txt",
    ]
    digest = hashlib.sha256(
        f"{demo} {os.environ['DATABASE_URL']} {os.environ['VAULT_DATABASE_URL']}".encode()
    )
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _welcome(demo: bool) -> None:
    print(f"\nPridvor is up: {os.environ['PRIDVOR_URL']}")
    if demo:
        print(f"Mailbox, ERP and sign-in codes of the demo: {os.environ['PRIDVOR_URL']}/sandbox/\n")
        for person in cast.STAFF:
            print(f"  {person.role:<16} {person.email:<28} {cast.PASSWORD}")
    elif not _is_founded():
        print("\nNobody can sign in yet. Make your company, in another terminal:\n\n  pridvor init")
    print("\nCtrl-C stops everything.\n", flush=True)


def _is_founded() -> bool:
    """Whether there is anybody who could sign in."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("select exists (select 1 from accounts_staff)").fetchone()
    return bool(row and row[0])


def _describe(port: int, demo: bool, scratch: Path) -> None:
    """What the children must know, told through their environment."""
    os.environ["PRIDVOR_PORT"] = str(port)
    os.environ.setdefault("PRIDVOR_URL", f"http://localhost:{port}")
    os.environ["TMPDIR"] = str(
        scratch
    )  # in memory where the machine can: nothing that a library spools reaches a disk
    (environment.data_folder() / "static").mkdir(parents=True, exist_ok=True)
    measures = scratch / "measures"
    measures.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(measures)
    os.environ["PRIDVOR_READY"] = str(scratch / "ready")
    if demo:
        os.environ["PRIDVOR_DEMO"] = "1"
        os.environ.setdefault("PRIDVOR_LOG", "line")
        if not os.environ.get("PRIDVOR_SMTP"):
            os.environ["PRIDVOR_SMTP"] = f"smtp://127.0.0.1:{_free_port(10025)}"


def _run_once(command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pridvor", command], cwd=environment.ROOT, check=True, preexec_fn=_own_group
    )


def _wait_until_up(port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with (
            suppress(OSError),
            socket.create_connection(
                (environment.get("PRIDVOR_BIND").replace("0.0.0.0", "127.0.0.1"), port),  # noqa: S104 to ask oneself
                timeout=1,
            ),
        ):
            return
        if not children[0].alive:
            raise embedded.CannotStart("The web process ended at once; its message stands above.")
        time.sleep(0.05)
    raise embedded.CannotStart("The web process did not answer within a minute.")


def _watch(children: list[Child], cluster: embedded.Cluster | None) -> None:
    while True:
        time.sleep(0.5)
        if cluster and cluster.process and cluster.process.poll() is not None:
            print("The database ended; it is started again.", file=sys.stderr)
            cluster.start()
        for child in children:
            if not child.alive and not child.once and time.monotonic() - child.started > RESTART_SECONDS:
                print(f"The {child.name} process ended; it is started again.", file=sys.stderr)
                child.start()


def _end(children: list[Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(child.alive for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(5)


def _own_group() -> None:
    """A Ctrl-C reaches the parent alone, which then ends the others in order; they die with it if it is killed."""
    os.setpgrp()
    embedded.die_with_parent(signal.SIGTERM)


def _stop(number: int, frame: object) -> None:
    raise Stop


def _memory_folder() -> Path:
    """A fresh temporary folder for the children, on a memory file system where there is one."""
    shared = Path("/dev/shm")  # noqa: S108
    return Path(tempfile.mkdtemp(prefix="pridvor-", dir=shared if os.access(shared, os.W_OK) else None))


def _free_port(wanted: int) -> int:
    """The wanted port, or the next one that is free; says so when it is another."""
    for port in range(wanted, wanted + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((environment.get("PRIDVOR_BIND"), port))
                if port != wanted:
                    print(f"Port {wanted} is taken; {port} it is.", flush=True)
                return port
    raise embedded.CannotStart(f"No port between {wanted} and {wanted + 200} is free. Set PRIDVOR_PORT.")
