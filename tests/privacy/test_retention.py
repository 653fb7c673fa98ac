"""Six years pass: what is past its time goes by itself, and not a day before."""

from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta

from pridvor.cases import actions as cases
from pridvor.clients import sign_in
from pridvor.clients.models import Person, SignIn
from pridvor.documents import actions as documents
from pridvor.privacy import retention, rules
from pridvor.privacy.models import Entry
from pridvor.vault import queries as vault
from pridvor.vault.models import Look
from tests.conftest import CRISTINA, NOW, person
from tests.privacy.conftest import PERSONAL, Story, stored

pytestmark = pytest.mark.django_db


def later(**time):
    return NOW + relativedelta(**time)


def swept(**time):
    return retention.sweep(now=later(**time))


def is_gone(story):
    return vault.is_erased(story.person.subject)


def test_what_was_declined_goes_after_a_year(story):
    story.declined()
    assert swept(months=12, days=-1).persons == 0
    assert swept(months=12).persons == 1
    assert is_gone(story)
    assert story.revealed() == {}


def test_what_led_to_nothing_goes_after_a_month(story):
    cases.withdraw(story.case, actor=story.me, now=NOW)
    assert swept(days=29).persons == 0
    assert swept(months=1).persons == 1


def test_a_registration_that_is_never_finished_expires_and_goes(ana):
    story = Story(ana).answered()
    cases.expire_untouched(actor=CRISTINA, now=later(days=40))
    assert swept(days=69).persons == 0
    assert swept(days=72).persons == 1
    assert is_gone(story)


def test_a_contract_in_force_keeps_everything_however_long(story):
    story.approved()
    assert swept(years=6).persons == 0
    assert story.revealed()["iban"] == PERSONAL["iban"]


def test_after_a_contract_the_last_law_decides(story):
    story.approved()
    rules.end_relationship(story.case.client, NOW.date(), actor=CRISTINA, now=NOW)
    accounting = next(rule for rule in rules.table() if rule.key == "accounting")
    rules.change(accounting, months=60, active=True, actor=CRISTINA, now=NOW)
    assert swept(years=5, days=-1).persons == 0
    assert swept(years=6).persons == 1
    assert is_gone(story)


def test_an_open_case_keeps_its_people(story):
    assert swept(years=6).persons == 0


def test_an_address_that_led_to_nothing_goes_after_a_month():
    stranger = person("stranger@nowhere.example")
    assert swept(days=29).persons == 0
    assert swept(days=31).persons == 1
    assert vault.is_erased(stranger.subject)


def test_codes_and_papers_taken_back_go(filed, tmp_path, django_capture_on_commit_callbacks):
    documents.withdraw_item(filed.case, "bank-letter", actor=filed.me, now=NOW)
    sign_in.ask("ana@electroinstal.example", language="ro", now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        done = swept(days=31)
    assert (done.files, len(stored(tmp_path))) == (1, 1)
    assert SignIn.objects.count() == 0


def test_the_sweep_may_run_again_and_finds_nothing_more(story):
    story.declined()
    swept(years=6)
    assert swept(years=6) == retention.Swept(0, 0, 0, 0)


def test_ledgers_stay_and_name_nobody(story):
    story.declined()
    swept(years=6)
    assert Look.objects.filter(subject=story.person.subject).exists()
    assert Entry.objects.get(kind="retention.erased").data["removed"]["clients"] >= 1
    assert Person.objects.filter(pk=story.person.pk).exists()


def test_a_colleague_goes_with_the_case_they_were_let_in_to(story, emil):
    story.case.memberships.create(person=emil, role="reader", by="test", at=NOW)
    assert swept(years=6).persons == 0
    story.declined()
    retention.sweep(now=later(years=6))
    retention.sweep(now=later(years=6) + timedelta(days=1))
    assert vault.is_erased(emil.subject)
