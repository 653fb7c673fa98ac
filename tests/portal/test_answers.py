"""Answers that are easily taken for none, and a document that a step names without a list."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pridvor.cases import actions as cases
from pridvor.cases import queries
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from tests.conftest import client_of, publish
from tests.documents import corpus
from tests.portal.conftest import at, attempt, visitor_of
from tests.portal.test_documents import cleared

pytestmark = pytest.mark.django_db

JOURNEY = """
journey: asking
title: {en: Asking, ro: Întrebări}
opens: client
expires: 30 days
forms:
  wish:
    wish:
      title: {en: Your wish, ro: Dorința}
      fields: {credit: {type: int, min: 0, label: {en: Credit, ro: Credit}}}
documents:
  letter: {title: {en: The letter, ro: Scrisoarea}}
stages:
  all:
    steps:
      wish: {form: wish}
      paper: {upload: letter}
      look: {review: papers, if correct: {redo: paper, limit: 3}}
"""


@pytest.fixture
def case(ana):
    me = Actor("client", str(ana.subject))
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=me, now=clock.now())


@pytest.fixture
def visitor(case, ana):
    return visitor_of(ana)


def answer(visitor, case, typed):
    visitor.say(at(case, "wish", "wish"), credit=typed)


def test_what_is_smaller_than_the_journey_takes_is_asked_again(visitor, case):
    answer(visitor, case, "-5")
    assert "credit" not in queries.answers(case)
    assert attempt(case, "wish").status == "open"


@pytest.mark.parametrize(("typed", "meant"), [("0", 0), ("12.000", 12000)])
def test_a_number_is_taken_as_it_is_meant(visitor, case, typed, meant):
    answer(visitor, case, typed)
    assert queries.answers(case)["credit"] == meant
    assert attempt(case, "wish").status == "done"


def test_a_number_is_shown_with_its_thousands_apart(visitor, case):
    answer(visitor, case, "12000")
    visitor.go(at(case, "sent"))
    assert "12,000" in visitor.text


def test_a_step_that_names_one_document_asks_for_it(visitor, case):
    answer(visitor, case, "0")
    visitor.go(at(case, "paper"))
    assert "The letter" in visitor.text
    visitor.say(at(case, "paper", "send"))
    assert attempt(case, "paper").status == "open"


def test_the_one_document_of_a_step_is_sent(visitor, case):
    answer(visitor, case, "0")
    paper = SimpleUploadedFile("letter.pdf", corpus.typeset(), content_type="application/pdf")
    visitor.say(at(case, "paper", "letter", "send"), file=[paper])
    cleared()
    visitor.say(at(case, "paper", "send"))
    assert attempt(case, "paper").status == "done"
