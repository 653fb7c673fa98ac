"""What can be wrong with an installation: each examined, each with its remedy."""

import shutil
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error

from pridvor.connectors import queries as connectors
from pridvor.journeys.models import JourneyVersion
from pridvor.notifications import queries as notifications
from pridvor.project import environment, walls
from pridvor.project.ailments import EXAMINATIONS, Finding
from pridvor.project.keys import BYTES

LEAST_FREE = 2_000_000_000  # bytes
OLDEST, NEWEST = 150_000, 190_000  # PostgreSQL 15 to 18


def examine() -> list[Finding]:
    return [
        *_databases(),
        *_walls(),
        *_keys(),
        *_space(),
        *_mail(),
        *_reading(),
        *_journeys(),
        *_peers(),
        *(finding for examination in EXAMINATIONS for finding in _made(examination)),
    ]


def _made(examination: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Its findings; that it cannot be made is a finding, too."""
    try:
        yield from examination()
    except (OSError, ValueError, Error) as error:
        yield Finding(
            examination.__name__, False, f"{type(error).__name__}: {error}", "See what the message names."
        )


def _databases() -> Iterator[Finding]:
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select current_setting('server_version_num')::int, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
            )
            version, superuser, bypasses = cursor.fetchone()
        yield Finding(
            f"database {alias}",
            OLDEST <= version < NEWEST,
            f"PostgreSQL {version // 10_000}",
            "Use PostgreSQL 15 to 18.",
        )
        yield Finding(
            f"role of {alias}",
            not (superuser or bypasses),
            "superuser" if superuser else "without special rights",
            "Give Pridvor a role of its own: nosuperuser nobypassrls.",
        )
        executor = MigrationExecutor(connections[alias])
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        yield Finding(
            f"tables of {alias}",
            waiting == 0,
            f"{waiting} migrations to run" if waiting else "up to date",
            "Run: pridvor migrate",
        )


def _walls() -> Iterator[Finding]:
    """The application's role must not own what it uses, and what leads to a client must stand behind the wall."""
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_tables where tableowner = current_user and schemaname = 'public'"
            )
            owned = cursor.fetchone()[0]
            open_tables = walls.missing(cursor) if alias == "default" else []
        yield Finding(
            f"owner of {alias}",
            owned == 0,
            f"the application owns {owned} tables" if owned else "another role",
            "Give the tables to a role of their own, and name it in DATABASE_OWNER_URL and VAULT_DATABASE_OWNER_URL.",
        )
        if alias == "default":
            yield Finding(
                "row-level security",
                not open_tables,
                f"missing on {', '.join(open_tables)}" if open_tables else "on every table of clients",
                "Run: pridvor migrate",
            )


def _keys() -> Iterator[Finding]:
    distinct = len(set(settings.KEYS.values())) == len(environment.KEY_NAMES)
    yield Finding(
        "keys",
        distinct and all(len(key) == BYTES for key in settings.KEYS.values()),
        f"{len(settings.KEYS)} keys",
        f"Give {', '.join(environment.KEY_NAMES)}: {BYTES} bytes each, all different, in PRIDVOR_KEYS.",
    )
    file = environment.data_folder() / "keys.json"
    if file.exists():
        mode = file.stat().st_mode & 0o777
        yield Finding("key file", mode == 0o600, f"mode {mode:o}", f"Run: chmod 600 {file}")


def _space() -> Iterator[Finding]:
    free = shutil.disk_usage(environment.data_folder()).free
    yield Finding(
        "free space",
        free > LEAST_FREE,
        f"{free // 1_000_000_000} GB",
        f"Make room on the disk of {environment.data_folder()}.",
    )


def _mail() -> Iterator[Finding]:
    ok, words = notifications.health()
    yield Finding("mail", ok, words, "Set PRIDVOR_SMTP, and see that the server answers.")


def _reading() -> Iterator[Finding]:
    there = settings.OCR == "off" or shutil.which("tesseract") is not None
    yield Finding(
        "reading scans",
        there,
        "tesseract" if there and settings.OCR != "off" else "off: a person compares scanned pages",
        "Install tesseract-ocr and tesseract-ocr-ron, or set PRIDVOR_OCR=off.",
    )


def _journeys() -> Iterator[Finding]:
    count = JourneyVersion.objects.values("name").distinct().count()
    yield Finding("journeys", count > 0, f"{count} published", "Run: pridvor journey publish FILE")


def _peers() -> Iterator[Finding]:
    for health in connectors.health():
        yield Finding(
            f"peer {health.peer}", health.ok, health.words, "See its settings: pridvor doctor --settings"
        )
