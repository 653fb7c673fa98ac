"""The queue: narrowed, kept as views, worked through one by one or many at once."""

import re
from datetime import timedelta

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases import work
from pridvor.cases.models import Attempt, Case
from pridvor.desk.models import SavedView
from pridvor.lib import clock
from tests.conftest import CARMEN, NOW, person
from tests.desk.conftest import Desk, at_verify, staff
from tests.partner import Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(ana, emil):
    """Two cases that wait for an operator."""
    return at_verify(Partner(ana)), at_verify(Partner(emil, name="Alta Firmă SRL", cui="48219502"))


def verify(case):
    return Attempt.objects.get(case=case, key="verify", status="open")


def give(case, somebody):
    stage = verify(case).stage
    work.assign(case, stage, somebody.person, why="by-hand", actor=CARMEN, now=NOW)


def act(desk, verb, *chosen, **more):
    rows = [verify(case).pk for case in chosen]
    return desk.post("/desk/act/", {"verb": verb, "row": rows, **more}, follow=True).content.decode()


def test_a_row_says_who_what_and_whose(carmen, both):
    give(both[0], carmen)
    page = carmen.text("/desk/")
    for wanted in ("Electro Instal", "Partner registration", "Verification", both[0].reference, "<b>you</b>"):
        assert wanted in page, wanted
    assert f"/desk/clients/{both[0].client.public_id}/" in page


@pytest.mark.parametrize(
    ("query", "first", "second"),
    [
        ("", True, True),
        ("client=electro", True, False),
        ("client=ALTA+FIRMA", False, True),
        ("owner=mine", True, False),
        ("owner=nobody", False, True),
        ("stage=documents", False, False),
        ("stage=verification", True, True),
        ("journey=partner-registration", True, True),
        ("journey=x", False, False),
        ("flag=raised", False, True),
        ("flag=paused", True, False),
        ("flag=again", False, False),
    ],
)
def test_the_queue_is_narrowed(carmen, both, query, first, second):
    give(both[0], carmen)
    cases.pause(both[0], "asked", actor=CARMEN, now=NOW)
    work.raise_priority(both[1], why="by-hand", actor=CARMEN, now=NOW)
    page = carmen.text(f"/desk/?{query}")
    assert (both[0].reference in page, both[1].reference in page) == (first, second)


def test_what_is_raised_stands_above_what_is_due_first(carmen, both):
    Attempt.objects.filter(case=both[0], key="verify").update(opened_at=clock.now() - timedelta(hours=30))
    work.raise_priority(both[1], why="by-hand", actor=CARMEN, now=NOW)
    page = carmen.text("/desk/")
    assert page.index(both[1].reference) < page.index(both[0].reference)


def test_what_waits_for_others_is_a_view_of_its_own(carmen, ours):
    assert ours.case.reference not in carmen.text("/desk/")
    page = carmen.text("/desk/?scope=others")
    assert ours.case.reference in page
    assert "waits for the client" in page


def test_a_view_is_kept_found_and_removed(carmen, both):
    carmen.post("/desk/views/", {"name": "Electro", "client": "electro"})
    page = carmen.text("/desk/?client=electro")
    assert re.search(r'href="/desk/\?client=electro" aria-current="page">Electro', page)
    view = SavedView.objects.get()
    carmen.post(f"/desk/views/{view.public_id}/remove/")
    assert "Electro</a>" not in carmen.text("/desk/?owner=nobody")


def test_a_shared_view_reaches_the_role_and_nobody_else(carmen, cristina, both):
    carmen.post("/desk/views/", {"name": "Fresh", "owner": "nobody", "share": "on"})
    carmen.post("/desk/views/", {"name": "Secret", "flag": "late"})
    colleague = Desk(staff(Role.OPERATOR, "second@arcada.example"))
    assert "Fresh (of Operator)" in colleague.text("/desk/")
    assert "Secret" not in colleague.text("/desk/")
    assert "Fresh" not in cristina.text("/desk/")
    view = SavedView.objects.get(name="Fresh")
    assert colleague.post(f"/desk/views/{view.public_id}/remove/").status_code == 404


def test_a_view_without_a_name_is_not_kept(carmen):
    said = carmen.post("/desk/views/", {"name": " "}, follow=True).content.decode()
    assert "Give the view a name" in said
    assert not SavedView.objects.exists()


def test_next_leads_two_people_to_two_cases(carmen, both):
    second = Desk(staff(Role.OPERATOR, "second@arcada.example"))
    led = {desk.post("/desk/next/")["Location"] for desk in (carmen, second)}
    assert led == {f"/desk/cases/{case.public_id}/" for case in both}
    third = Desk(staff(Role.OPERATOR, "third@arcada.example"))
    assert "Nothing waits" in third.post("/desk/next/", follow=True).content.decode()


