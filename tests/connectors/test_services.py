"""Systems of the plain dialect: made once under our key, taken back when the case ends otherwise."""

import json
import re

import httpx
import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from pridvor.connectors import actions, peers, table
from pridvor.connectors.contract import Place, Rejected, Unavailable
from pridvor.connectors.models import Call, SandboxRecord, Switch
from pridvor.connectors.products import plain
from pridvor.connectors.sandbox_store import opened
from pridvor.connectors.stand_ins.plain import Services
from pridvor.connectors.stand_ins.store import MemoryStore
from tests.conftest import CARMEN, NOW, ROOT, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: served
stages:
  setup:
    steps:
      account: {connect: platform.link_systems, undo: platform.unlink_systems, if fail: {open: by-hand}}
      look: {review: x, if reject: {close: declined}}
    exceptions: {by-hand: {todo: x}}
"""


@pytest.fixture
def case(ana):
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)


def call_of(case, step="account"):
    event = Event.objects.filter(case=case, kind="step.opened", data__step=step).last()
    actions.note(event, now=NOW)
    return Call.objects.get(case=case, undoes=False)


def records():
    return [opened(row) for row in SandboxRecord.objects.filter(model="platform.links")]


def test_the_account_is_made_once_however_often_the_answer_is_lost(case):
    call = call_of(case)
    Switch.objects.create(peer="platform", mode="lost")
    actions.attempt_call(call.pk, now=NOW)
    call.refresh_from_db()
    assert call.state == "waiting"
    Switch.objects.update(mode="ok")
    actions.attempt_call(call.pk, now=call.next_at)
    assert [row["name"] for row in records()] == [case.client.name]
    assert Attempt.objects.get(case=case, key="account").outcome == "ok"


def test_what_was_made_is_taken_back_once_when_the_case_is_declined(case):
    actions.attempt_call(call_of(case).pk, now=NOW)
    cases.complete(Attempt.objects.get(case=case, key="look"), "reject", actor=CARMEN, now=NOW)
    undo = Event.objects.get(case=case, kind="call.undo")
    actions.take_back(undo, now=NOW)
    actions.take_back(undo, now=NOW)
    call = Call.objects.get(case=case, undoes=True)
    actions.attempt_call(call.pk, now=NOW)
    call.refresh_from_db()
    assert call.state == "done"
    assert [row["closed"] for row in records()] == [True]


def test_a_system_that_is_down_waits_and_nothing_is_lost(case):
    Switch.objects.create(peer="platform", mode="down")
    call = call_of(case)
    actions.attempt_call(call.pk, now=NOW)
    call.refresh_from_db()
    assert (call.state, call.code, records()) == ("waiting", "no-connection", [])


def test_taking_back_what_is_gone_is_done():
    assert peers.perform("platform", "unlink_systems", plain.Order("T-1")).how == "gone"


def test_a_system_that_is_not_configured_is_a_persons_work(case, settings):
    settings.DEMO = False
    call = call_of(case)
    actions.attempt_call(call.pk, now=NOW)
    call.refresh_from_db()
    assert (call.state, call.code) == ("by-hand", "not-configured")


@pytest.fixture
def erp():
    transport = Services(MemoryStore(), lambda: "ok")
    return plain.Plain("erp", Place("http://sandbox/erp", "any", None), transport)


def order(key, *numbers):
    return plain.Order(key, {"reference": key, "numbers": list(numbers)})


def test_whom_it_knows_by_exact_number_is_told_and_nobody_else(erp):
    erp.put("customers", order("C-77", "RO18547290", "18547290"))
    known = erp.find("customers", order("AR-1", "18547290", "RO18547290"))
    assert (known.outcome, known.reference, known.by) == ("known", "C-77", "fiscal-code")
    for stranger in (order("AR-1", "1854729"), order("AR-1"), order("C-77", "18547290")):
        assert erp.find("customers", stranger).outcome == "unknown"


def test_two_records_of_one_number_are_a_persons_to_sort_out(erp):
    erp.put("customers", order("C-77", "18547290"))
    erp.put("customers", order("C-78", "18547290"))
    with pytest.raises(Rejected) as refused:
        erp.find("customers", order("AR-1", "18547290"))
    assert refused.value.code == "several-records"


def test_a_system_that_answers_with_no_list_is_asked_again(erp):
    erp._http = httpx.Client(
        base_url="http://sandbox/erp",
        transport=httpx.MockTransport(lambda _request: httpx.Response(200, json={"system": "erp"})),
    )
    with pytest.raises(Unavailable):
        erp.find("customers", order("AR-1", "18547290"))


GUIDE = (
    (ROOT / "docs" / "connectors.md")
    .read_text("utf-8")
    .partition("## The plain dialect")[2]
    .partition("\n## ")[0]
)


def test_every_verb_stands_in_the_guide_and_no_other():
    verbs = {f"`{each.role}.{name}`" for each in table.SHIPPED if each.scheme == "" for name in each.verbs}
    assert verbs == {f"`{word}`" for word in re.findall(r"`([a-z]+\.[a-z_]+)`", GUIDE)}


def test_the_guide_shows_what_is_put(case):
    shown = json.loads(GUIDE[GUIDE.index('    {"reference"') : GUIDE.index("\n\n- **200")])
    verb = peers.product("platform").verbs["link_systems"]
    put = plain.gather(verb, case, now=NOW).body
    assert {name: type(value) for name, value in shown.items()} == {
        name: type(value) for name, value in put.items()
    }
    assert put["numbers"]
