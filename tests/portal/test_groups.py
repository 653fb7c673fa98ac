"""Pages that repeat: owners are added, changed, removed and put back, each on a page of its own, without scripts."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import groups, queries
from pridvor.cases.models import Answer, Case
from pridvor.journeys import entries
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from tests.conftest import CARMEN, client_of, publish
from tests.portal.conftest import at, visitor_of

pytestmark = pytest.mark.django_db

JOURNEY = """
journey: opening
title: {en: Opening, ro: Deschidere}
opens: client
expires: 30 days
forms:
  owners:
    owners:
      title: {en: Who owns the company, ro: Cine deține firma}
      repeat: {min: 1, max: 3}
      entry: {en: Owner, ro: Asociat}
      add: {en: Add an owner, ro: Adaugă un asociat}
      check:
        rule: sum(share) <= 100
        message: {en: The shares come to more than 100 %., ro: Cotele depășesc 100 %.}
      fields:
        name: {personal: true, label: {en: Name, ro: Numele}}
        share: {type: int, label: {en: Share, ro: Cota}}
        how: {label: {en: How is control exercised, ro: Cum se exercită controlul}, when: entry.share > 50}
    many:
      title: {en: Why so many, ro: De ce atât de mulți}
      when: form.owners_count > 2
      fields:
        why: {label: {en: Reason, ro: Motivul}}
stages:
  papers:
    steps:
      owners: {form: owners}
      look: {review: papers, if correct: {redo: owners, limit: 3}}
      second: {review: papers, when: owners.owners_count > 1, if correct: {redo: owners, limit: 3}}
