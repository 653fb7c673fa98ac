"""A journey within a journey: a case of its own, whose end is the outcome of the step that it is."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import children
from pridvor.cases.models import Attempt, Case, Event
from tests.conftest import CARMEN, NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
CHILD = """
journey: assessment
end: passed
stages: {s: {steps: {look: {review: x, if fail: {close: failed}}}}}
"""
PARENT = """
journey: parent
knows: {client.vip: bool}
stages:
  s:
    steps:
      ask: {journey: assessment, ends: [passed, failed], if failed: {redo: self, limit: 2}}
      after: {todo: x}
"""


@pytest.fixture
def parent(ana):
    publish(CHILD)
    case = cases.open_case(publish(PARENT), client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)
    children.begin(opened(case), now=NOW)
    return case


def opened(case):
    return Event.objects.filter(case=case, kind="step.opened", data__step="ask").last()


def ended(case):
    return Event.objects.get(case=case, kind="case.ended")


def at(case, step):
    return Attempt.objects.filter(case=case, key=step).order_by("-number").first()


def child_of(case):
    return Case.objects.filter(parent=case).order_by("-id").first()


def test_the_step_opens_one_case_of_the_same_client_however_often_it_is_told(parent):
    children.begin(opened(parent), now=NOW)
    child = Case.objects.get(parent=parent)
    assert (child.client, child.person, child.parent_step) == (parent.client, parent.person, "ask")


def test_the_end_of_the_child_is_the_outcome_of_the_step(parent):
    child = child_of(parent)
    cases.complete(at(child, "look"), "approve", actor=CARMEN, now=NOW)
    children.report(ended(child), now=NOW)
    assert (at(parent, "ask").outcome, at(parent, "after").status) == ("passed", "open")


def test_another_round_is_another_child(parent):
    first = child_of(parent)
    cases.complete(at(first, "look"), "fail", actor=CARMEN, now=NOW)
    children.report(ended(first), now=NOW)
    assert (at(parent, "ask").number, at(parent, "ask").status) == (2, "open")
    children.begin(opened(parent), now=NOW)
    assert child_of(parent).pk != first.pk
    children.report(ended(first), now=NOW)  # told once more: it is not the present round's
    assert at(parent, "ask").status == "open"


def test_a_child_whose_parent_is_withdrawn_is_withdrawn_too(parent):
    cases.withdraw(parent, actor=actor_of(parent.person), now=NOW)
    children.abandon(Event.objects.get(case=parent, kind="step.cancelled", data__step="ask"), now=NOW)
    child = child_of(parent)
    assert (child.state, child.end) == ("ended", "withdrawn")


def test_an_end_that_the_parent_does_not_name_stops_it_for_a_person(parent):
    child = child_of(parent)
    cases.withdraw(child, actor=actor_of(parent.person), now=NOW)
    children.report(ended(child), now=NOW)
    parent.refresh_from_db()
    assert parent.is_paused
    assert child.reference in parent.paused
