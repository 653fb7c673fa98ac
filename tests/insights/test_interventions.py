"""What did not go by itself, counted by hand: loops with their reason and cost, interventions, the automatic share."""

from datetime import timedelta

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.insights import interventions
from pridvor.lib.actor import machine
from tests.conftest import CARMEN, NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: counted
stages:
  s:
    steps:
      a: {todo: a}
      b: {check: x, if fail: {fix: mend, limit: 3}}
      c: {todo: c}
    exceptions: {mend: {todo: m}}
"""
WORKER = machine("x")
SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)


def at(case, step):
    return Attempt.objects.filter(case=case, key=step).order_by("-number").first()


@pytest.fixture
def case(ana):
    case = cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)
    cases.complete(at(case, "a"), "done", actor=CARMEN, now=NOW)
    failed = {"reasons": [{"code": "wrong-data"}], "actor": WORKER, "now": NOW}
    cases.complete(at(case, "b"), "fail", **failed)
    cases.complete(at(case, "mend@b"), "done", actor=CARMEN, now=NOW + timedelta(hours=1))
    cases.complete(at(case, "b"), "ok", actor=WORKER, now=NOW + timedelta(hours=2))
    cases.skip(case, "c", "not needed", actor=CARMEN, now=NOW + timedelta(hours=2))
    return case


def test_a_loop_is_told_with_its_reason_and_the_time_until_it_was_done_again(case):
    (loop,) = interventions.loops(SINCE, UNTIL)
    assert (loop.journey, loop.step, loop.reason, loop.count, loop.seconds) == (
        "counted",
        "b",
        "wrong-data",
        1,
        7200.0,
    )


def test_interventions_and_exceptions_are_counted(case):
    assert interventions.counted(SINCE, UNTIL) == {"step.skipped": 1}
    assert interventions.exceptions(SINCE, UNTIL) == [("counted", "mend", 1)]


def test_the_automatic_share_leaves_out_what_clients_do(case):
    share = interventions.share(SINCE, UNTIL)
    assert (share.machine, share.people, share.automatic) == (2, 2, 0.5)


def test_before_anything_was_done_there_is_no_share(db):
    assert interventions.share(SINCE, UNTIL).automatic is None
