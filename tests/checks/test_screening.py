"""Sanctions screening: a list is asked, a person adjudicates, and a candidate is put to people once."""

import json

import pytest
from django.db import DatabaseError, transaction

from pridvor.cases import actions as cases
from pridvor.checks import screening
from pridvor.checks.models import Adjudication, Candidate, Finding, Screening
from pridvor.checks.screening import Standing
from pridvor.connectors import queries as connected
from pridvor.connectors.models import Call, Try
from pridvor.privacy import erasing
from pridvor.vault.models import Look
from tests.conftest import CARMEN, CRISTINA, REFUSED
from tests.screened import DAN, LISTED, Screened, listed, switch

pytestmark = pytest.mark.django_db


def findings(ours):
    return list(Finding.objects.filter(case=ours.case).values_list("code", flat=True))


def test_somebody_who_is_on_no_list_goes_through_without_a_person(ana):
    ours = Screened(ana)
    assert (ours.status("sanctions"), ours.candidates(), findings(ours)) == ("done ok", [], [])
    made = Screening.objects.get(case=ours.case)
    assert (made.dataset, made.algorithm, made.threshold, made.cause) == (
        "screening",
        "logic-v2",
        0.7,
        "step",
    )
    assert (made.version, made.engine) == ("20261101000000-fic", "yente stand-in")
    assert set(made.sought) == {"company", "contact_name"}


def test_a_name_that_is_like_an_entry_goes_to_a_person(ana):
    ours = Screened(ana, LISTED)
    (found,) = ours.candidates()
    assert (found.subject, found.entry, found.topics) == (
        "contact_name",
        "demo-vadim-intunecatu",
        ["sanction"],
    )
    assert findings(ours) == ["sanctions-candidate"]
    assert ours.open("adjudicate@sanctions")
    assert screening.reveal([found], actor=CRISTINA, now=ours.time())[found.public_id]["caption"] == LISTED


def test_the_company_is_looked_for_as_well(ana):
    ours = Screened(ana, company="Corbul Negru Trading SRL")
    assert [one.subject for one in ours.candidates()] == ["company"]


def test_nobodys_name_stands_in_a_table(ana):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA, why="Vadim Intunecatu is from Tighina, ours from Onești.")
    rows = [
        list(model.objects.values()) for model in (Screening, Candidate, Adjudication, Finding, Call, Try)
    ]
    held = str(rows) + str(list(ours.case.events.values_list("data", flat=True)))
    for word in ("Întunecatu", "Intunecatu", "Tighina", "Onești"):
        assert word not in held


def test_looking_for_a_person_is_written_into_the_access_ledger(ana):
    ours = Screened(ana)
    looks = Look.objects.filter(subject=ours.case.subject, purpose="sanctions screening")
    assert [row.fields for row in looks] == [["contact_name"]]


@pytest.mark.parametrize("model", [Screening, Candidate, Adjudication])
def test_what_was_found_and_said_is_never_changed(ana, model):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA)
    rows = model._base_manager.all()
    for act in (lambda: rows.update(id=7), lambda: rows._raw_delete("default")):
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            act()


# -- adjudicating


def test_the_review_goes_on_once_every_candidate_is_somebody_else(ana):
    ours = Screened(ana, LISTED, company="Corbul Negru Trading SRL")
    ours.say("different", CRISTINA, entry="demo-corbul-negru")
    with pytest.raises(cases.Refused, match="candidates-open"):
        ours.review("approve", CRISTINA)
    assert ours.say("different", CRISTINA, entry="demo-vadim-intunecatu") == Standing.DIFFERENT
    ours.review("approve", CRISTINA).review("approve", DAN)
    assert ours.open("welcome")


def test_the_review_closes_the_case_only_when_somebody_is_the_same(ana):
    ours = Screened(ana, LISTED)
    with pytest.raises(cases.Refused, match="no-candidate-same"):
        ours.review("reject", CRISTINA)
    assert ours.say("same", CRISTINA) == Standing.PROPOSED
    ours.review("reject", CRISTINA)
    assert ours.fresh().state == "open", "the second person's word is missing"
    ours.review("reject", DAN)
    assert ours.fresh().end == "declined"


def test_where_the_review_asks_one_person_the_candidate_asks_two(ana):
    ours = Screened(ana, LISTED, second=False)
    ours.say("same", CRISTINA)
    with pytest.raises(cases.Refused, match="no-candidate-same"):
        ours.review("reject", CRISTINA)
    with pytest.raises(cases.Refused, match="second-person-must"):
        ours.say("same", CRISTINA)
    assert ours.say("same", DAN) == Standing.SAME
    assert not ours.fresh().is_paused, "the review decides what follows"
    ours.review("reject", CRISTINA)
    assert ours.fresh().end == "declined"


def test_what_two_people_have_said_stands(ana):
    ours = Screened(ana, LISTED)
    ours.say("same", CRISTINA)
    ours.say("same", DAN)
    with pytest.raises(cases.Refused, match="no-longer-open"):
        ours.say("different", CARMEN)


def test_a_second_person_may_think_otherwise_and_all_words_are_kept(ana):
    ours = Screened(ana, LISTED)
    ours.say("same", CRISTINA)
    assert ours.say("different", DAN) == Standing.DIFFERENT
    assert ours.say("same", DAN) == Standing.PROPOSED, "the count begins anew"
    assert [row.verdict for row in screening.words_on(ours.candidates()[0])] == ["same", "different", "same"]


