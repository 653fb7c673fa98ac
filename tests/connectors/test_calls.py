"""The ledger of calls: one effect, tried until it is there, and handed to a person when it cannot be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import actions as cases
from pridvor.connectors import actions, circuit, history, queries, table
from pridvor.connectors.models import Call, Peer, SandboxRecord, Try
from tests.conftest import CARMEN, NOW
from tests.connectors.conftest import IBAN, at_connect, case_at_connect, kinds, step

pytestmark = pytest.mark.django_db


def attempt(call, now=NOW):
    actions.attempt_call(call.pk, now=now)
    call.refresh_from_db()
    return call


def parties():
    return [
        row
        for row in queries.sandbox_erp()
        if row.model == "party.party" and not row.record["code"].startswith("BANK-")
    ]


def until_settled(call, now=NOW, tries=400):
    """Try at every planned moment, as the worker would."""
    for _ in range(tries):
        if call.state not in ("waiting", "sending"):
            return now
        now = max(now, call.next_at)
        attempt(call, now)
    raise AssertionError("it never settles")


def opened(case):
    return case.events.get(kind="step.opened", data__kind="connect")


def jobs(call):
    return ProcrastinateJob.objects.filter(task_name=actions.TASK, args__call_id=call.pk).count()


def test_an_opened_step_becomes_a_call_whose_first_try_needs_no_job_of_its_own(ana):
    case = at_connect(ana)
    actions.send(opened(case), now=NOW)
    call = Call.objects.get(case=case)
    assert (call.state, call.peer, call.tries, jobs(call)) == ("done", "erp", 1, 0)


def test_a_first_try_whose_job_was_lost_is_found_by_the_sweep(ana):
    _case, call = case_at_connect(ana)
    assert actions.sweep(now=NOW + timedelta(seconds=30)) == 0
    assert actions.sweep(now=NOW + timedelta(seconds=31)) == 1
    assert jobs(call) == 1


def test_a_reaction_that_runs_twice_makes_one_call_and_one_try(ana):
    case = at_connect(ana)
    actions.send(opened(case), now=NOW)
    actions.send(opened(case), now=NOW)
    call = Call.objects.get(case=case)
    assert (call.tries, call.history.count()) == (1, 1)


def test_a_call_that_is_answered_ends_the_step(ana):
    case, call = case_at_connect(ana)
    attempt(call)
    assert (call.state, call.answer["code"], step(case).outcome) == ("done", case.reference, "ok")
    assert "call.done" in kinds(case)
    assert queries.waiting(case) == []


def test_a_call_that_runs_twice_has_one_effect(ana):
    _case, call = case_at_connect(ana)
    attempt(call)
    attempt(call)
    assert (len(parties()), call.tries) == (1, 1)


def test_while_the_erp_is_down_the_case_says_what_it_waits_for_and_goes_on_when_it_is_back(ana):
    case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    attempt(call)
    attempt(call, call.next_at)
    (waiting,) = queries.waiting(case)
    assert (waiting.peer, waiting.tries, waiting.failing) == ("erp", 2, True)
    assert waiting.since - NOW < timedelta(seconds=1)
    actions.set_sandbox_mode("erp", "ok")
    attempt(call, call.next_at)
    assert (call.state, len(parties()), step(case).outcome) == ("done", 1, "ok")


def test_tries_come_later_each_time_and_never_more_than_ten_minutes_apart(ana):
    _case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    now, gaps = NOW, []
    for _ in range(12):
        attempt(call, now)
        gaps.append((call.next_at - now).total_seconds())
        now = call.next_at
    assert 4 <= gaps[0] <= 6.1
    assert 12 <= gaps[1] <= 18.1
    assert max(gaps) <= 600 * 1.2 + 1
    assert max(gaps) > 300


def test_a_peer_that_is_back_after_an_hour_is_found_within_a_minute_and_everything_goes_on(ana):
    calls = [case_at_connect(ana)[1] for _ in range(3)]
    actions.set_sandbox_mode("erp", "down")
    now = NOW
    while now < NOW + timedelta(hours=1):
        now = min(call.next_at for call in calls)
        for call in calls:
            attempt(call, now)
    assert actions.scout(now=now) == []
    actions.set_sandbox_mode("erp", "ok")
    back, now = now, now + timedelta(seconds=30)
    assert actions.scout(now=now) == ["erp"]
    for _ in range(2):
        for call in calls:
            attempt(call, now + timedelta(seconds=1))
    assert [call.state for call in calls] == ["done"] * 3
    assert now - back < timedelta(seconds=60)


def test_a_peer_that_asked_for_time_is_given_it(ana):
    _case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    attempt(call)
    Call.objects.filter(pk=call.pk).update(code=actions.BUSY, next_at=NOW + timedelta(minutes=5))
    actions.set_sandbox_mode("erp", "ok")
    assert actions.scout(now=NOW + timedelta(minutes=1)) == []


def test_a_call_is_not_tried_before_its_time(ana):
    _case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    attempt(call)
    attempt(call, NOW + timedelta(seconds=1))
    assert call.tries == 1


def test_an_answer_that_was_lost_leaves_one_party(ana):
    _case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "lost")
    attempt(call)
    assert call.history.get().outcome == "uncertain"
    attempt(call, call.next_at)
    assert (call.state, len(parties()), call.answer["how"]) == ("done", 1, "found")


def test_after_a_quarter_of_an_hour_the_delay_is_told_once(ana):
    case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    now = NOW
    while now < NOW + timedelta(minutes=40):
        attempt(call, now)
        now = call.next_at
    assert kinds(case).count("call.delayed") == 1
    told = case.events.get(kind="call.delayed")
    assert timedelta(minutes=15) <= told.at - NOW <= timedelta(minutes=16)


def test_after_a_day_of_failing_a_person_does_it(ana):
    case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    ended = until_settled(call)
    assert (call.state, call.code) == ("by-hand", "gave-up")
    assert timedelta(hours=24) <= ended - NOW < timedelta(hours=24, minutes=15)
    assert step(case, "by-hand@erp").status == "open"


def test_what_the_erp_refuses_is_for_a_person_at_once(ana):
    case, call = case_at_connect(ana, days=77)
    attempt(call)
    assert (call.state, call.code, call.tries) == ("by-hand", "no-payment-term", 1)
    assert step(case, "by-hand@erp").status == "open"
    assert case.events.get(kind="call.by-hand").data["code"] == "no-payment-term"


def test_a_worker_killed_after_the_effect_and_before_our_commit_leaves_one_party(ana, monkeypatch):
    _case, call = case_at_connect(ana)
    row = table.CAPABILITIES["erp.create_customer"]

    def killed(request):
        row.perform(request)
        raise KeyboardInterrupt

    monkeypatch.setitem(table.CAPABILITIES, "erp.create_customer", replace(row, perform=killed))
    with pytest.raises(KeyboardInterrupt):
        attempt(call)
    monkeypatch.setitem(table.CAPABILITIES, "erp.create_customer", row)
    call.refresh_from_db()
    assert (call.state, len(parties())) == ("sending", 1)
    attempt(call, NOW + timedelta(seconds=30))
    assert call.state == "sending"  # its worker might still be alive
    later = NOW + actions.LEASE + timedelta(seconds=1)
    assert actions.sweep(now=later) == 1
    attempt(call, later)
    assert (call.state, len(parties()), call.answer["how"]) == ("done", 1, "found")
    assert [each.outcome for each in call.history.all()] == ["lost", "answered"]


def test_a_fault_of_our_own_is_written_down_and_tried_again(ana, monkeypatch):
    _case, call = case_at_connect(ana)
    row = table.CAPABILITIES["erp.create_customer"]
    monkeypatch.setitem(
        table.CAPABILITIES, "erp.create_customer", replace(row, perform=lambda request: {}["missing"])
    )
    attempt(call)
    assert (call.state, call.code) == ("waiting", "unforeseen")


def test_a_peer_that_fails_five_times_rests_and_what_waits_for_it_hurries_when_it_is_back(ana):
    (_one, first), (_two, second) = case_at_connect(ana), case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    now = NOW
    for _ in range(5):
        attempt(first, now)
        now = first.next_at
    failed_at = Peer.objects.get(name="erp").failed_at
    attempt(second, failed_at + timedelta(seconds=1))
    assert (second.tries, second.code) == (0, "peer-resting")
    actions.set_sandbox_mode("erp", "ok")
    back = max(first.next_at, failed_at + circuit.REST)
    attempt(first, back)
    second.refresh_from_db()
    assert first.state == "done"
    assert second.next_at <= back + timedelta(seconds=1)


def test_a_person_may_have_it_tried_at_once(ana):
    _case, call = case_at_connect(ana)
    actions.set_sandbox_mode("erp", "down")
    for _ in range(3):
        attempt(call, call.next_at)
    actions.set_sandbox_mode("erp", "ok")
    actions.try_now(call, actor=CARMEN, now=NOW + timedelta(seconds=90))
    attempt(call, NOW + timedelta(seconds=90))
    assert call.state == "done"
    with pytest.raises(actions.NotWaiting):
        actions.try_now(call, actor=CARMEN, now=NOW)


def test_a_step_that_was_closed_before_the_first_try_is_not_called(ana):
    case, call = case_at_connect(ana)
    cases.withdraw(case, actor=CARMEN, now=NOW)
    attempt(call)
    assert (call.state, SandboxRecord.objects.count()) == ("cancelled", 0)
    case.refresh_from_db()
    assert case.state == "ended"


def test_an_answer_that_comes_after_the_case_was_closed_is_written_down(ana, monkeypatch):
    case, call = case_at_connect(ana)
    row = table.CAPABILITIES["erp.create_customer"]

    def meanwhile(request):
        cases.withdraw(case, actor=CARMEN, now=NOW)
        return row.perform(request)

    monkeypatch.setitem(table.CAPABILITIES, "erp.create_customer", replace(row, perform=meanwhile))
    attempt(call)
    assert call.state == "done"
    assert "call.late" in kinds(case)


def test_a_paused_case_is_not_called_until_it_goes_on(ana):
    case, call = case_at_connect(ana)
    cases.pause(case, "the contract is being renegotiated", actor=CARMEN, now=NOW)
    attempt(call)
    assert (call.state, call.tries, call.first_failed_at) == ("waiting", 0, None)
    cases.resume(case, actor=CARMEN, now=NOW)
    attempt(call, call.next_at)
    assert call.state == "done"


def test_the_ledger_holds_nothing_personal_in_clear(ana):
    case, call = case_at_connect(ana)
    attempt(call)
    (row,) = queries.ledger(case)
    (only,) = row.history.all()
    assert only.request["iban"] == "RO49…0000"
    assert only.request["email"] == "a…@electroinstal.example"
    assert IBAN not in str(only.request) + str(only.answer) + str(row.answer)
    assert not any(IBAN.encode() in bytes(kept.sealed) for kept in SandboxRecord.objects.all())


def test_the_database_refuses_to_rewrite_a_try(ana):
    _case, call = case_at_connect(ana)
    attempt(call)
    for change in (lambda: Try.objects.update(outcome="rejected"), lambda: Try.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_capability_that_nobody_offers_is_for_a_person(ana, monkeypatch):
    monkeypatch.delitem(table.CAPABILITIES, "erp.create_customer")
    _case, call = case_at_connect(ana)
    attempt(call)
    assert (call.state, call.code) == ("by-hand", "no-such-capability")


def test_without_an_erp_people_do_it(ana, settings):
    settings.DEMO = False
    _case, call = case_at_connect(ana)
    attempt(call)
    assert (call.state, call.code) == ("by-hand", "not-configured")


def test_two_workers_at_one_call_make_one_try(ana):
    _case, call = case_at_connect(ana)
    Call.objects.filter(pk=call.pk).update(state="sending", tries=1)
    call.refresh_from_db()
    history.begin(call, now=NOW, request={})
    attempt(call, NOW + timedelta(seconds=2))
    assert (call.tries, len(parties())) == (1, 0)


def test_health_asks_the_erp(ana):
    (erp,) = [health for health in queries.health() if health.peer == "erp"]
    assert erp.ok
    actions.set_sandbox_mode("erp", "down")
    (erp,) = [health for health in queries.health() if health.peer == "erp"]
    assert not erp.ok