"""


def opened(person, **company):
    return cases.open_case(
        publish(JOURNEY),
        client_of(person, **company),
        person,
        language="en",
        actor=Actor("client", str(person.subject)),
        now=clock.now(),
    )


@pytest.fixture
def case(ana):
    return opened(ana)


@pytest.fixture
def visitor(case, ana):
    return visitor_of(ana)


def add(visitor, case, name, share, **more):
    return visitor.say(at(case, "owners", "owners", "new"), name=name, share=share, **more)


def go_on(visitor, case):
    return visitor.say(at(case, "owners", "owners"))


def test_entries_are_added_and_shown(visitor, case):
    visitor.go(at(case, "owners"))
    assert "Nothing here yet" in visitor.text
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    assert visitor.at == at(case, "owners", "owners")
    assert "Owner 1" in visitor.text
    assert "Name: Maria Ionescu Share: 30" in visitor.text
    go_on(visitor, case)
    assert visitor.at == at(case, "owners", "check")
    assert "Name: Ion Popescu" in visitor.text


def test_too_few_is_said_before_it_goes_on(visitor, case):
    go_on(visitor, case)
    assert "Please add 1 more" in visitor.text


def test_more_than_the_journey_allows_are_refused(visitor, case):
    for number in range(1000 // 100):
        add(visitor, case, f"Owner {number}", "1")
    assert "There can be at most 3" in visitor.text
    assert entries.present("owners", queries.entered(case, "owners")) == [1, 2, 3]


def test_the_numbers_of_one_page_run_out_before_a_table_fills(visitor, case, ana):
    known = {entries.name("owners", number): False for number in range(1, entries.MOST_EVER + 1)}
    cases.save_draft(case, "owners", known, now=clock.now())
    add(visitor, case, "One more", "1")
    assert "There can be at most 3" in visitor.text


def test_what_all_of_them_must_fulfil_is_checked_together(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "51", how="By vote")
    go_on(visitor, case)
    assert "The shares come to more than 100 %." in visitor.text
    visitor.say(at(case, "owners", "owners", "2"), name="Maria Ionescu", share="50")
    go_on(visitor, case)
    assert visitor.at == at(case, "owners", "check")


def test_a_question_of_an_entry_depends_on_its_own_answers(visitor, case):
    add(visitor, case, "Ion Popescu", "80", shown=["name", "share"])
    assert "How is control exercised" in visitor.text
    assert "Your answer brings up one more question" in visitor.text
    add(visitor, case, "Ion Popescu", "80", how="By vote", shown=["name", "share", "how"])
    visitor.say(
        at(case, "owners", "owners", "1"), name="Ion Popescu", share="20", shown=["name", "share", "how"]
    )
    assert "By vote" not in visitor.text
    assert "owners[1].how" not in queries.entered(case, "owners")


def test_a_removed_entry_can_be_put_back_and_its_number_is_never_given_again(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    visitor.say(at(case, "owners", "owners", "1", "remove"))
    assert "Removed: Owner 1" in visitor.text
    assert "Ion Popescu" not in visitor.text
    add(visitor, case, "Radu Pop", "10")
    assert "Owner 3" in visitor.text
    visitor.say(at(case, "owners", "owners", "1", "restore"))
    assert "Name: Ion Popescu" in visitor.text


def send(visitor, case):
    go_on(visitor, case)
    visitor.say(at(case, "owners", "check"))
    assert queries.attempt(case, "owners").status == "done"


def test_a_removed_entry_is_not_sent(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    visitor.say(at(case, "owners", "owners", "1", "remove"))
    send(visitor, case)
    assert "owners[1].share" not in queries.answers(case)
    assert "owners[1].name" not in queries.personal_refs(case)
    assert queries.answers(case)["owners[1]"] is False


def test_conditions_see_how_many_there_are(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    add(visitor, case, "Radu Pop", "10")
    go_on(visitor, case)
    assert visitor.at == at(case, "owners", "many")
    visitor.say(at(case, "owners", "many"), why="We are a family")
    visitor.say(at(case, "owners", "check"))
    cases.complete(queries.attempt(case, "look"), "approve", actor=CARMEN, now=clock.now())
    assert queries.attempt(case, "second").status == "open"


def test_names_stand_in_the_vault_alone(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    send(visitor, case)
    row = Answer.objects.get(case=case, field="owners[1].name")
    assert row.value is None
    assert row.ref


def test_an_entry_is_corrected_by_itself_after_it_was_sent(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    send(visitor, case)
    visitor.say(at(case, "owners", "owners", "2"), name="Maria Ionescu", share="40")
    assert "Corrected" in visitor.text
    answers = queries.answers(case)
    assert (answers["owners[1].share"], answers["owners[2].share"]) == (50, 40)
    given = {row.field: row for row in queries.given(case, "en")}
    assert given["owners[2].share"].earlier == (30,)
    assert given["owners[2].share"].label == "Owner 2 · Share"
    assert not given["owners[1].share"].changed


def test_a_correction_keeps_to_the_rules_of_the_whole(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    send(visitor, case)
    visitor.say(at(case, "owners", "owners", "1", "remove"))
    assert "At least 1 must stay" in visitor.text
    add(visitor, case, "Maria Ionescu", "90", how="By vote")
    assert "The shares come to more than 100 %." in visitor.text
    assert set(queries.answers(case)) == {"owners[1]", "owners[1].share"}


def test_a_removal_after_sending_takes_the_answers_away_and_is_still_told_of(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    send(visitor, case)
    visitor.say(at(case, "owners", "owners", "1", "remove"))
    case = Case.objects.get(pk=case.pk)
    assert case.values["owners.owners_count"] == 1
    assert "owners[1].name" not in queries.personal_refs(case)
    told = {row.field: row for row in queries.given(case, "en")}["owners[1].share"]
    assert (told.value, told.earlier) == (None, (50,))


@pytest.mark.parametrize("number", ["2", "99", "999", "0", "123456789"])
def test_an_entry_that_is_not_there_is_not_found(visitor, case, number):
    add(visitor, case, "Ion Popescu", "50")
    for verb in ((), ("remove",), ("restore",)):
        answer = visitor.post(at(case, "owners", "owners", number, *verb), {"name": "X"})
        assert answer.status_code in (200, 302, 404)
    assert entries.present("owners", queries.entered(case, "owners")) == [1]
    assert queries.entered(case, "owners")["owners[1].share"] == 50


def test_anothers_entry_does_not_exist(case, visitor, emil):
    add(visitor, case, "Ion Popescu", "50")
    stranger = visitor_of(emil)
    for verb in ((), ("remove",), ("restore",)):
        assert stranger.post(at(case, "owners", "owners", "1", *verb)).status_code == 404
    assert stranger.get(at(case, "owners", "owners", "1")).status_code == 404
    assert stranger.post(at(case, "owners", "owners", "new"), {"name": "X", "share": "1"}).status_code == 404


def test_a_post_cannot_smuggle_answers_of_entries_that_nobody_added(visitor, case, ana):
    add(visitor, case, "Ion Popescu", "50")
    attempt = queries.attempt(case, "owners")
    smuggled = {**queries.entered(case, "owners"), "owners[7].share": 50, "owners[x]": True, "rows[1]": True}
    cases.submit(attempt, smuggled, {"owners[7].name": "X"}, actor=CARMEN, now=clock.now())
    assert "owners[7].share" not in queries.answers(case)
    assert "owners[7].name" not in queries.personal_refs(case)


def test_two_people_change_two_entries_and_neither_is_lost(visitor, case, ana):
    add(visitor, case, "Ion Popescu", "50")
    add(visitor, case, "Maria Ionescu", "30")
    actor = Actor("client", str(ana.subject))
    for number, share in ((1, 40), (2, 20)):
        groups.change_entry(
            Case.objects.get(pk=case.pk),
            "owners",
            "owners",
            number,
            {"share": share},
            actor=actor,
            now=clock.now(),
        )
    known = queries.entered(case, "owners")
    assert (known["owners[1].share"], known["owners[2].share"]) == (40, 20)


def test_huge_values_are_refused_in_words(visitor, case):
    add(visitor, case, "x" * 100_000, "9" * 5_000)
    assert visitor.at == at(case, "owners", "owners", "new")
    assert "at most 200" in visitor.text
    assert entries.present("owners", queries.entered(case, "owners")) == []


def test_one_page_can_be_asked_again(visitor, case):
    add(visitor, case, "Ion Popescu", "50")
    send(visitor, case)
    cases.complete(
        queries.attempt(case, "look"),
        "correct",
        actor=CARMEN,
        now=clock.now(),
        targets=["owners"],
        wanted={"owners": ["owners"]},
        reasons=[{"step": "owners", "item": "owners", "code": "x"}],
    )
    visitor.go(at(case, "owners"))
    assert visitor.at == at(case, "owners", "owners")
    assert "Please look at this again" in visitor.text
    visitor.say(at(case, "owners", "owners", "1"), name="Ion Popescu", share="40")
    send(visitor, case)
    assert queries.answers(case)["owners[1].share"] == 40


def test_a_page_that_may_stay_empty_can_still_be_reached(ana):
    journey = JOURNEY.replace("min: 1", "min: 0").replace("journey: opening", "journey: maybe")
    case = cases.open_case(
        publish(journey),
        client_of(ana),
        ana,
        language="en",
        actor=Actor("client", str(ana.subject)),
        now=clock.now(),
    )
    visitor = visitor_of(ana)
    go_on(visitor, case)
    assert visitor.at == at(case, "owners", "check")
    assert "Nothing here yet" in visitor.text
    assert at(case, "owners", "owners") in visitor.text


@pytest.mark.parametrize("typed", ["33,34", "33.34"])
def test_parts_of_a_percent_add_up_and_are_read_as_they_are_written(ana, typed):
    journey = JOURNEY.replace("{type: int, label: {en: Share", "{type: number, label: {en: Share").replace(
        "<= 100", "<= 100.0"
    )
    journey = journey.replace("entry.share > 50", "entry.share > 50.0").replace(
        "journey: opening", "journey: parts"
    )
    case = cases.open_case(
        publish(journey),
        client_of(ana),
        ana,
        language="ro",
        actor=Actor("client", str(ana.subject)),
        now=clock.now(),
    )
    visitor = visitor_of(ana)
    visitor.defaults["HTTP_ACCEPT_LANGUAGE"] = "ro"
    for share in ("33,33", "33.33", typed):
        add(visitor, case, "Ion Popescu", share)
    go_on(visitor, case)
    assert visitor.at == at(case, "owners", "many")
    visitor.go(at(case, "owners", "owners", "3"))
    assert 'value="33,34"' in visitor.text
    visitor.say(at(case, "owners", "owners", "3"), name="Ion Popescu", share="33,35")
    go_on(visitor, case)
    assert "100 %" in visitor.text
