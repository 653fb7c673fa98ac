"""Erasing somebody: whole where nothing must be kept, in part where a law binds, with a letter either way."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.clients import sign_in
from pridvor.clients.models import Contact, SignIn
from pridvor.lib import outside
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message, MessageState
from pridvor.privacy import erasing, letters, requests, rules
from pridvor.privacy.models import Entry, Request
from pridvor.vault import erasures
from pridvor.vault import queries as vault
from tests.conftest import CRISTINA, NOW, actor_of
from tests.privacy.conftest import PERSONAL, Story, stored

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def ask(person, now=NOW):
    return requests.ask_erasure(person, language="en", actor=actor_of(person), now=now)


def carried_out(request, now=NOW):
    requests.carry_out(now=now + timedelta(days=1))
    return Request.objects.get(pk=request.pk)


def end_contract(case, day):
    rules.end_relationship(case.client, day, actor=CRISTINA, now=NOW)


def test_what_nothing_binds_is_decided_at_once_and_goes_wholly(
    filed, tmp_path, django_capture_on_commit_callbacks
):
    story = filed.noted()
    assert len(stored(tmp_path)) == 2
    request = ask(story.person)
    assert (request.state, request.outcome) == ("decided", "whole")
    assert story.revealed()["phone"] == PERSONAL["phone"], "the letter has not left yet"
    with django_capture_on_commit_callbacks(execute=True):
        done = carried_out(request)
    assert done.state == "over"
    assert story.revealed() == {}
    assert vault.is_erased(story.person.subject)
    assert stored(tmp_path) == []
    assert Case.objects.get(pk=story.case.pk).end == "withdrawn"


def test_the_key_goes_when_the_letter_has_left_and_not_before(story):
    request = ask(story.person)
    assert requests.carry_out(now=NOW + timedelta(hours=1)) == 0
    Message.objects.filter(template="erasure-decided").update(state=MessageState.SENT, sent_at=NOW)
    assert requests.carry_out(now=NOW + timedelta(hours=1)) == 1
    assert Request.objects.get(pk=request.pk).state == "over"


def test_nothing_beside_the_vault_is_left(story):
    session = SessionStore()
    session["person"] = str(story.person.subject)
    session.save()
    cases.save_draft(Story(story.person).case, "about", {"role": "x"}, now=NOW)
    notifications.send_code(sign_in.ask("ana@electroinstal.example", language="en", now=NOW), now=NOW)
    carried_out(ask(story.person))
    assert Session.objects.count() == SignIn.objects.count() == Contact.objects.count() == 0
    assert not Message.objects.filter(state=MessageState.QUEUED).exists()
    assert not Case.objects.filter(drafts__isnull=False).exists()


def test_whoever_is_erased_is_on_the_list_outside_the_database(story, settings, tmp_path):
    settings.OUTSIDE = [tmp_path]
    carried_out(ask(story.person))
    erasures.keep_list()
    assert [entry["subject"] for entry in outside.read(tmp_path, erasures.LIST)] == [
        str(story.person.subject)
    ]


def test_another_person_keeps_everything(story, emil):
    his = Story(emil, name="Alta Firma SRL", cui="14399840", vat="").answered()
    carried_out(ask(story.person))
    assert his.revealed()["phone"] == PERSONAL["phone"]


def test_while_a_contract_is_in_force_only_what_it_does_not_need_goes(story):
    story.noted().approved()
    request = ask(story.person)
    assert request.state == "asked", "a person decides"
    decided = requests.decide(request, actor=CRISTINA, now=NOW)
    assert decided.outcome == "partial"
    assert decided.facts["going"] == {"communication": 1}
    assert {kept["category"]: kept["until"] for kept in decided.facts["kept"]} == {
        "contact": "",
        "identification": "",
        "payment": "",
    }
    done = carried_out(decided)
    assert done.facts["removed"] == {"communication": 1}
    assert story.revealed()["iban"] == PERSONAL["iban"]


@pytest.mark.parametrize(
    ("years_after", "kept"),
    [
        (0.4, {"contact", "identification", "payment"}),  # the DSA's six months
        (4, {"contact", "identification", "payment"}),  # customer due diligence, accounting
        (6, {"payment"}),  # accounting alone
        (11, set()),
    ],
)
def test_each_item_is_kept_as_long_as_its_own_law_says(story, years_after, kept):
    story.approved()
    end_contract(story.case, TODAY)
    day = TODAY + relativedelta(months=round(12 * years_after))
    found = erasing.assess(story.person, today=day)
    assert {one.category for one in found.kept} == kept


def test_an_item_is_kept_until_the_last_of_its_rules_runs_out(story):
    story.approved()
    end_contract(story.case, date(2024, 2, 29))
    found = {kept.category: kept for kept in erasing.assess(story.person, today=TODAY).kept}
    assert {category: kept.until for category, kept in found.items()} == {
        "contact": date(2029, 2, 28),
        "identification": date(2029, 2, 28),
        "payment": date(2034, 2, 28),
    }
    assert [hold.rule.key for hold in found["identification"].holds] == ["aml"]


def test_a_rule_that_the_administrator_changed_counts_at_once(story):
    story.approved()
    end_contract(story.case, TODAY)
    known = {rule.key: rule for rule in rules.table()}
    for key in ("aml", "accounting", "dsa"):
        rules.change(known[key], months=0, active=True, actor=CRISTINA, now=NOW)
    assert erasing.assess(story.person, today=TODAY).outcome == "whole"
    assert Entry.objects.filter(kind="rule.changed").count() == 3


@pytest.mark.parametrize("months", [-1, 1201])
def test_a_rule_takes_no_impossible_time(months):
    with pytest.raises(rules.Impossible):
        rules.change(rules.table()[0], months=months, active=True, actor=CRISTINA, now=NOW)


def test_what_is_declined_may_be_erased_at_once(story):
    story.declined()
    assert ask(story.person).outcome == "whole"


def test_nobody_asks_twice(story):
    story.approved()
    ask(story.person)
    with pytest.raises(requests.Already):
        ask(story.person)


def test_a_request_can_be_taken_back_until_it_is_decided(story):
    story.approved()
    request = ask(story.person)
    requests.withdraw(request, actor=story.me, now=NOW)
    with pytest.raises(requests.NotNow):
        requests.decide(request, actor=CRISTINA, now=NOW)


def test_a_month_is_given_and_those_who_decide_are_warned_once(story):
    Staff.objects.create_user("cristina@arcada.example", name="Cristina", role="compliance")
    story.approved()
    request = ask(story.person)
    assert request.due_at.date() == date(2026, 12, 24)
    assert requests.warn(now=NOW) == 0
    assert requests.warn(now=NOW + timedelta(days=24)) == 1
    assert requests.warn(now=NOW + timedelta(days=25)) == 0


def test_the_refusal_names_basis_day_and_remedies_and_nobody(story):
    story.approved()
    end_contract(story.case, TODAY)
    request = requests.decide(ask(story.person), actor=CRISTINA, now=NOW)
    for language, words in {
        "en": ("Law 129/2019 Art. 21", "24 November 2031", "complain", "court"),
        "ro": ("Legea nr. 129/2019 art. 21", "24 noiembrie 2031", "ANSPDCP", "instanț"),
    }.items():
        said = str(letters.decision(request, language).blocks)
        assert [word for word in words if word not in said] == []
        assert [value for value in PERSONAL.values() if value in said] == []
        assert letters.decision_pdf(request, language)[:5] == b"%PDF-"


def test_what_is_outside_is_named_and_ticked_off(story):
    request = ask(story.person)
    Request.objects.filter(pk=request.pk).update(facts={**request.facts, "outside": ["erp"]})
    requests.told(request, "erp", actor=CRISTINA, now=NOW)
    assert Request.objects.get(pk=request.pk).facts["told"] == ["erp"]
    with pytest.raises(requests.NotNow):
        requests.told(request, "erp", actor=CRISTINA, now=NOW)
    request.refresh_from_db()
    said = str(letters.decision(request, "en").blocks)
    assert "Who else received data of yours" in said
    assert "'ERP', 'somebody of the company sees to it there', 'done', '–'" in said


def test_a_contract_made_between_letter_and_erasure_holds_it_back(story):
    request = ask(story.person)
    story.approved()
    held = carried_out(request)
    assert (held.state, held.outcome) == ("asked", "")
    assert story.revealed()["phone"] == PERSONAL["phone"]
    again = requests.decide(held, actor=CRISTINA, now=NOW + timedelta(days=2))
    assert again.outcome == "refused"
    assert Message.objects.filter(template="erasure-decided").count() == 2
