"""Cases with something in every ledger, and folders outside the database of each test's own."""

import pytest

from pridvor.cases import actions as cases
from pridvor.connectors import actions as connectors
from pridvor.evidence import checkpoints
from pridvor.lib.keys import Keys
from pridvor.project import keys as sources
from pridvor.sla import books
from tests.conftest import CARMEN, NOW, Clock
from tests.connectors.conftest import case_at_connect


@pytest.fixture(autouse=True)
def outside(settings, tmp_path):
    """Where checkpoints and erasures are kept beside the database: twice, as with a write-once mount."""
    settings.OUTSIDE = [tmp_path / "here", tmp_path / "there"]
    return settings.OUTSIDE


@pytest.fixture
def keys(settings, tmp_path):
    """Keys of the test's own, in a file."""
    settings.KEYS = Keys(sources.File(tmp_path / "keys.json", sources.Plain()))
    return settings.KEYS


def connected(person, time=None):
    """A case with events, answers, minutes, looks, and a call that failed once and was then answered."""
    time = time or Clock()
    case, call = case_at_connect(person)
    connectors.set_sandbox_mode("erp", "down")
    connectors.attempt_call(call.pk, now=time())
    books.bring_up_to_date(case.pk, now=time.forward(hours=1))
    cases.reveal(case, ["iban"], actor=CARMEN, purpose="work on the case", now=time())
    connectors.set_sandbox_mode("erp", "ok")
    call.refresh_from_db()
    connectors.attempt_call(call.pk, now=call.next_at)
    cases.record(case, "note.left", actor=CARMEN, now=time.forward(hours=1), data={"far": 1e20, "size": 2.5})
    books.bring_up_to_date(case.pk, now=time())
    case.refresh_from_db()
    return case


@pytest.fixture
def proved(ana, emil):
    """Two cases and a checkpoint over them."""
    found = [connected(ana), connected(emil)]
    checkpoints.make(now=NOW)
    return found
