"""Interventions: a step added, passed over, sent back; a checklist ticked; each written down with its reason."""

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from tests.conftest import NOW, actor_of, client_of, publish
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: steered
title: {en: Steered, ro: Condus}
documents: {passport: {title: {en: Passport, ro: Pașaport}}}
stages:
  s:
    title: {en: First stage, ro: Prima etapă}
    owner: operator
    exit: {keys: {title: {en: Keys handed over, ro: Chei predate}}}
    steps:
      a: {todo: a, title: {en: Step A, ro: Pasul A}}
      b: {review: b, second_person: true, title: {en: Step B, ro: Pasul B}}
"""


@pytest.fixture
def case(ana):
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)


def at(case, step):
    return Attempt.objects.filter(case=case, key=step).order_by("-number").first()


def url(case, verb=""):
    return f"/desk/cases/{case.public_id}/{verb}"


def test_the_map_shows_where_the_case_is_and_says_it_in_words(case, carmen):
    page = carmen.get(url(case, "course/")).content.decode()
    assert page.count("<svg") >= 2
    assert "Step A" in page
    assert "now" in page


def test_a_document_is_asked_for_by_hand_and_holds_up_the_step_that_waits_for_it(case, carmen):
    carmen.post(
        url(case, "add/"),
        {"kind": "upload", "what": "We need the passport", "stage": "s", "item": "passport", "before": "b"},
    )
    cases.complete(at(case, "a"), "done", actor=actor_of(case.person), now=NOW)
    assert (at(case, "added-1").status, at(case, "b").status) == ("open", "waiting")
    assert at(case, "added-1").wanted == ["passport"]
    event = Event.objects.get(case=case, kind="step.added")
    assert "passport" not in str(event.data)  # what was typed is sealed


def test_a_document_without_its_name_is_told(case, carmen):
    page = carmen.post(url(case, "add/"), {"kind": "upload", "what": "x", "stage": "s"}).content.decode()
    assert "Choose the document" in page
    assert at(case, "added-1") is None


def test_a_step_is_passed_over_with_its_reason(case, carmen):
    carmen.post(url(case, "skip/"), {"step": "a", "reason": "done by telephone"})
    assert (at(case, "a").status, at(case, "b").status) == ("skipped", "open")
    assert Event.objects.get(case=case, kind="step.skipped").data["reason"] == "done by telephone"


def test_what_two_must_decide_is_passed_over_by_two(case, carmen):
    carmen.post(url(case, "skip/"), {"step": "b", "reason": "x"})
    carmen.post(url(case, "skip/"), {"step": "b", "reason": "x"})
    assert at(case, "b").status == "waiting"
    Desk(staff(Role.OPERATOR, "second@arcada.example")).post(url(case, "skip/"), {"step": "b", "reason": "x"})
    assert at(case, "b").status == "skipped"


def test_a_case_is_sent_back_and_the_step_says_why(case, carmen):
    cases.complete(at(case, "a"), "done", actor=actor_of(case.person), now=NOW)
    carmen.post(url(case, "send-back/"), {"step": "a", "note": "Once more, with the new form"})
    assert (at(case, "a").number, at(case, "a").status, at(case, "b").status) == (2, "open", "waiting")
    assert at(case, "a").reasons[0]["code"] == "sent-back"


def test_the_checklist_of_a_stage_is_ticked_and_the_stage_ends(case, carmen):
    for step in ("a", "b"):
        cases.skip(case, step, "x", actor=actor_of(case.person), now=NOW, second=carmen.person.actor)
    assert "Keys handed over" in carmen.get(url(case)).content.decode()
    carmen.post(url(case, "meet/"), {"stage": "s", "met": ["exit:keys"]})
    case.refresh_from_db()
    assert case.state == "ended"


def test_a_pause_says_whom_it_waits_for(case, carmen):
    carmen.post(url(case, "pause/"), {"reason": "papers by post", "party": "client"})
    case.refresh_from_db()
    assert (case.paused, case.paused_for) == ("papers by post", "client")
