"""Two people act on one case at the same instant: one is heard, the others are told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from pridvor.cases import actions as cases
from pridvor.cases import store
from pridvor.cases.models import Attempt, Event, StageVisit
from tests.conftest import CARMEN, NOW, actor_of, client_of, person, publish

JOURNEY = """
journey: race
forms: {f: {one: {title: {en: F}, fields: {name: {label: {en: Name}}}}}}
stages:
  only:
    steps:
      a: {form: f}
      b: {todo: x}
"""


@pytest.fixture
def case(committed):
    ana = person("ana@electroinstal.example")
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)


def press(attempt_id: int) -> str:
    try:
        cases.complete(
            Attempt.objects.select_related("case").get(pk=attempt_id), "done", actor=CARMEN, now=NOW
        )
    except cases.Refused as refusal:
        return str(refusal)
    finally:
        connections.close_all()
    return "done"


def test_of_fifty_presses_at_once_one_counts_and_the_others_are_told(case):
    first = Attempt.objects.get(case=case, key="a")
    with ThreadPoolExecutor(50) as together:
        said = sorted(together.map(press, [first.pk] * 50))
    assert said == ["done"] + ["no-longer-open"] * 49
    assert Event.objects.filter(case=case, kind="step.completed").count() == 1
    assert Attempt.objects.filter(case=case, key="b").count() == 1


def name_it(case_id: int) -> None:
    try:
        StageVisit.objects.create(case_id=case_id, key="another")
    finally:
        connections.close_all()


def test_what_names_a_case_is_written_while_another_moves_it(case):
    """A foreign key asks for the key of a row alone; whoever moves a case changes all but that."""
    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        store.load(case.pk)
        elsewhere.submit(name_it, case.pk).result(timeout=20)
    assert StageVisit.objects.filter(case=case, key="another").exists()
