"""What a client entered, as staff read it: entry by entry, with what stood there before and how it was asked."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import groups, moving, queries
from pridvor.cases.models import Case
from pridvor.lib.actor import Actor
from tests.conftest import NOW, client_of, publish
from tests.portal.test_groups import JOURNEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(ana):
    return Actor("client", str(ana.subject))


@pytest.fixture
def case(ana, ours):
    case = cases.open_case(publish(JOURNEY), client_of(ana), ana, language="en", actor=ours, now=NOW)
    for name, share in (("Ion Popescu", 50), ("Maria Ionescu", 30)):
        groups.add_entry(case, "owners", "owners", {"name": name, "share": share}, actor=ours, now=NOW)
    given = {**queries.entered(case, "owners")}
    names = {"owners[1].name": "Ion Popescu", "owners[2].name": "Maria Ionescu"}
    cases.submit(queries.attempt(case, "owners"), given, names, actor=ours, now=NOW)
    return Case.objects.get(pk=case.pk)


def test_each_entry_stands_by_itself(carmen, case):
    page = carmen.text(f"/desk/cases/{case.public_id}/")
    assert "Owner 1 · Name" in page
    assert "Maria Ionescu" in page
    assert "asked as:" not in page


def test_what_stood_before_is_shown_for_the_entry_that_changed(carmen, case, ours):
    change = {"name": "Maria Ionescu-Pop", "share": 40}
    groups.change_entry(case, "owners", "owners", 2, change, actor=ours, now=NOW)
    page = carmen.text(f"/desk/cases/{case.public_id}/")
    assert "<del>Maria Ionescu</del>" in page
    assert "<del>30</del>" in page
    assert "<del>50</del>" not in page


def test_an_answer_keeps_the_words_of_its_question(carmen, case):
    version = publish(
        JOURNEY.replace("label: {en: Share, ro: Cota}", "label: {en: Share of votes, ro: Cota}")
    )
    moving.move(case, version, actor=Actor("staff", "x", "manager"), now=NOW)
    page = carmen.text(f"/desk/cases/{case.public_id}/")
    assert "Owner 1 · Share of votes" in page
    assert page.count("«Share»") == 2


PLAIN = """
journey: plain
forms:
  wish:
    wish:
      title: {en: Wish}
      fields:
        credit: {type: int, label: {en: Credit}}
        limit: {type: int, label: {en: Limit}}
        country: {type: country, label: {en: Country}}
stages: {all: {steps: {wish: {form: wish}, look: {todo: look}}}}
"""


def test_nought_thousands_and_countries_are_written_as_people_write_them(carmen, ana, ours):
    found = cases.open_case(publish(PLAIN), client_of(ana), ana, language="en", actor=ours, now=NOW)
    answers = {"credit": 0, "limit": 12000, "country": "AT"}
    cases.submit(queries.attempt(found, "wish"), answers, {}, actor=ours, now=NOW)
    page = carmen.text(f"/desk/cases/{found.public_id}/")
    for said in (">0<", ">12,000<", ">Austria<"):
        assert said in page
