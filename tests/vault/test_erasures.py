"""The list of erasures outside the database, by which a restored backup revives nobody."""

import pytest

from pridvor.lib import outside
from pridvor.vault import actions as vault
from pridvor.vault import erasures, queries
from pridvor.vault.models import SubjectKey
from tests.conftest import CARMEN, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lists(settings, tmp_path):
    settings.OUTSIDE = [tmp_path / "here", tmp_path / "elsewhere"]
    return settings.OUTSIDE


@pytest.fixture
def subject():
    return vault.new_subject(now=NOW)


@pytest.fixture
def erased(subject, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(using="vault", execute=True):
        vault.erase(subject, actor=CARMEN, reason="asked", now=NOW)
    return subject


def listed(folder):
    return [entry["subject"] for entry in outside.read(folder, erasures.LIST)]


def test_whoever_is_erased_stands_on_every_list(lists, erased):
    assert [str(erased) in listed(folder) for folder in lists] == [True, True]
    erasures.keep_list()
    assert listed(lists[0]).count(str(erased)) == 1


def test_only_this_account_reads_the_list(lists, erased):
    assert (lists[0] / erasures.LIST).stat().st_mode & 0o077 == 0


def test_a_line_that_a_power_cut_tore_swallows_no_other(lists, erased):
    with (lists[0] / erasures.LIST).open("a") as file:
        file.write('{"subject": "01')
    outside.append(lists[0], erasures.LIST, ['{"subject": "another"}'])
    assert listed(lists[0]) == [str(erased), "another"]


def test_a_restored_backup_revives_nobody(subject):
    ref = vault.put(subject, {"phone": "+40721000111"}, now=NOW)["phone"]
    backup = SubjectKey.objects.filter(subject=subject).values("wrapped", "wrapped_file", "erased_at").get()
    vault.erase(subject, actor=CARMEN, reason="asked", now=NOW)
    erasures.keep_list()
    SubjectKey.objects.filter(subject=subject).update(**backup)

    assert subject in erasures.apply_list()
    assert queries.is_erased(subject)
    assert vault.reveal([ref], actor=CARMEN, purpose="look", now=NOW) == {}
    assert subject not in erasures.apply_list()
