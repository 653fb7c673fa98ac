"""Cases of a test key call no system of the company: stand-ins answer, whatever is configured."""

import pytest

from pridvor.cases.models import Case
from pridvor.connectors import actions
from pridvor.connectors.models import Call, Mirrored, Peer, SandboxRecord
from pridvor.insights import queries
from tests.conftest import NOW
from tests.connectors.test_accepted import attempt, opened
from tests.connectors.test_accepted import warehouse as warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def configured(settings, warehouse):
    """A real warehouse, at which nobody listens."""
    settings.SERVICES = {"warehouse": {"url": "http://127.0.0.1:9", "token": "k"}}
    settings.DEMO = False


def test_a_test_is_answered_by_a_stand_in_and_a_real_case_by_the_system(ana, configured):
    _case, call = opened(ana)
    assert attempt(call).state == "waiting", "the real one does not answer"
    trying, call = opened(ana)
    Case.objects.filter(pk=trying.pk).update(is_test=True)
    assert attempt(call).state == "accepted"
    assert not SandboxRecord.objects.exists(), "it said «later»"
    assert Call.objects.count() == 2
    assert actions.sweep(now=NOW) == 0


def test_how_a_test_goes_says_nothing_of_the_real_system(ana, configured):
    trying, call = opened(ana)
    Case.objects.filter(pk=trying.pk).update(is_test=True)
    attempt(call)
    assert not Peer.objects.filter(answered_at__isnull=False).exists()
    _real, call = opened(ana)
    attempt(call)
    assert Peer.objects.get(name=call.peer).failures == 1
    assert not Mirrored.objects.filter(case=trying).exists()


def test_figures_leave_tests_out(ana, configured):
    trying, _call = opened(ana)
    assert queries.ends(NOW).open == 1
    Case.objects.filter(pk=trying.pk).update(is_test=True)
    assert queries.ends(NOW).open == 0
