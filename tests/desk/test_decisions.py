"""Deciding on a case: approve, correct, reject, pause, gates; and what is refused."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from pridvor.accounts.models import Role, Staff
from pridvor.cases import actions as cases
from pridvor.cases.models import Answer, Attempt, Event
from pridvor.documents.models import File
from pridvor.lib import clock
from pridvor.vault import actions as vault
from pridvor.vault.models import Look
from tests.conftest import CARMEN, NOW, WORKER, actor_of, client_of, publish
from tests.desk.conftest import Desk, at_verify, staff
from tests.partner import Partner, good

pytestmark = pytest.mark.django_db


def last(case, step):
    return Attempt.objects.filter(case=case, key=step).order_by("-number").first()


def test_approving_lets_the_case_go_on_and_names_who_did_it(carmen, waiting):
    carmen.decide(waiting, "approve")
    row = last(waiting, "verify")
    assert (row.status, row.outcome, row.by) == ("done", "approve", str(carmen.person.actor))


def test_a_correction_asks_again_what_was_chosen_and_nothing_else(carmen, waiting):
    answer = carmen.decide(
        waiting, "correct", **{"collect.bank-letter": "unreadable", "bank.iban": "differs"}
    )
    assert answer.status_code == 200
    assert last(waiting, "bank").wanted == ["iban"]
    assert last(waiting, "details").number == 1
    cases.submit(
        last(waiting, "bank"), {}, {"iban": "RO49AAAA1B31007593840000"}, actor=WORKER, now=clock.now()
    )
    assert (last(waiting, "collect").wanted, last(waiting, "collect").reasons[0]["code"]) == (
        ["bank-letter"],
        "unreadable",
    )


def test_a_correction_without_any_item_is_asked_back(carmen, waiting):
    answer = carmen.decide(waiting, "correct", note="Please look again")
    assert answer.status_code == 422
    assert "Choose at least one item" in answer.content.decode()
    assert last(waiting, "verify").status == "open"
    assert not Answer.objects.filter(field="note").exists()


def test_rejecting_takes_a_reason_and_ends_the_case(carmen, waiting):
    assert carmen.decide(waiting, "reject").status_code == 422
    carmen.decide(waiting, "reject", reason="reject-duplicate", note="Sunteți deja partener.")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.end) == ("ended", "declined")
    said = Event.objects.filter(case=waiting, kind="step.completed").order_by("-id").first().data["reasons"]
    assert said[0]["code"] == "reject-duplicate"


def test_words_for_the_client_stand_only_in_the_vault(carmen, waiting):
    carmen.decide(waiting, "reject", reason="reject-false", note="Doamna Popescu, actul este falsificat")
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', ["%falsificat%"])
            assert cursor.fetchone()[0] == 0, table
    said = Event.objects.filter(case=waiting, kind="step.completed").order_by("-id").first().data["reasons"]
    assert str(Answer.objects.get(field="note").ref) == said[0]["note_ref"]


def test_a_page_that_is_older_than_the_case_is_told_so(carmen, waiting):
    answer = carmen.decide(waiting, "approve", version=str(waiting.version - 1))
    assert "Somebody changed this case" in answer.content.decode()
    assert last(waiting, "verify").status == "open"


@pytest.mark.parametrize("version", ["", "x", "²", "9" * 5000, "-1"])
def test_a_version_that_is_none_is_not_a_failure(carmen, waiting, version):
    assert carmen.decide(waiting, "approve", version=version).status_code == 200


@pytest.mark.parametrize("outcome", ["approve", "reject", "correct"])
def test_deciding_twice_changes_nothing_and_leaves_no_words_behind(carmen, waiting, outcome):
    said = {
        "approve": {},
        "reject": {"reason": "reject-false", "note": "x"},
        "correct": {"bank.iban": "differs", "note": "x"},
    }[outcome]
    row = last(waiting, "verify")
    for _ in range(2):
        answer = carmen.post(f"/desk/cases/{waiting.public_id}/decide/{row.pk}/{outcome}/", said, follow=True)
    assert answer.status_code == 200
    assert "decided already" in answer.content.decode() or "not possible now" in answer.content.decode()
    assert Event.objects.filter(case=waiting, kind="step.completed", data__step="verify").count() == 1
    assert Answer.objects.filter(field="note").count() == (outcome != "approve")


def test_after_a_decision_the_next_case_in_the_queue_opens(carmen, waiting, emil):
    other = at_verify(Partner(emil, name="SC Alta SRL", cui="48219502"))
    answer = carmen.decide(waiting, "approve")
    assert answer.redirect_chain[-1][0] == f"/desk/cases/{other.public_id}/"


# -- who may decide what


@pytest.mark.parametrize("step", ["screen", "details", "collect"])
def test_nobody_decides_by_hand_what_a_machine_or_the_client_does(carmen, ours, step):
    cases.complete(ours.open("collect"), "done", actor=WORKER, now=ours.time())
    outcome = "ok" if step == "screen" else "done"
    before = Event.objects.count()
    assert carmen.decide(ours.case, outcome, step).status_code == 404
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("role", "status"), [(Role.OPERATOR, 404), (Role.COMPLIANCE, 200), (Role.ADMINISTRATOR, 200)]
)
def test_a_compliance_officers_step_is_not_an_operators(ana, role, status):
    case = compliance_case(ana)
    assert Desk(staff(role)).decide(case, "approve", "v").status_code == status


def compliance_case(ana, more="", reject="{close: declined}"):
    why = 'reasons: {reject-no: {en: "No"}}'
    source = f"journey: small\n{why}\nstages: {{s: {{owner: compliance, steps: {{v: {{review: r{more}, if reject: {reject}}}}}}}}}\n"
    return cases.open_case(publish(source), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)


def test_two_people_approve_what_needs_two(ana, cristina):
    case = compliance_case(ana, ", second_person: true")
    cristina.decide(case, "approve", "v")
    assert "A second person must confirm" in cristina.decide(case, "approve", "v").content.decode()
    other = Desk(staff(Role.COMPLIANCE, "radu@arcada.example"))
    assert "Proposed: approved." in other.text(f"/desk/cases/{case.public_id}/")
    other.decide(case, "approve", "v")
    case.refresh_from_db()
    assert case.end == "activated"


GIVING = ', fields: {credit_limit: {type: number, label: {en: "Limit"}}}'


def test_what_was_granted_stands_on_the_page_with_who_granted_it(ana, cristina):
    case = compliance_case(ana, GIVING)
    cristina.decide(case, "approve", "v", credit_limit="60,000.50", why="Bank guarantee")
    page = re.sub(r"<[^>]+>", "", cristina.text(f"/desk/cases/{case.public_id}/"))
    assert re.search(r"Limit ?60,000.5 +Compliance Ionescu · ", page)


def test_who_grants_nothing_gives_a_reason_and_no_values(ana, cristina):
    case = compliance_case(ana, GIVING, reject="go on")
    path = f"/desk/cases/{case.public_id}/decide/{last(case, 'v').pk}/reject/"
    asked = cristina.text(path)
    assert "Why not?" in asked
    assert "Limit" not in asked
    assert cristina.decide(case, "reject", "v").status_code == 422
    cristina.decide(case, "reject", "v", reason="reject-no")
    case.refresh_from_db()
    assert case.end == "activated"
    assert "Limit" not in cristina.text(f"/desk/cases/{case.public_id}/")


def test_somebody_disabled_is_cut_off_at_the_next_request(carmen, waiting):
    assert carmen.get("/desk/").status_code == 200
    Staff.objects.update(is_active=False)
    assert carmen.get("/desk/").status_code == 302


# -- pause and gates


def test_pausing_takes_a_reason_and_resuming_goes_on(carmen, waiting):
    at = f"/desk/cases/{waiting.public_id}"
    assert "Say why" in carmen.post(f"{at}/pause/", {"reason": " "}, follow=True).content.decode()
    carmen.post(f"{at}/pause/", {"reason": "awaits the board"})
    assert "awaits the board" in carmen.text(f"{at}/")
    assert (
        "not possible now" in carmen.post(f"{at}/pause/", {"reason": "again"}, follow=True).content.decode()
    )
    carmen.post(f"{at}/resume/")
    waiting.refresh_from_db()
    assert waiting.paused == ""


LOOP = """
journey: small
reasons: {reject-lost: {en: Lost patience, ro: Gata}}
stages:
  s: {title: {en: S}, steps: {a: {form: f}, c: {check: [cui], if fail: {redo: a, limit: 1}}}}
