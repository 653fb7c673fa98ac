import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from tests.conftest import CARMEN, NOW, REFUSED, WORKER, actor_of, client_of, publish

JOURNEY = """
journey: tiny
forms:
  company: {one: {title: {en: Company}, fields: {name: {label: {en: Name}}, iban: {label: {en: IBAN}, type: iban, personal: true}}}}
stages:
  documents:
    owner: operator
    steps:
      details: {form: company}
      screen: {check: [cui], if fail: {redo: details, limit: 1}}
      verify: {review: v, if correct: {redo: details, limit: 2}, if reject: {close: declined}}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(ana):
    return cases.open_case(publish(JOURNEY), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)


def attempt(case, key):
    return Attempt.objects.filter(case=case, key=key).order_by("-number").first()


def submit(case, ana, **answers):
    cases.submit(
        attempt(case, "details"),
        {"name": "Electro"},
        {"iban": "RO49AAAA1B31007593840000"},
        actor=actor_of(ana),
        now=NOW,
    )


def test_opening_a_case_opens_its_first_step(case):
    assert attempt(case, "details").status == "open"
    assert attempt(case, "screen").status == "waiting"
    assert case.reference == f"T-2026-{case.id:06}"


def test_a_submitted_form_opens_what_follows_and_leaves_an_event_for_each_change(case, ana):
    submit(case, ana)
    assert attempt(case, "screen").status == "open"
    kinds = list(Event.objects.filter(case=case).order_by("id").values_list("kind", flat=True))
    assert kinds[-3:] == ["step.completed", "step.opened", "clock.turned"]


def test_a_personal_answer_stands_only_in_the_vault(case, ana):
    submit(case, ana)
    with connection.cursor() as cursor:
        cursor.execute(
            "select row_to_json(a)::text from cases_answer a union all select row_to_json(c)::text from cases_case c"
        )
        assert not any("RO49AAAA" in row[0] for row in cursor.fetchall())


def test_a_failed_check_asks_again_with_its_reason(case, ana):
    submit(case, ana)
    cases.complete(
        attempt(case, "screen"),
        "fail",
        actor=WORKER,
        now=NOW,
        reasons=[{"step": "details", "item": "name", "code": "typo"}],
        targets=["details"],
        wanted={"details": ["name"]},
    )
    again = attempt(case, "details")
    assert (again.number, again.status, again.wanted) == (2, "open", ["name"])
    assert again.reasons[0]["code"] == "typo"
    assert Attempt.objects.get(case=case, key="details", number=1).status == "done"


def test_an_attempt_that_sends_back_keeps_its_own_outcome_and_who_said_it(case, ana):
    submit(case, ana)
    cases.complete(attempt(case, "screen"), "ok", actor=WORKER, now=NOW)
    cases.complete(attempt(case, "verify"), "correct", actor=CARMEN, now=NOW, targets=["details"])
    kept = Attempt.objects.get(case=case, key="verify", number=1)
    assert (kept.status, kept.outcome, kept.by, kept.ended_at) == ("done", "correct", str(CARMEN), NOW)
    assert (attempt(case, "verify").number, attempt(case, "verify").status) == (2, "waiting")


def test_at_a_gate_each_try_of_the_loop_stays_in_the_history(case, ana):
    for _ in range(2):
        submit(case, ana)
        cases.complete(attempt(case, "screen"), "fail", actor=WORKER, now=NOW)
    cases.complete(attempt(case, "gate@screen"), "again", actor=CARMEN, now=NOW)
    rows = Attempt.objects.filter(case=case, key="screen").order_by("number")
    assert [(row.status, row.outcome) for row in rows] == [
        ("done", "fail"),
        ("done", "fail"),
        ("waiting", ""),
    ]


def test_completing_twice_is_refused(case, ana):
    one = attempt(case, "details")
    cases.complete(one, "done", actor=actor_of(ana), now=NOW)
    with pytest.raises(cases.Refused, match="no-longer-open"):
        cases.complete(one, "done", actor=actor_of(ana), now=NOW)


def test_a_stale_page_is_told_so(case, ana):
    with pytest.raises(cases.Refused, match="stale"):
        cases.complete(
            attempt(case, "details"), "done", actor=actor_of(ana), now=NOW, seen_version=case.version - 1
        )


def test_a_rejected_case_ends_and_cancels_what_is_open(case, ana):
    submit(case, ana)
    cases.complete(attempt(case, "screen"), "ok", actor=WORKER, now=NOW)
    cases.complete(attempt(case, "verify"), "reject", actor=CARMEN, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.end, bool(case.ended_at)) == ("ended", "declined", True)


@pytest.mark.parametrize(
    "statement",
    [
        "update cases_event set kind = 'x'",
        "delete from cases_event",
        "set constraints all immediate; truncate cases_event",
        "update cases_answer set value = '1'",
        "update journeys_journeyversion set source = ''",
    ],
)
def test_the_database_itself_refuses_to_change_a_ledger(case, ana, statement):
    submit(case, ana)
    with (
        pytest.raises(DatabaseError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_an_attempt_that_goes_backwards(case, ana):
    submit(case, ana)
    with pytest.raises(IntegrityError, match="cannot go from done to open"), transaction.atomic():
        Attempt.objects.filter(case=case, key="details").update(status="open")


def test_a_rolled_back_change_leaves_no_event_and_no_job(case, ana):
    before = Event.objects.count()
    with transaction.atomic():
        submit(case, ana)
        transaction.set_rollback(True)
    assert Event.objects.count() == before
    assert attempt(case, "details").status == "open"
