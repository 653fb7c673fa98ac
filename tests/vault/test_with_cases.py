"""The vault under a case: erasing it, and a process that dies between the two databases."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connections

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Answer
from pridvor.clients import actions as clients
from pridvor.documents import queries as documents
from pridvor.project import cli
from pridvor.vault import actions as vault
from pridvor.vault import queries
from pridvor.vault.models import Value
from tests.conftest import CARMEN, NOW, actor_of, client_of, person, publish

JOURNEY = """
journey: tiny
forms: {f: {p: {title: {en: T}, fields: {iban: {type: iban, personal: true, label: {en: IBAN}}}}}}
documents: {letter: {title: {en: L}}}
stages: {s: {steps: {a: {form: f}, b: {upload: letter}, v: {review: r}}}}
"""
IBAN = "RO49AAAA1B31007593840000"


def opened(person, cui="18547290"):
    case = cases.open_case(
        publish(JOURNEY), client_of(person, cui=cui), person, language="ro", actor=actor_of(person), now=NOW
    )
    cases.submit(case_queries.open_attempt(case, "a"), {}, {"iban": IBAN}, actor=actor_of(person), now=NOW)
    return case


def used(refs):
    return cases.in_use(refs) | clients.in_use(refs)


@pytest.mark.django_db
def test_the_sweep_keeps_all_that_cases_drafts_and_people_refer_to(ana, emil):
    case = opened(ana)
    begun = cases.open_case(
        publish(JOURNEY), client_of(emil), emil, language="ro", actor=actor_of(emil), now=NOW
    )
    cases.save_draft(begun, "a", {"iban": IBAN}, now=NOW)
    before = Value.objects.count()
    assert vault.sweep(used, now=NOW + timedelta(days=1)) == 0
    assert Value.objects.count() == before
    assert cases.reveal(case, ["iban"], actor=CARMEN, purpose="test", now=NOW) == {"iban": IBAN}


@pytest.mark.django_db
def test_erasing_a_case_makes_its_answers_and_papers_unreadable(ana, emil, capsys):
    case, other = opened(ana), opened(emil)
    assert cli.main(["erase", case.reference, "--reason", "asked", "--yes"]) == 0
    assert "destroyed" in capsys.readouterr().out
    assert cases.reveal(case, ["iban", "email"], actor=CARMEN, purpose="test", now=NOW) == {}
    assert documents.current(case) == {}
    with pytest.raises(vault.Erased):
        vault.file_key(case.subject)
    assert cases.reveal(other, ["iban"], actor=CARMEN, purpose="test", now=NOW) == {"iban": IBAN}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["0", "1", "2026", "-", "", "T-2026-999999"])
def test_erasing_takes_a_whole_reference_and_nothing_like_it(ana, typed, capsys):
    case = opened(ana)
    last = case.reference[-1]
    assert cli.main(["erase", typed, "--reason", "asked", "--yes"]) == 1
    assert cli.main(["erase", last, "--reason", "asked", "--yes"]) == 1
    assert "There is no case" in capsys.readouterr().err
    assert not queries.is_erased(case.subject)


@pytest.mark.django_db
def test_erasing_asks_first(ana, monkeypatch, capsys):
    case = opened(ana)
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert cli.main(["erase", case.reference, "--reason", "asked"]) == 1
    assert not queries.is_erased(case.subject)
    monkeypatch.setattr("builtins.input", lambda _: case.reference)
    assert cli.main(["erase", case.reference, "--reason", "asked"]) == 0
    assert queries.is_erased(case.subject)


DIES = """
import os, django
django.setup()
from django.db import transaction
from pridvor.cases import actions as cases, queries
from pridvor.clients import actions as clients
from pridvor.lib import wall
from tests.conftest import NOW
wall.process_is(wall.MACHINE)
case = queries.by_reference({reference!r})[0]
with transaction.atomic():
    clients.keep(case.subject, {{"iban": "RO49AAAA1B31007593840000"}}, now=NOW)
    os._exit(9)
"""


@pytest.fixture
def unwrapped(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_a_process_that_dies_between_the_two_databases_leaves_one_orphan_that_the_sweep_removes(
    unwrapped, committed
):
    case = opened(person("ana@electroinstal.example"))
    values, answers = Value.objects.count(), Answer.objects.count()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pridvor.project.settings_test"}
    for alias, name in (("default", "DATABASE_URL"), ("vault", "VAULT_DATABASE_URL")):
        url = os.environ[name].split("@/")
        environment[name] = f"{url[0]}@/{connections[alias].settings_dict['NAME']}?{url[1].split('?', 1)[1]}"
    died = subprocess.run(
        [sys.executable, "-c", DIES.format(reference=case.reference)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert died.returncode == 9, died.stderr
    assert (Value.objects.count(), Answer.objects.count()) == (values + 1, answers)
    assert vault.sweep(used, now=NOW + timedelta(hours=1)) == 0, "too young: its case may still come"
    assert vault.sweep(used, now=NOW + timedelta(hours=3)) == 1
    assert Value.objects.count() == values
    assert cases.reveal(case, ["iban"], actor=CARMEN, purpose="test", now=NOW) == {"iban": IBAN}
