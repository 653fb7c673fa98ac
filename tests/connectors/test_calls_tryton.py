"""The whole way from a case to a real Tryton: down and back, answers lost, a worker killed."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connections

from pridvor.connectors import actions, peers, queries
from pridvor.journeys import queries as journeys
from tests.conftest import NOW, ROOT, person
from tests.connectors.conftest import case_at_connect, step
from tests.peers import fault

pytestmark = pytest.mark.erp


@pytest.fixture(autouse=True)
def configured(settings, tryton):
    settings.ERP_URL, settings.ERP_KEY = tryton.url, tryton.key


def attempt(call, now=NOW):
    actions.attempt_call(call.pk, now=now)
    call.refresh_from_db()
    return call


def parties(tryton, *identifiers):
    with closing(peers.connect("erp", tryton.url, tryton.key)) as erp:
        return erp.search("party.party", [["identifiers.code", "in", identifiers]], ["code"])


def case_of(who, cui, iban=""):
    return case_at_connect(who, cui=cui, vat=f"RO{cui}", iban=iban)


@pytest.mark.django_db
def test_down_then_back_is_one_party_and_a_finished_step(ana, tryton):
    case, call = case_of(ana, "48219502")
    tryton.stop()
    attempt(call)
    attempt(call, call.next_at)
    assert (call.state, call.tries, call.code) == ("waiting", 2, "no-connection")
    assert queries.waiting(case)[0].peer == "erp"
    tryton.start()
    attempt(call, call.next_at)
    assert (call.state, step(case).outcome) == ("done", "ok")
    assert [party["code"] for party in parties(tryton, "RO48219502")] == [case.reference]


@pytest.mark.django_db
def test_a_lost_answer_is_found_after_the_settle_delay(ana, tryton, settings):
    _case, call = case_of(ana, "47503165")
    with fault.before(tryton.port) as proxy:
        settings.ERP_URL = tryton.url.replace(str(tryton.port), str(proxy.port))
        proxy.mode = "lost"
        attempt(call)
        assert call.history.get().outcome == "uncertain"
        assert call.next_at - NOW >= timedelta(seconds=5)
        proxy.mode = "pass"
        attempt(call, call.next_at)
    assert (call.state, call.answer["how"]) == ("done", "found")
    assert len(parties(tryton, "RO47503165")) == 1


@pytest.mark.django_db
def test_a_company_that_the_erp_knows_is_linked(ana, emil, tryton):
    (_, first), (case, second) = case_of(ana, "39152748"), case_of(emil, "39152748")
    attempt(first)
    attempt(second)
    assert (second.answer["how"], second.answer["code"]) == ("linked", first.case.reference)
    assert len(parties(tryton, "RO39152748")) == 1
    assert step(case).outcome == "ok"


@pytest.fixture
def unblocked(django_db_setup, django_db_blocker):
    """Real commits without Django's flush, which the append-only ledgers refuse. Ids start anew, so nothing stays compiled."""
    journeys.compiled.cache_clear()
    with django_db_blocker.unblock():
        yield
    journeys.compiled.cache_clear()


def test_a_worker_killed_between_effect_and_commit_leaves_one_party(tryton, unblocked, committed):
    case, call = case_of(person("ana@electroinstal.example"), "28460319")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "pridvor.project.settings_test",
        "PRIDVOR_ERP": tryton.url,
        "PRIDVOR_ERP_KEY": tryton.key,
        "DATABASE_URL": _address("default"),
        "VAULT_DATABASE_URL": _address("vault"),
        "PYTHONPATH": str(ROOT),
    }
    died = subprocess.run(
        [sys.executable, "-m", "tests.connectors.dying_worker", str(call.pk)],
        env=env,
        cwd=ROOT,
        capture_output=True,
    )
    assert died.returncode == 9, died.stderr.decode()
    call.refresh_from_db()
    assert (call.state, len(parties(tryton, "RO28460319"))) == ("sending", 1)
    later = NOW + actions.LEASE + timedelta(seconds=1)
    attempt(call, later)
    assert (call.state, call.answer["how"], step(case).outcome) == ("done", "found", "ok")
    assert len(parties(tryton, "RO28460319")) == 1


def _address(alias: str) -> str:
    """The test database as a connection string, for another process."""
    given = connections[alias].settings_dict
    host = given["HOST"] or given["OPTIONS"].get("host", "")
    return f"postgresql://{given['USER']}:{quote(given['PASSWORD'])}@/{given['NAME']}?host={quote(host, safe='')}&port={given['PORT'] or 5432}"
