"""The list of erasures outside the database, by which a restored backup revives nobody."""

from datetime import timedelta
from uuid import uuid4

import pytest

from pridvor.lib.actor import machine
from pridvor.vault import actions as vault
from pridvor.vault import erasures, queries
from pridvor.vault.models import SubjectKey
from tests.conftest import CARMEN, NOW


@pytest.fixture(autouse=True)
def list_of_its_own(settings, tmp_path):
    settings.DATA = tmp_path


def test_what_was_noted_is_read_each_subject_once_with_the_first_time():
    one, other = uuid4(), uuid4()
    erasures.note(one, NOW)
    erasures.note(other, NOW)
    erasures.note(one, NOW + timedelta(days=1))
    assert erasures.read() == [erasures.Erasure(one, NOW), erasures.Erasure(other, NOW)]


def test_no_list_is_nobody():
    assert erasures.read() == []


def test_a_line_that_a_power_cut_tore_swallows_no_other():
    one, other = uuid4(), uuid4()
    erasures.note(one, NOW)
    with erasures.path().open("a") as file:
        file.write('{"subject": "01')
    erasures.note(other, NOW)
    assert [erasure.subject for erasure in erasures.read()] == [one, other]


def test_only_this_account_reads_the_list():
    erasures.note(uuid4(), NOW)
    assert erasures.path().stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_whoever_is_erased_is_on_the_list():
    subject = vault.new_subject(now=NOW)
    vault.erase(subject, actor=CARMEN, reason="asked", now=NOW)
    assert erasures.read() == [erasures.Erasure(subject, NOW)]


@pytest.mark.django_db
def test_a_restored_backup_revives_nobody():
    subject = vault.new_subject(now=NOW)
    ref = vault.put(subject, {"phone": "+40721000111"}, now=NOW)["phone"]
    backup = bytes(SubjectKey.objects.get(subject=subject).wrapped)
    vault.erase(subject, actor=CARMEN, reason="asked", now=NOW)
    SubjectKey.objects.filter(subject=subject).update(wrapped=backup, erased_at=None)

    assert vault.reapply(erasures.read(), actor=machine("restore"), now=NOW) == 1
    assert queries.is_erased(subject)
    assert vault.reveal([ref], actor=CARMEN, purpose="look", now=NOW) == {}
    assert vault.reapply(erasures.read(), actor=machine("restore"), now=NOW) == 0
