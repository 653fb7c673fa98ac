"""Whoever was screened once stays on watch: the list changes, time passes, and a person is told."""

from datetime import timedelta

import pytest
from django.conf import settings as configured

from pridvor.accounts.models import Region
from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.checks import rescreening, screening
from pridvor.checks.models import Screening
from pridvor.checks.screening import Standing
from pridvor.connectors import circuit
from pridvor.connectors.contract import Unavailable
from pridvor.notifications.models import Notice
from pridvor.privacy import erasing
from tests.conftest import CRISTINA, WORKER
from tests.desk.conftest import staff
from tests.screened import DAN, Screened, listed, switch

pytestmark = pytest.mark.django_db


def rescreen(ours):
    count = rescreening.run(now=ours.time())
    ours.run()
    return count


def ended_well(ana, **more):
    ours = Screened(ana, **more)
    cases.complete(ours.open("welcome"), "done", actor=CRISTINA, now=ours.time())
    assert ours.run().fresh().goal
    return ours


def test_while_list_and_time_are_the_same_nobody_is_screened_again(ana):
    ours = Screened(ana)
    assert rescreen(ours) == 0


def test_after_some_time_everybody_is(ana):
    ours = Screened(ana)
    ours.time.forward(days=configured.RESCREEN_AFTER.days + 1)
    assert (rescreen(ours), rescreen(ours)) == (1, 0)
    assert [row.cause for row in screening.screenings(ours.case)] == ["schedule", "step"]
    assert "screening.found" not in ours.events()


def test_a_list_that_changed_finds_who_is_new_on_it(ana):
    ours = Screened(ana)
    listed("new-1", "Ana Pop")
    assert (rescreen(ours), rescreen(ours)) == (1, 0)
    (row,) = ours.candidates()
    assert (row.entry, row.screening.cause) == ("new-1", "schedule")
    assert screening.undecided() == {row: Standing.OPEN}
    assert Event.objects.get(case=ours.case, kind="screening.found").data["candidates"] == 1


def test_clients_who_are_with_us_are_on_watch_and_those_who_left_are_not(ana, emil):
    ours = ended_well(ana)
    gone = Screened(emil, cui="48219502", vat="", company="SC Alta SRL")
    cases.withdraw(gone.case, actor=gone.me, now=gone.time())
    listed("new-1", "Ana Pop")
    assert rescreen(ours) == 1
    assert [row.screening.case for row in screening.undecided()] == [ours.case]


def test_whoever_was_judged_to_be_somebody_else_is_not_put_to_people_again(ana):
    ours = Screened(ana, "Vadim Întunecatu")
    ours.say("different", CRISTINA)
    listed("new-1", "Somebody Quite Different")
    assert rescreen(ours) == 1
    assert screening.undecided() == {}
    assert "screening.found" not in ours.events()


def test_a_candidate_that_waits_is_told_once(ana):
    ours = Screened(ana)
    listed("new-1", "Ana Pop")
    rescreen(ours)
    listed("new-2", "Somebody Quite Different")
    assert rescreen(ours) == 1
    assert ours.events().count("screening.found") == 1


def test_compliance_is_told_and_who_does_not_see_the_case_is_not(ana):
    here, there, other = (
        staff("compliance", "c1@x.example"),
        staff("compliance", "c2@x.example"),
        staff("operator"),
    )
    Region.objects.create(code="here", name={"en": "Here"}, covers=["RO"])
    there.regions = ["elsewhere"]
    there.save()
    ours = Screened(ana)

    listed("new-1", "Ana Pop")
    rescreen(ours)
    told = set(Notice.objects.values_list("staff__email", flat=True))
    assert here.email in told
    assert other.email not in told
    assert there.email not in told


def test_two_people_who_say_that_it_is_the_same_stop_a_case_that_goes_on(ana):
    ours = Screened(ana)
    listed("new-1", "Ana Pop")
    rescreen(ours)
    ours.say("same", CRISTINA)
    assert not ours.fresh().is_paused
    ours.say("same", DAN)
    assert ours.fresh().paused == screening.HELD
    assert "screening.confirmed" in ours.events()


def test_of_a_client_who_is_with_us_the_ledger_says_it_and_compliance_is_told(ana):
    somebody = staff("compliance")
    ours = ended_well(ana)
    listed("new-1", "Ana Pop")
    rescreen(ours)
    ours.say("same", CRISTINA)
    ours.say("same", DAN)
    assert (ours.fresh().state, ours.events()[-1]) == ("ended", "screening.confirmed")
    told = set(Notice.objects.filter(staff=somebody).values_list("what", flat=True))
    assert {"screening.found", "screening.confirmed"} <= told


def test_a_list_that_does_not_answer_is_asked_again_later(ana):
    ours = Screened(ana)
    listed("new-1", "Ana Pop")
    switch("down")
    for _ in range(circuit.FAILURES):
        assert rescreen(ours) == 0
    switch("ok")
    assert rescreen(ours) == 0, "it rests"
    ours.time.forward(hours=1)
    assert rescreen(ours) == 1


def test_a_person_may_want_to_know_today(ana):
    ours = Screened(ana)
    listed("new-1", "Ana Pop")
    rescreening.ask(ours.case, actor=CRISTINA, now=ours.time())
    ours.run()
    assert [row.entry for row in ours.candidates()] == ["new-1"]
    assert ours.events()[-2:] == ["screening.asked", "screening.found"]


def test_asked_of_a_list_that_does_not_answer_the_job_is_repeated(ana):
    ours = Screened(ana)
    switch("down")
    rescreening.ask(ours.case, actor=CRISTINA, now=ours.time())
    with pytest.raises(Unavailable):
        ours.run()


def test_who_is_not_with_us_any_more_is_not_screened_by_hand_either(ana):
    ours = Screened(ana)
    cases.withdraw(ours.case, actor=ours.me, now=ours.time())
    with pytest.raises(cases.Refused, match="not-on-watch"):
        rescreening.ask(ours.case, actor=CRISTINA, now=ours.time())


def test_an_administrator_learns_who_is_overdue(ana):
    ours = Screened(ana)
    promised = configured.RESCREEN_AFTER + rescreening.GRACE
    assert rescreening.overdue(now=ours.time() + promised) == 0
    assert rescreening.overdue(now=ours.time() + promised + timedelta(seconds=1)) == 1


def test_whoever_is_erased_is_not_looked_for_any_more(ana):
    ours = ended_well(ana)
    erasing.erase_wholly(ana, actor=WORKER, reason="asked", now=ours.time())
    listed("new-1", "Ana Pop")
    assert rescreen(ours) == 0


def test_a_list_in_a_file_is_followed_as_well(ana, settings, tmp_path):
    path = tmp_path / "un.csv"
    path.write_text("id,name\n7,Somebody Else\n", "utf-8")
    settings.SANCTIONS = str(path)
    ours = Screened(ana)
    path.write_text("id,name\n7,Somebody Else\n8,Ana Pop\n", "utf-8")
    assert (rescreen(ours), rescreen(ours)) == (1, 0)
    assert [row.entry for row in ours.candidates()] == ["8"]


def test_many_cases_are_asked_about_in_few_questions_and_each_keeps_its_own(ana, emil):
    one, other = Screened(ana), Screened(emil, "Ion Alb", cui="48219502", vat="", company="SC Alta SRL")
    listed("new-1", "Ion Alb")
    assert rescreen(one) == 2
    assert [row.entry for row in other.candidates()] == ["new-1"]
    assert one.candidates() == []
    assert Screening.objects.filter(cause="schedule").count() == 2
