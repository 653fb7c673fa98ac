"""The ledger of calls: what waits for whom, what was sent and came back, and having one made once more."""

from datetime import timedelta

import pytest

from pridvor.accounts.models import Region, Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Case, Event
from pridvor.connectors import actions
from pridvor.connectors.models import Call, Switch
from pridvor.lib import clock
from tests.conftest import actor_of, client_of, publish
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: served
stages:
  setup:
    steps:
      account: {connect: platform.link_systems, if fail: {open: by-hand}}
      look: {review: x, after: account, if reject: {close: declined}}
    exceptions: {by-hand: {todo: x}}
"""


@pytest.fixture
def case(ana):
    now = clock.now()
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=actor_of(ana), now=now)


@pytest.fixture
def carmen():
    return Desk(staff(Role.OPERATOR))


def call_of(case):
    event = Event.objects.filter(case=case, kind="step.opened", data__step="account").latest("id")
    actions.note(event, now=clock.now())
    return Call.objects.get(case=case)


def tried(case, mode="ok", times=1):
    call = call_of(case)
    Switch.objects.update_or_create(peer="platform", defaults={"mode": mode})
    for _ in range(times):
        call.refresh_from_db()
        actions.attempt_call(call.pk, now=call.next_at or clock.now())
    call.refresh_from_db()
    return call


def page(browser, call):
    return browser.get(f"/desk/calls/{call.public_id}/").content.decode()


def test_the_ledger_says_what_was_sent_and_what_it_cost(case, carmen):
    call = tried(case)
    said = carmen.get("/desk/calls/").content.decode()
    assert case.reference in said
    assert "platform.link_systems" in said
    one = page(carmen, call)
    assert case.client.name in one
    assert "1 request, " in one
    assert "Try now" not in one


def test_calls_are_found_by_case_system_state_and_time(case, carmen):
    tried(case)
    for query, found in {
        f"case={case.reference}": True,
        "case=electro inst": True,
        "case=PR-0000": False,
        f"case={'x' * 90}": False,
        "peer=nonsense": False,
        "peer=platform": True,
        "peer=erp": False,
        "state=done": True,
        "state=waiting": False,
        "span=1": True,
    }.items():
        said = carmen.get(f"/desk/calls/?{query}").content.decode()
        assert (f">{case.reference}</a>" in said) is found, query
    Call.objects.update(waiting_since=clock.now() - timedelta(days=2))
    assert f">{case.reference}</a>" not in carmen.get("/desk/calls/?span=1").content.decode()


def test_what_waits_for_a_system_that_rests_is_told(case, carmen):
    call = tried(case, "down", times=5)
    said = carmen.get("/desk/calls/").content.decode()
    assert "Left alone until" in said
    assert "the system does not answer" in said
    assert call.state == "waiting"


def test_a_person_may_have_a_waiting_call_tried_at_once(case, carmen):
    call = tried(case, "down")
    assert "Try now" in page(carmen, call)
    carmen.post(f"/desk/calls/{call.public_id}/again/")
    assert case.events.filter(kind="call.hurried").exists()


def test_a_call_that_ended_with_a_person_is_made_once_more(case, carmen, settings):
    settings.DEMO = False
    call = tried(case)
    assert call.state == "by-hand"
    assert Attempt.objects.get(case=case, key__startswith="by-hand").status == "open"
    assert "Have it made once more" in page(carmen, call)
    settings.DEMO = True
    carmen.post(f"/desk/calls/{call.public_id}/again/")
    call.refresh_from_db()
    actions.attempt_call(call.pk, now=call.next_at)
    call.refresh_from_db()
    assert (call.state, call.tries) == ("done", 2)
    assert Attempt.objects.get(case=case, key="by-hand@account").outcome == "done"
    assert Attempt.objects.get(case=case, key="look").status == "open"


def test_who_may_only_read_has_nothing_to_press(case):
    aurora = Desk(staff(Role.AUDITOR))
    call = tried(case, "down")
    assert "Try now" not in page(aurora, call)
    assert aurora.post(f"/desk/calls/{call.public_id}/again/").status_code == 404


def test_calls_of_cases_out_of_sight_do_not_exist(case):
    south = Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])
    Region.objects.create(code="north", name={"en": "North"}, covers=[])
    call = tried(case)
    Case.objects.filter(pk=case.pk).update(region=south)
    nadia = staff(Role.OPERATOR)
    nadia.regions = ["north"]
    nadia.save()
    northern = Desk(nadia)
    assert case.reference not in northern.get("/desk/calls/").content.decode()
    assert northern.get(f"/desk/calls/{call.public_id}/").status_code == 404
