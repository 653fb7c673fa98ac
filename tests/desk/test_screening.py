"""Candidates at the desk: what is shown beside what we know, who may decide, and what is refused in words."""

import pytest

from pridvor.accounts.models import Region, Staff
from pridvor.checks.models import Adjudication
from pridvor.vault.models import Look
from tests.desk.conftest import Desk, staff
from tests.screened import LISTED, Screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def cristina(db):
    return Desk(staff("compliance"))


@pytest.fixture
def ours(ana):
    return Screened(ana, LISTED)


def path(ours):
    return f"/desk/cases/{ours.case.public_id}/screening/"


def say(desk, ours, verdict, why="Born in 1990, and not in 1961."):
    row = ours.candidates()[0]
    said = {"verdict": verdict, "why": why}
    return desk.post(f"{path(ours)}{row.public_id}/", said, follow=True).content.decode()


def test_what_waits_is_listed_without_a_name_of_a_person(cristina, ours):
    shown = cristina.text("/desk/screening/")
    assert "SC Electro Instal SRL" in shown
    assert "demo-vadim-intunecatu" in shown
    assert "Întunecatu" not in shown


def test_a_candidate_stands_beside_what_we_know(cristina, ours):
    shown = cristina.text(path(ours))
    for words in (
        LISTED,
        "Вадим Интунекату",
        "28 Feb 1961",
        "Moldova",
        "sanctioned",
        "100 %",
        "names 100 %",
        "fictional_eu",
    ):
        assert words in shown
    assert "20261101000000-fic" in shown


def test_looking_at_names_is_written_into_the_access_ledger(cristina, ours):
    before = Look.objects.filter(actor_kind="staff").count()
    cristina.text(path(ours))
    looks = list(Look.objects.filter(actor_kind="staff").order_by("id"))[before:]
    assert {field for look in looks for field in look.fields} == {"contact_name", "sanctions_entry"}


def test_a_verdict_needs_a_reason(cristina, ours):
    assert "Say why" in say(cristina, ours, "different", why=" ")
    kept = say(cristina, ours, "perhaps", why="Born elsewhere")
    assert "Born elsewhere</textarea>" in kept, "what was typed is not lost"
    assert not Adjudication.objects.exists()


def test_somebody_else_is_decided_by_one_and_shown_with_the_reason(cristina, ours):
    say(cristina, ours, "different")
    shown = cristina.text(path(ours))
    assert "somebody else" in shown
    assert "Born in 1990, and not in 1961." in shown
    assert "Compliance Ionescu" in shown
    assert "Nothing to decide" in cristina.text("/desk/screening/")


def test_the_same_is_decided_by_two(cristina, ours):
    assert "a second must confirm" in say(cristina, ours, "same")
    assert "A second person must confirm this." in say(cristina, ours, "same")
    other = Desk(staff("compliance", "other@arcada.example"))
    say(other, ours, "same")
    assert "a second must confirm" not in other.text(path(ours))


def test_the_review_is_refused_in_words_until_all_is_decided(cristina, ours):
    page = cristina.decide(ours.case, "approve", step="adjudicate@sanctions").content.decode()
    assert "Say first of each candidate" in page
    assert ours.open("adjudicate@sanctions")


def test_the_case_leads_to_its_candidates_whoever_may_decide_them(cristina, ours):
    at_case = f"/desk/cases/{ours.case.public_id}/"
    assert path(ours) in cristina.text(at_case)
    operator = Desk(staff("operator"))
    shown = operator.text(at_case)
    assert path(ours) not in shown
    assert "candidates: 1, to be decided: 1" in shown


def test_the_candidate_of_another_case_does_not_exist(cristina, ours, emil):
    other = Screened(emil, LISTED, cui="48219502", vat="", company="SC Alta SRL")
    row = other.candidates()[0]
    answer = cristina.post(f"{path(ours)}{row.public_id}/", {"verdict": "same", "why": "x"})
    assert answer.status_code == 404


def test_a_case_of_another_region_is_not_to_be_decided(ana):
    Region.objects.create(code="here", name={"en": "Here"}, covers=["RO"])
    ours, far = Screened(ana, LISTED), staff("compliance", "far@arcada.example")
    Staff.objects.filter(pk=far.pk).update(regions=["elsewhere"])
    assert Desk(Staff.objects.get(pk=far.pk)).get(path(ours)).status_code == 404
    assert Desk(staff("compliance")).get(path(ours)).status_code == 200


def test_the_history_says_what_was_decided_in_the_readers_words(cristina, ours):
    say(cristina, ours, "different")
    assert "Candidate demo-vadim-intunecatu: somebody else" in cristina.text(
        f"/desk/cases/{ours.case.public_id}/"
    )
