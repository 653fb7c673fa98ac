"""Orders that a system takes and answers later, and how many tries one system bears at once."""

from datetime import timedelta

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from pridvor.connectors import actions, peers, queries, table
from pridvor.connectors.models import Call, CallState, Switch
from pridvor.connectors.products import described, webhook
from tests.conftest import NOW, actor_of, client_of, publish
from tests.connectors.test_described import ORDERS

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: ordered
stages:
  setup:
    steps:
      shelf: {connect: warehouse.prepare, if part: {open: by-hand}, if fail: {open: by-hand}}
      look: {review: x, after: shelf, if reject: {close: declined}}
    exceptions: {by-hand: {todo: x}}
"""


@pytest.fixture
def warehouse(monkeypatch):
    """An installation that has described a warehouse, whose stand-in answers later."""
    product = webhook.product(described.load(ORDERS))
    monkeypatch.setitem(peers._products, "warehouse", (product,))
    for name, row in table.capabilities([product]).items():
        monkeypatch.setitem(table.CAPABILITIES, name, row)
    Switch.objects.create(peer="warehouse", mode="later")


def opened(person):
    client = client_of(person)
    case = cases.open_case(publish(JOURNEY), client, person, language="en", actor=actor_of(person), now=NOW)
    actions.note(Event.objects.get(case=case, kind="step.opened", data__step="shelf"), now=NOW)
    return case, Call.objects.get(case=case)


def attempt(call, now=NOW):
    actions.attempt_call(call.pk, now=now)
    call.refresh_from_db()
    return call


def tell(case, said, now=NOW):
    actions.answered("warehouse.prepare", case.reference, said, now=now)


def outcome(case):
    return Attempt.objects.get(case=case, key="shelf").outcome


def test_an_order_that_was_taken_waits_and_goes_on_when_it_is_done(ana, warehouse):
    case, call = opened(ana)
    attempt(call)
    assert (call.state, outcome(case)) == ("accepted", "")
    assert [row.step for row in queries.waiting(case)] == ["shelf"]
    tell(case, {"state": "done", "reference": "W-1", "values": {"shelf": "B2", "other": "x"}})
    call.refresh_from_db()
    case.refresh_from_db()
    assert (call.state, outcome(case)) == ("done", "ok")
    assert (case.values["shelf"], "other" in case.values) == ("B2", False)
    assert [(row.outcome, row.requests) for row in call.history.all()] == [
        ("accepted", 1),
        ("answered", None),
    ]


def test_an_order_may_end_as_the_description_names_it_or_be_refused(ana, warehouse):
    case, call = opened(ana)
    attempt(call)
    tell(case, {"state": "done", "outcome": "part"})
    assert outcome(case) == "part"
    another, call = opened(ana)
    attempt(call)
    tell(another, {"state": "refused", "words": "ana@electroinstal.example"})
    call.refresh_from_db()
    assert (call.state, outcome(another)) == ("by-hand", "fail")
    assert "ana@" not in str([row.words for row in call.history.all()])


def test_what_is_told_twice_or_never_was_ordered_has_no_effect(ana, warehouse):
    case, call = opened(ana)
    with pytest.raises(actions.NotWaiting):
        tell(case, {"state": "done"})
    attempt(call)
    tell(case, {"state": "done"})
    with pytest.raises(actions.NotWaiting):
        tell(case, {"state": "refused"})
    assert outcome(case) == "ok"


def test_an_order_that_nobody_answers_for_a_day_is_for_a_person(ana, warehouse):
    case, call = opened(ana)
    attempt(call)
    later = NOW + timedelta(hours=24, minutes=1)
    assert actions.sweep(now=NOW + timedelta(hours=23)) == 0
    assert actions.sweep(now=later) == 1
    attempt(call, later)
    assert (call.state, call.code, outcome(case)) == ("by-hand", "no-answer", "fail")


def test_a_system_bears_only_so_many_tries_at_once(ana, warehouse, settings):
    settings.CALLS_AT_ONCE = 1
    _first, busy = opened(ana)
    Call.objects.filter(pk=busy.pk).update(state=CallState.SENDING, next_at=NOW)
    _second, call = opened(ana)
    attempt(call)
    assert (call.state, call.tries, call.first_failed_at) == ("waiting", 0, None)
    assert timedelta() < call.next_at - NOW < timedelta(seconds=2)
    later = NOW + timedelta(seconds=100)  # whoever was at it has lost its worker
    attempt(call, later)
    assert call.state == "accepted"


def test_what_a_try_cost_is_written_down(ana, warehouse):
    _case, call = opened(ana)
    attempt(call)
    (row,) = call.history.all()
    assert row.requests == 1
    assert row.peer_ms >= 0