def test_a_colleague_sees_who_works_on_a_case(carmen, waiting):
    carmen.post("/desk/next/")
    at = f"/desk/cases/{waiting.public_id}/"
    second = Desk(staff(Role.OPERATOR, "second@arcada.example"))
    assert "works on this case" in second.text(at)
    assert "works on this case" not in carmen.text(at)


def test_after_a_decision_the_next_case_is_held(carmen, both):
    response = carmen.decide(both[0], "approve")
    assert both[1].reference in response.content.decode()
    assert Case.objects.get(pk=both[1].pk).held_by == carmen.person


# -- many at once


def test_many_are_given_to_a_colleague_and_what_could_not_be_says_why(carmen, both):
    colleague = Desk(staff(Role.OPERATOR, "second@arcada.example"))
    give(both[1], colleague)
    page = act(carmen, "assign", *both, to=colleague.person.public_id)
    assert "1 done, 1 left as it was" in page
    assert "has it already" in page
    assert work.owner(both[0], "verification").staff == colleague.person


def test_work_is_not_given_to_somebody_who_may_not_do_it(carmen, dan, waiting):
    assert "may not do this stage" in act(carmen, "assign", waiting, to=dan.person.public_id)
    assert "Choose to whom" in act(carmen, "assign", waiting)
    assert work.owner(waiting, "verification") is None


def test_many_are_paused_and_resumed(carmen, both):
    cases.pause(both[1], "before", actor=CARMEN, now=NOW)
    page = act(carmen, "pause", *both, reason="audit")
    assert "1 done" in page
    assert "paused already" in page
    assert "Say why" in act(carmen, "pause", both[0])
    assert "2 done" in act(carmen, "resume", *both)
    assert not any(Case.objects.get(pk=case.pk).paused for case in both)


def test_many_are_raised(dan, both):
    assert "2 done" in act(dan, "raise", *both)
    assert {Case.objects.get(pk=case.pk).priority for case in both} == {1}


def test_the_client_is_reminded_once_a_day_and_only_when_it_is_their_turn(carmen, both):
    bank = Partner(person("new@x.example"), name="Nouă SRL", cui="33082678")
    row = {"row": [bank.open("collect").pk, verify(both[0]).pk]}
    for said in ("1 done, 1 left as it was", "reminded less than a day ago"):
        page = carmen.post("/desk/act/", {"verb": "remind", **row}, follow=True).content.decode()
        assert said in page
        assert "has nothing to do" in page
    assert bank.case.events.filter(kind="reminder.due").count() == 1


def test_a_manager_does_not_pause_and_a_verb_that_is_none_does_not_exist(dan, carmen, waiting):
    row = {"row": verify(waiting).pk, "reason": "x"}
    assert dan.post("/desk/act/", {"verb": "pause", **row}).status_code == 404
    assert carmen.post("/desk/act/", {"verb": "erase", **row}).status_code == 404
    assert not Case.objects.get(pk=waiting.pk).paused


def test_nothing_chosen_is_said_and_what_was_decided_meanwhile_is_left(carmen, both):
    assert (
        "Choose at least one row"
        in carmen.post("/desk/act/", {"verb": "raise"}, follow=True).content.decode()
    )
    rows = [verify(case).pk for case in both]
    carmen.decide(both[0], "approve")
    page = carmen.post("/desk/act/", {"verb": "raise", "row": rows}, follow=True).content.decode()
    assert "1 done, 1 left as it was" in page
    assert "decided already" in page


def test_one_stage_is_given_from_the_case(dan, carmen, waiting):
    at = f"/desk/cases/{waiting.public_id}/"
    given = {"stage": "verification", "to": carmen.person.public_id}
    assert dan.post(f"{at}assign/", given).status_code == 302
    assert work.owner(waiting, "verification").staff == carmen.person
    assert dan.post(f"{at}assign/", {**given, "stage": "activation"}).status_code == 404
    assert dan.post(f"{at}assign/", {**given, "to": dan.person.public_id}).status_code == 404


def test_questions_to_the_database_do_not_grow_with_rows(carmen, ana):
    at_verify(Partner(ana))
    carmen.text("/desk/")  # what is kept between requests is read once
    few = carmen.questions("/desk/")
    for n in range(5):
        at_verify(Partner(person(f"p{n}@x.example"), name=f"Firma {n} SRL", cui=f"1854729{n}"))
    assert carmen.questions("/desk/") == few


def test_a_long_queue_has_pages(carmen, ana):
    ours = Partner(ana)
    at_verify(ours)
    for n in range(51):
        copied = Case.objects.get(pk=ours.case.pk)
        copied.pk, copied.public_id, copied.reference = None, None, f"PR-2026-9{n:05}"
        copied.public_id = f"00000000-0000-7000-8000-{n:012}"
        copied.save(force_insert=True)
        Attempt.objects.create(
            case=copied, key="verify", kind="review", stage="verification", status="open", opened_at=NOW
        )
    assert "Page 1 of 2" in carmen.text("/desk/")
    assert "Page 2 of 2" in carmen.text("/desk/?page=2")
