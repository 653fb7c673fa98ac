"""No line, no change: what cannot be written into a ledger does not happen."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from pridvor.cases import actions as cases
from pridvor.cases.models import Case, Event
from pridvor.connectors.models import Try
from pridvor.evidence import ledgers
from pridvor.lib.keys import Keys
from pridvor.project import keys as sources
from tests.conftest import CARMEN, NOW
from tests.connectors.conftest import case_at_connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(ana):
    return case_at_connect(ana)[0]


def test_a_change_whose_event_is_refused_does_not_happen(case):
    Case.objects.filter(pk=case.pk).update(chain_position=0)  # the next event would stand where another does
    with pytest.raises(IntegrityError), transaction.atomic():
        cases.pause(case, "why", actor=CARMEN, now=NOW)
    case.refresh_from_db()
    assert case.paused == ""


def test_without_the_key_nothing_can_be_written(case, settings):
    settings.KEYS = Keys(sources.Given("{}"))
    with pytest.raises(KeyError), transaction.atomic():
        cases.pause(case, "why", actor=CARMEN, now=NOW)
    case.refresh_from_db()
    assert case.paused == ""


@pytest.mark.parametrize("model", ledgers.LEDGERS.values(), ids=ledgers.LEDGERS)
def test_a_row_without_a_link_cannot_be(model):
    wanted = ["position", "mac"]
    assert [field.null for field in model._meta.fields if field.name in wanted] == [False, False]


def test_the_database_refuses_an_event_without_a_link(case):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into cases_event (case_id, at, kind, actor_kind, actor_id, actor_role, data, position)"
            " values (%s, now(), 'x', 'staff', 'x', '', '{}', 99)",
            [case.pk],
        )
    assert not Event.objects.filter(kind="x").exists()
    assert Try.objects.count() == 0
