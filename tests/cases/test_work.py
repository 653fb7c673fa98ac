"""Who works on what: owners of stages, absence, and fifty people who press «next» at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from pridvor.accounts import actions as absences
from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases import work
from pridvor.cases.models import Assignment, Attempt, Case, Event
from tests.conftest import CARMEN, NOW, actor_of, client_of, person, publish

JOURNEY = """
journey: work
forms: {f: {one: {title: {en: F}, fields: {name: {label: {en: Name}}}}}}
stages:
  details: {owner: operator, steps: {fill: {form: f}}}
  look:
    owner: operator
    steps:
      read: {review: r, if correct: {redo: fill, limit: 3}, if reject: {close: declined}}
  file: {owner: operator, steps: {put: {todo: x}}}
"""


def hire(name, role="operator"):
    return Staff.objects.create_user(
        f"{name}@arcada.example", "porch-and-arches", name=name.title(), role=role
    )


def open_case(person):
    made = cases.open_case(
        publish(JOURNEY), client_of(person), person, language="ro", actor=actor_of(person), now=NOW
    )
    fill(made, person)
    return made


def fill(case, person):
    cases.submit(latest(case, "fill"), {"name": "E"}, {}, actor=actor_of(person), now=NOW)


def latest(case, key):
    return Attempt.objects.filter(case=case, key=key).order_by("-number").first()


def opened(case, stage):
    """Hand on the latest «stage opened», as the worker would."""
    rows = Event.objects.filter(case=case, kind="stage.opened", data__stage=stage)
    work.give(rows.order_by("-id").first(), now=NOW)


def owner(case, stage="look"):
    found = work.owner(case, stage)
    return found.staff if found else None


def said(case, kind):
    return [event.data for event in Event.objects.filter(case=case, kind=kind).order_by("id")]


def away(staff, **more):
    return absences.note_absence(
        staff,
        from_at=NOW - timedelta(hours=1),
        until_at=NOW + timedelta(days=7),
        reason="holiday",
        actor=CARMEN,
        now=NOW,
        **more,
    )


@pytest.mark.django_db
class TestOwners:
    @pytest.fixture
    def carmen(self):
        return hire("carmen")

    @pytest.fixture
    def case(self, ana):
        return open_case(ana)

    def test_an_opened_stage_goes_to_whoever_looks_after_the_least(self, case, ana, carmen):
        petru = hire("petru")
        opened(case, "look")
        second = open_case(ana)
        opened(second, "look")
        assert {owner(case), owner(second)} == {carmen, petru}

    def test_a_reaction_that_runs_twice_gives_the_stage_once(self, case, carmen):
        hire("petru")
        opened(case, "look")
        opened(case, "look")
        assert len(said(case, "work.assigned")) == 1

    def test_a_stage_is_never_given_to_another_role(self, case):
        hire("cristina", "compliance")
        opened(case, "look")
        assert owner(case) is None
        assert said(case, "work.unassigned") == [
            {"stage": "look", "role": "operator", "before": "", "why": "nobody-present"}
        ]

    def test_what_nobody_had_is_given_once_somebody_is_there(self, case):
        opened(case, "look")
        carmen = hire("carmen")
        assert work.sweep(now=NOW) == 1
        assert owner(case) == carmen

    def test_a_stage_that_is_opened_again_goes_to_the_one_who_knows_it(self, case, ana, carmen):
        opened(case, "look")
        hire("petru")
        cases.complete(latest(case, "read"), "correct", actor=CARMEN, now=NOW)
        work.finish(Event.objects.filter(case=case, kind="stage.opened").order_by("id").last(), now=NOW)
        fill(case, ana)
        opened(case, "look")
        assert owner(case) == carmen

    def test_a_stage_that_is_done_has_no_owner_any_more(self, case, carmen):
        opened(case, "look")
        cases.complete(latest(case, "read"), "approve", actor=CARMEN, now=NOW)
        work.finish(Event.objects.get(case=case, kind="stage.done", data__stage="look"), now=NOW)
        assert owner(case) is None
        assert work.loads([carmen]) == {carmen.pk: 0}

    def test_the_work_of_somebody_who_is_away_goes_to_the_substitute(self, case, carmen):
        opened(case, "look")
        hire("ana-maria")
        petru = hire("petru")
        away(carmen, substitute=petru)
        assert work.sweep(now=NOW) == 1
        assert owner(case) == petru
        assert said(case, "work.assigned")[-1]["why"] == "substitute"

    def test_without_a_substitute_it_goes_to_the_least_loaded_who_is_there(self, case, ana, carmen):
        opened(case, "look")
        petru, radu = hire("petru"), hire("radu")
        away(petru)
        away(carmen)
        work.sweep(now=NOW)
        assert owner(case) == radu

    def test_an_absence_that_has_not_begun_moves_nothing(self, case, carmen):
        opened(case, "look")
        hire("petru")
        absences.note_absence(
            carmen, from_at=NOW + timedelta(days=1), until_at=None, reason="ill", actor=CARMEN, now=NOW
        )
        assert work.sweep(now=NOW) == 0
        assert work.sweep(now=NOW + timedelta(days=2)) == 1

    def test_work_does_not_go_back_to_whom_it_left_in_the_same_visit(self, case, carmen):
        opened(case, "look")
        petru = hire("petru")
        absence = away(carmen)
        work.sweep(now=NOW)
        absences.end_absence(absence, actor=CARMEN, now=NOW)
        away(petru)
        work.sweep(now=NOW)
        assert owner(case) is None
        work.assign(case, "look", carmen, why="by-hand", actor=CARMEN, now=NOW)
        assert owner(case) == carmen

    def test_work_moves_only_to_somebody_with_less_of_it(self, case, carmen):
        opened(case, "look")
        petru = hire("petru")
        work.assign(case, "file", petru, why="by-hand", actor=CARMEN, now=NOW)
        assert work.move(case, "look", why="late", actor=CARMEN, now=NOW) is None
        work.assign(case, "file", carmen, why="by-hand", actor=CARMEN, now=NOW)
        assert work.move(case, "look", why="late", actor=CARMEN, now=NOW) == petru

    def test_the_table_refuses_two_owners_of_one_stage(self, case, carmen):
        opened(case, "look")
        row = Assignment.objects.get(case=case, stage="look", ended_at=None)
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    def test_priority_rises_to_nine_and_no_further(self, case):
        assert work.raise_priority(case, by=4, why="late", actor=CARMEN, now=NOW) == 4
        assert work.raise_priority(case, by=7, why="late", actor=CARMEN, now=NOW) == 9
        assert work.raise_priority(case, why="late", actor=CARMEN, now=NOW) == 9
        assert [row["priority"] for row in said(case, "priority.raised")] == [4, 9]


@pytest.mark.django_db
class TestHolds:
    def test_what_one_has_opened_another_is_not_offered(self, ana):
        case, (carmen, petru) = open_case(ana), (hire("carmen"), hire("petru"))
        assert work.next_case(carmen, ["operator"], now=NOW).case_id == case.pk
        assert work.next_case(petru, ["operator"], now=NOW) is None
        assert work.next_case(carmen, ["operator"], now=NOW).case_id == case.pk
        assert work.holder(Case.objects.get(pk=case.pk), NOW) == carmen

    def test_a_hold_ends_after_ten_minutes(self, ana):
        open_case(ana)
        work.next_case(hire("carmen"), ["operator"], now=NOW)
        later = NOW + timedelta(minutes=10)
        assert work.next_case(hire("petru"), ["operator"], now=later) is not None

    def test_a_hold_ends_with_the_decision(self, ana):
        case, (carmen, petru) = open_case(ana), (hire("carmen"), hire("petru"))
        cases.complete(work.next_case(carmen, ["operator"], now=NOW), "approve", actor=carmen.actor, now=NOW)
        assert work.next_case(petru, ["operator"], now=NOW).key == "put"
        assert work.holder(Case.objects.get(pk=case.pk), NOW) == petru

    def test_one_can_let_go(self, ana):
        case, (carmen, petru) = open_case(ana), (hire("carmen"), hire("petru"))
        work.next_case(carmen, ["operator"], now=NOW)
        work.let_go(case, petru, now=NOW)
        assert work.next_case(petru, ["operator"], now=NOW) is None
        work.let_go(case, carmen, now=NOW)
        assert work.next_case(petru, ["operator"], now=NOW) is not None

    def test_the_more_pressing_comes_first_and_ones_own_before_that(self, ana):
        carmen, petru = hire("carmen"), hire("petru")
        first, second, third = (open_case(ana) for _ in range(3))
        work.raise_priority(second, by=2, why="late", actor=CARMEN, now=NOW)
        work.assign(second, "look", petru, why="by-hand", actor=CARMEN, now=NOW)
        work.raise_priority(third, by=1, why="late", actor=CARMEN, now=NOW)
        order = []
        while row := work.next_case(carmen, ["operator"], now=NOW, besides=order):
            order.append(row.case_id)
        assert order == [third.pk, first.pk, second.pk]

    def test_other_roles_work_is_not_offered(self, ana):
        open_case(ana)
        assert work.next_case(hire("cristina", "compliance"), ["compliance"], now=NOW) is None


def press(staff_id: int) -> int | None:
    try:
        row = work.next_case(Staff.objects.get(pk=staff_id), ["operator"], now=NOW)
        return row.case_id if row else None
    finally:
        connections.close_all()


def test_fifty_people_who_press_at_once_get_fifty_different_cases(committed):
    ana = person("ana@electroinstal.example")
    made = {open_case(ana).pk for _ in range(50)}
    staff = [hire(f"operator{n}").pk for n in range(50)]
    with ThreadPoolExecutor(25) as together:
        taken = list(together.map(press, staff))
    assert set(taken) == made