# -- once


def test_nobody_is_asked_twice_about_the_same_name_and_the_same_entry(ana):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA)
    again = Screened(ana, LISTED, client=ours.case.client)
    assert (again.status("sanctions"), len(again.candidates())) == ("done ok", 1)


def test_another_client_with_the_same_name_is_another_question(ana, emil):
    Screened(ana, LISTED).say("different", CRISTINA)
    other = Screened(emil, LISTED, cui="48219502", vat="", company="SC Alta SRL")
    assert other.open("adjudicate@sanctions")


def test_an_entry_that_says_something_new_is_asked_about_again(ana):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA)
    listed("demo-vadim-intunecatu", LISTED, birthDate=["1990-01-01"])
    assert Screened(ana, LISTED, client=ours.case.client).open("adjudicate@sanctions")


def test_a_name_that_was_corrected_is_asked_about_again(ana):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA)
    assert Screened(ana, "Vadim Ion Întunecatu", client=ours.case.client).open("adjudicate@sanctions")


# -- lists that do not answer, and other lists


def test_while_the_list_does_not_answer_the_check_waits_and_then_goes_on(ana):
    switch("down")
    ours = Screened(ana, LISTED)
    (waiting,) = connected.waiting(ours.case)
    assert (waiting.step, waiting.peer, waiting.failing) == ("sanctions", "screening", True)
    ours.later(minutes=20)
    assert ours.open("sanctions"), "nobody passes because nobody answers"
    assert "call.delayed" not in ours.events(), "the client is not told whom we ask about them"
    switch("ok")
    ours.later(minutes=15)
    assert ours.open("adjudicate@sanctions")


def test_a_list_that_is_silent_for_a_day_leaves_it_to_a_person(ana):
    switch("down")
    ours = Screened(ana)
    for _ in range(26):
        ours.later(hours=1)
    assert findings(ours) == ["sanctions-not-asked"]
    ours.review("approve", CRISTINA).review("approve", DAN)
    assert ours.open("welcome")


def test_a_list_in_a_file_is_read_at_once(ana, settings, tmp_path):
    path = tmp_path / "un.csv"
    path.write_text("id,name\n7,Ana Pop\n", "utf-8")
    settings.SANCTIONS = str(path)
    ours = Screened(ana)
    assert not Call.objects.filter(case=ours.case).exists()
    assert [(one.entry, one.screening.dataset, one.screening.algorithm) for one in ours.candidates()] == [
        ("7", "un", "words")
    ]


def test_without_any_list_a_person_screens(ana, settings):
    settings.SANCTIONS, settings.DEMO = "", False
    ours = Screened(ana)
    assert findings(ours) == ["sanctions-no-list"]
    ours.review("approve", CRISTINA).review("approve", DAN)
    assert ours.open("welcome")


def test_a_test_asks_nobodys_real_list(ana, settings):
    settings.DEMO = False
    settings.SERVICES = {"screening": {"url": "yente+http://127.0.0.1:9/sanctions"}}
    assert Screened(ana, LISTED, is_test=True).open("adjudicate@sanctions")


def test_the_call_ledger_tells_how_many_were_asked_for_and_no_name_of_a_person(ana):
    ours = Screened(ana, LISTED)
    (one,) = Try.objects.filter(call__case=ours.case)
    assert json.dumps(one.request, ensure_ascii=False).count("V… Î…") == 1
    assert (one.answer["asked"], one.answer["candidates"]) == (2, 1)


def test_what_waits_for_a_person_is_listed_until_it_is_decided(ana):
    ours = Screened(ana, LISTED)
    assert list(screening.undecided().values()) == [Standing.OPEN]
    ours.say("same", CRISTINA)
    assert list(screening.undecided().values()) == [Standing.PROPOSED]
    ours.say("different", DAN)
    assert screening.undecided() == {}


def test_of_a_client_who_left_nothing_waits(ana):
    ours = Screened(ana, LISTED)
    cases.withdraw(ours.case, actor=ours.me, now=ours.time())
    assert screening.undecided() == {}


def test_of_somebody_who_was_erased_nothing_can_be_said_any_more(ana):
    ours = Screened(ana, LISTED)
    erasing.erase_wholly(ana, actor=CRISTINA, reason="asked", now=ours.time())
    with pytest.raises(cases.Refused, match="no-longer-open"):
        ours.say("different", CRISTINA)
    assert screening.reveal(ours.candidates(), actor=CRISTINA, now=ours.time()) == {}


def test_an_answer_that_comes_after_the_erasure_is_not_kept(ana):
    switch("down")
    ours = Screened(ana, LISTED)
    erasing.erase_wholly(ana, actor=CRISTINA, reason="asked", now=ours.time())
    switch("ok")
    ours.later(hours=1)
    assert not Screening.objects.filter(case=ours.case).exists()


def test_what_is_sealed_is_in_use(ana):
    ours = Screened(ana, LISTED)
    ours.say("different", CRISTINA)
    refs = {ours.candidates()[0].ref, Adjudication.objects.get().ref}
    assert screening.in_use(refs) == refs
