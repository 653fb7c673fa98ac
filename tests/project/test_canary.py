"""One credential goes all the way, from the client's page to the secret store, and is found nowhere in clear."""

import logging

import pytest
from django.db import connections

from pridvor.cases import queries as case_queries
from pridvor.cases.models import Secret
from pridvor.checks import actions as checks
from pridvor.connectors import secret_store, suites
from pridvor.lib import clock
from pridvor.project import wiring
from tests.conftest import browser_of
from tests.connectors.test_secret_store import Store, store
from tests.connectors.test_suites import GOOD, JOURNEY
from tests.managed import TOKEN, Managed
from tests.peers.interface import Interface, running

pytestmark = pytest.mark.django_db
__all__ = ["store"]


@pytest.fixture
def way(settings, tmp_path, caplog, ana, store):
    """What Ana types, and everything that follows of it; logs are kept as loud as they can be."""
    caplog.set_level(logging.DEBUG)
    settings.DEMO, settings.PROBE_ALLOW, settings.DOCUMENTS = False, ("127.0.0.1",), tmp_path
    interface = Interface(GOOD, token=TOKEN)
    with running(interface) as base:
        ours = Managed(
            ana, JOURNEY.replace("access: {form: access,", "access: {form: access, kept_until: technical,")
        )
        ours.time.now = clock.now()
        _type(ours, base)
        _follow(ours, interface)
    return ours


def _type(ours, base):
    browser = browser_of(ours.person, "ro")
    at = f"/cases/{ours.case.public_id}/access/"
    browser.post(f"{at}draft/", {"field": "token", "token": TOKEN})
    browser.post(f"{at}interface/", {"base_url": "", "token": TOKEN})
    browser.post(f"{at}interface/", {"base_url": base, "token": TOKEN})


def _follow(ours, interface):
    checks.run(ours.event("step.opened", step="credentials"), now=ours.time())
    interface.answers["GET /orders"] = (500, {"echo": TOKEN}, 0)
    checks.run(ours.event("step.opened", step="api-tests"), now=ours.time())
    interface.answers.update(GOOD)
    suites.ask(ours.case, actor=ours.me, now=ours.time())
    suites.run_asked(ours.event("suites.asked"), now=ours.time.forward(seconds=1))
    ours.do("debug@api-tests")
    checks.run(ours.event("step.opened", step="api-tests"), now=ours.time())
    ours.do("look", "approve")
    for event in case_queries.timeline(ours.case):
        for name in ("notifications.tell", "notifications.notice"):
            if any(wire.name == name and wire.when.startswith(event.kind) for wire in wiring.WIRES):
                wiring.react(ours.event(event.kind), name, now=ours.time())
    secret_store.release(ours.event("stage.done", stage="technical"), now=ours.time())


def test_the_way_was_gone_to_its_end(way):
    assert Secret.objects.get().fate == "handed-over"
    assert [list(one.values()) for one in Store.kept.values()] == [[TOKEN]]
    assert len(suites.history(way.case)) == 4


def test_no_table_of_either_database_holds_it(way):
    assert [table for alias in ("default", "vault") for table in holding(alias)] == []


def test_no_line_of_the_log_holds_it(way, caplog):
    records = caplog.get_records("setup")
    assert len(records) > 50
    assert TOKEN not in str([record.getMessage() for record in records])
    assert TOKEN not in str([vars(record) for record in records])


def test_no_file_holds_it(way, tmp_path):
    assert [
        path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()
    ] == []


def holding(alias):
    """Tables with the credential in a row, whatever the column: jobs, sessions, mails and ledgers among them."""
    with connections[alias].cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        assert len(tables) > 3
        for table in tables:
            cursor.execute(f'select count(*) from "{table}" as row where row::text like %s', [f"%{TOKEN}%"])
            if cursor.fetchone()[0]:
                yield f"{alias}.{table}"