"""


@pytest.fixture
def stuck(ana):
    case = cases.open_case(publish(LOOP), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
    for _ in range(2):
        for step, outcome in (("a", "done"), ("c", "fail")):
            cases.complete(last(case, step), outcome, actor=WORKER, now=NOW)
    return case


@pytest.mark.parametrize(
    ("outcome", "said", "state", "opened"),
    [
        ("accept", {}, "ended", set()),
        ("again", {}, "open", {"a"}),
        ("close", {"reason": "reject-lost"}, "ended", set()),
    ],
)
def test_at_a_gate_a_person_decides(carmen, stuck, outcome, said, state, opened):
    assert carmen.decide(stuck, outcome, "gate@c", **said).status_code == 200
    stuck.refresh_from_db()
    assert (
        stuck.state,
        set(Attempt.objects.filter(case=stuck, status="open").values_list("key", flat=True)),
    ) == (state, opened)


def test_a_gate_that_closes_asks_and_keeps_the_reason(carmen, stuck):
    assert carmen.decide(stuck, "close", "gate@c").status_code == 422
    carmen.decide(stuck, "close", "gate@c", reason="reject-lost")
    assert Event.objects.get(case=stuck, kind="gate.decided").data["reasons"] == [{"code": "reject-lost"}]


@pytest.mark.parametrize("outcome", ["nonsense", "approve"])
def test_an_outcome_that_does_not_exist_is_no_failure(carmen, waiting, stuck, outcome):
    assert carmen.decide(stuck, outcome, "gate@c").status_code in (200, 404)
    assert last(stuck, "gate@c").status == "open"
    assert carmen.decide(waiting, "nonsense").status_code == 404


@pytest.mark.parametrize("step", ["verify", "gate@c"])
def test_every_button_has_a_key_of_its_own(carmen, waiting, stuck, step):
    case = waiting if step == "verify" else stuck
    page = carmen.text(f"/desk/cases/{case.public_id}/")
    toolbar = page.partition('class="toolbar"')[2].partition("</div>")[0]
    keys = re.findall(r'data-key="(.)"', toolbar)
    assert len(keys) == len(set(keys)) == 3


@pytest.mark.parametrize("outcome", ["correct", "reject"])
def test_the_page_of_reasons_is_sent_by_key_too(carmen, waiting, outcome):
    page = carmen.text(f"/desk/cases/{waiting.public_id}/decide/{last(waiting, 'verify').pk}/{outcome}/")
    assert re.search(r'<button class="button[^>]*data-key="s"', page)


def test_a_step_that_may_only_be_asked_again_as_a_whole_can_be_chosen(carmen, ana):
    source = (
        "journey: small\nreasons: {wrong: {en: Wrong, ro: Greșit}}\nstages:\n  s:\n    steps:\n"
        "      a: {sign: contract, title: {en: Sign here}, if declined: {close: declined}}\n      v: {review: r, if correct: {redo: a, limit: 2}}\n"
    )
    case = cases.open_case(publish(source), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
    cases.complete(last(case, "a"), "signed", actor=actor_of(ana), now=NOW)
    assert carmen.decide(case, "correct", "v", **{"a.": "wrong"}).status_code == 200
    assert (last(case, "a").number, last(case, "a").wanted, last(case, "a").reasons[0]["code"]) == (
        2,
        [],
        "wrong",
    )


# -- the queue


def test_what_is_due_first_stands_first(carmen, ana, emil):
    for person, name, hours in ((ana, "Later SRL", 1), (emil, "Sooner SRL", 5)):
        ours = Partner(person, name=name)
        at_verify(ours)
        Attempt.objects.filter(case=ours.case, key="verify").update(
            opened_at=clock.now() - timedelta(hours=hours)
        )
    page = carmen.text("/desk/")
    assert page.index("Sooner SRL") < page.index("Later SRL")


def test_late_work_says_so(carmen, waiting):
    Attempt.objects.filter(case=waiting, key="verify").update(opened_at=clock.now() - timedelta(hours=9))
    assert "late" in carmen.text("/desk/")


def test_a_manager_sees_the_case_and_has_no_buttons(dan, waiting):
    page = dan.text(f"/desk/cases/{waiting.public_id}/")
    assert "Electro Instal" in page
    assert "/decide/" not in page
    assert dan.decide(waiting, "approve").status_code == 404


# -- looking


def test_looking_at_a_case_is_logged_with_each_personal_value(carmen, waiting):
    page = carmen.text(f"/desk/cases/{waiting.public_id}/")
    assert "Ana Popescu" in page
    looks = Look.objects.filter(actor_id=carmen.person.actor.id, subject=waiting.subject)
    assert {field for look in looks for field in look.fields} >= {"contact_name", "iban", "phone", "email"}
    assert set(looks.values_list("case", flat=True)) == {waiting.reference}


def test_an_erased_case_is_shown_without_what_was_erased(carmen, ours):
    ours.papers(bank_letter=good("bank-letter")).send().check()
    vault.erase(ours.case.subject, actor=CARMEN, reason="asked", now=clock.now())
    page = carmen.text(f"/desk/cases/{ours.case.public_id}/")
    assert "Electro Instal" in page
    assert "Popescu" not in page
    file = File.objects.get(document__case=ours.case)
    assert carmen.get(f"/desk/cases/{ours.case.public_id}/files/{file.public_id}/").status_code == 404
    assert carmen.get(f"/desk/cases/{ours.case.public_id}/files/{file.public_id}/0.webp").status_code == 404


def test_a_corrected_value_is_shown_with_what_stood_there_before(carmen, waiting):
    cases.change(
        waiting,
        "details",
        {"name": "SC Electro Instal Nou SRL"},
        {"phone": "+40722000222"},
        actor=carmen.person.actor,
        now=clock.now(),
    )
    page = carmen.text(f"/desk/cases/{waiting.public_id}/")
    assert "+40 722 000 222" in page
    assert re.search(r"<del>\+40 721 000 111</del>", page)
    assert re.search(r"<del>SC Electro Instal SRL</del>", page)


def test_all_that_happened_is_told_in_words(carmen, waiting):
    carmen.decide(waiting, "correct", **{"bank.iban": "differs"})
    page = carmen.text(f"/desk/cases/{waiting.public_id}/")
    assert "correction asked" in page
    assert "It does not agree with what was entered" in page
