"""The cast and the states: every test stands on states that real actions have made.

Ana applies for Electro Instal; Bogdan is her colleague; Carmen is the operator, Cristina the compliance officer, Dan
the manager; Emil applies for another company and must see nothing of hers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.conf import settings
from django.db import connections
from django.test import Client

from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.clients import sign_in
from pridvor.clients.models import Person
from pridvor.company import reading
from pridvor.journeys import language
from pridvor.journeys import queries as journeys
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import wall
from pridvor.lib.actor import Actor, machine
from pridvor.project import databases, walls

NOW = datetime(2026, 11, 24, 12, 20, tzinfo=UTC)
COMPANY = {
    "name": "SC Electro Instal SRL",
    "country": "RO",
    "cui": "18547290",
    "vat": "RO18547290",
    "street": "Str. Lungă 12",
    "city": "Brașov",
    "county": "Brașov",
    "postal_code": "500058",
    "registry_state": "confirmed",
}
REFUSED = "append-only|permission denied"  # how the database refuses to change a ledger: its owner, and everybody else
ROOT = Path(__file__).parents[1]
LEFT_OUT = pytest.StashKey[dict[str, int]]()  # how many tests of a kind were not run


class Clock:
    """The time that tests hand to actions; it moves only when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@pytest.fixture(autouse=True)
def fresh_settings() -> None:
    """What an earlier test set for the company is gone with its transaction."""
    reading.forget()


@pytest.fixture(autouse=True, scope="session")
def urls_of_the_demo() -> None:
    """The addresses are read while the settings are as the process began: a test that turns the demo off changes none."""
    import_module(settings.ROOT_URLCONF)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def time() -> Clock:
    return Clock()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that uses the database uses the vault's too; what has a make target of its own is left to that."""
    for kind in ("slow", "peers"):
        if not config.getoption(f"--{kind}"):
            left = [item for item in items if item.get_closest_marker(kind)]
            config.stash[LEFT_OUT][kind] = len(left)
            config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if not item.get_closest_marker(kind)]
    for item in items:
        for marker in item.iter_markers("django_db"):
            marker.kwargs.setdefault("databases", "__all__")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """For tests that need real commits (threads, processes, kills): empties the tables afterwards."""
    journeys.compiled.cache_clear()
    with django_db_blocker.unblock():
        yield
        _empty_tables()
        connections.close_all()
    journeys.compiled.cache_clear()  # ids begin anew, and name other versions


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The tests' databases are made and removed by the owner …"""
    with databases.as_owner("default"), databases.as_owner("vault"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """… and used by the application's role behind its walls. What is no request asks as a machine."""
    with django_db_blocker.unblock():
        walls.build()
    wall.process_is(wall.MACHINE)
    with databases.connected_as("application", "default"), databases.connected_as("application", "vault"):
        yield


def _empty_tables() -> None:
    for alias in ("default", "vault"):
        with databases.as_owner(alias), connections[alias].cursor() as cursor:
            cursor.execute(
                "select tablename from pg_tables where schemaname = 'public' and tablename <> 'django_migrations'"
            )
            tables = [row[0] for row in cursor.fetchall()]
            keep = {"django_content_type", "auth_permission", "auth_group", "cache", "django_site"}
            chosen = [f'"{table}"' for table in tables if table not in keep]
            for table in chosen:
                cursor.execute(f"alter table {table} disable trigger user")
            cursor.execute(f"truncate {', '.join(chosen)} restart identity cascade")
            for table in chosen:
                cursor.execute(f"alter table {table} enable trigger user")
            cursor.execute("select to_regclass('procrastinate_jobs')")
            if cursor.fetchone()[0]:
                cursor.execute(
                    "alter table procrastinate_jobs disable trigger procrastinate_jobs_notify_queue_job_inserted_v1"
                )


def person(email: str, *, language: str = "ro") -> Person:
    """Somebody who has proved an e-mail address."""
    row = sign_in.ask(email, language=language, now=NOW)
    found = sign_in.code_for_mail(row.public_id, now=NOW)
    assert found
    return sign_in.confirm(row.public_id, found[1], now=NOW)


@pytest.fixture
def ana(db: None) -> Person:
    return person("ana@electroinstal.example")


@pytest.fixture
def emil(db: None) -> Person:
    return person("emil@altafirma.example")


CARMEN = Actor("staff", "00000000-0000-7000-8000-00000000000c", "operator")
CRISTINA = Actor("staff", "00000000-0000-7000-8000-00000000000d", "compliance")
WORKER = machine("test")


def publish(source: str) -> JourneyVersion:
    """A journey version straight from its text, its names unchecked."""
    journey = language.read(source)
    known = JourneyVersion.objects.filter(name=journey.name)
    return known.filter(digest=journey.digest).first() or JourneyVersion.objects.create(
        name=journey.name,
        number=known.count() + 1,
        digest=journey.digest,
        source=source,
        published_at=NOW,
        published_by="test",
    )


def partner_registration() -> JourneyVersion:
    return publish((ROOT / "journeys" / "partner-registration.yaml").read_text())


def client_of(person: Person, **company: str):
    return clients.enrol({**COMPANY, **company}, person, now=NOW)


def browser_of(person: Person, language: str = "en", kind: type[Client] = Client) -> Any:
    """A browser in which this client is signed in."""
    browser = kind(headers={"accept-language": language})
    session = browser.session
    session["person"] = str(person.subject)
    session.save()
    return browser


def actor_of(person: Person) -> Actor:
    return Actor("client", str(person.subject))


__all__ = ["CARMEN", "COMPANY", "CRISTINA", "NOW", "WORKER", "Case", "Clock"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run what `make slow` runs, too")
    parser.addoption(
        "--peers", action="store_true", help="run what `make test-peers` runs, and let nothing be skipped"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where peers were asked for, a skipped test is a failed one, which a run of the failed ones takes up again."""
    report: Any = yield
    if item.config.getoption("--peers") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and may not be: {report.longrepr}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A peer that could not be had is no success, where peers were asked for."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["left out"] = config.stash[LEFT_OUT]
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if config.getoption("--peers") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Parallel workers collect the same tests, and tell the one who prints what they left out."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    number = config.stash[LEFT_OUT].get("peers", 0)
    if number:
        terminalreporter.write_line(f"not run: {number} tests against real peers (make test-peers)")
    if config.getoption("--peers") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("a skipped test is a failed one here", red=True)
