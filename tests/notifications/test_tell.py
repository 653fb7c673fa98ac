"""What happens in a case, and which message is owed for it."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.notifications import actions, queries
from pridvor.notifications.models import Message
from tests.conftest import CARMEN, NOW, WORKER, actor_of, publish
from tests.conftest import client_of as company_of

pytestmark = pytest.mark.django_db
SENT_BACK = [
    {"step": "collect", "item": "bank-letter", "code": "unreadable"},
    {"step": "bank", "item": "iban", "code": "differs"},
]


def tell(case, kind):
    for event in case.events.filter(kind=kind).order_by("id"):
        actions.tell(cases.event(event.pk), now=NOW)
    return list(Message.objects.filter(case=case).order_by("pk"))


def to_verification(case, ana):
    bank = Attempt.objects.get(case=case, key="bank")
    cases.submit(bank, {}, {"iban": "RO49AAAA1B31007593840000"}, actor=actor_of(ana), now=NOW)
    for key, actor, outcome in (("collect", actor_of(ana), "done"), ("screen", WORKER, "ok")):
        cases.complete(Attempt.objects.get(case=case, key=key, status="open"), outcome, actor=actor, now=NOW)


def verify(case, outcome, **said):
    cases.complete(
        Attempt.objects.get(case=case, key="verify", status="open"), outcome, actor=CARMEN, now=NOW, **said
    )


def test_a_milestone_is_told_in_the_journeys_words_once(case):
    assert [message.template for message in tell(case, "milestone.reached")] == ["received"]
    assert len(tell(case, "milestone.reached")) == 1


def test_everything_that_one_decision_sent_back_is_one_letter(case, ana, server):
    to_verification(case, ana)
    verify(
        case,
        "correct",
        reasons=SENT_BACK,
        targets=["bank", "collect"],
        wanted={"collect": ["bank-letter"], "bank": ["iban"]},
    )
    (message,) = tell(case, "loop.taken")
    assert tell(case, "step.redone") == [message]
    actions.deliver(message.pk, now=NOW)
    text = server.mails[0].get_body(("plain",)).get_content()
    assert "Două lucruri de corectat" in text
    assert "- Scrisoare de la bancă: Nu se poate citi bine" in text
    assert "- IBAN: Nu se potrivește cu datele introduse" in text


def test_a_declined_client_is_told_why(case, ana, server):
    to_verification(case, ana)
    verify(case, "reject", reasons=[{"step": "verify", "code": "reject-not-eligible"}])
    declined = [message for message in tell(case, "milestone.reached") if message.template == "declined"]
    assert len(declined) == 1
    actions.deliver(declined[0].pk, now=NOW)
    assert "Lucrăm doar cu firme din domeniul nostru" in server.mails[-1].get_body(("plain",)).get_content()


def test_a_declined_client_is_not_told_the_reasons_of_an_earlier_correction(case, ana, server):
    to_verification(case, ana)
    verify(
        case,
        "correct",
        reasons=[{"step": "bank", "item": "iban", "code": "differs"}],
        targets=["bank"],
        wanted={"bank": ["iban"]},
    )
    cases.submit(
        Attempt.objects.get(case=case, key="bank", status="open"),
        {},
        {"iban": "RO49AAAA1B31007593840000"},
        actor=actor_of(ana),
        now=NOW,
    )
    cases.complete(Attempt.objects.get(case=case, key="screen", status="open"), "ok", actor=WORKER, now=NOW)
    verify(case, "reject", reasons=[{"code": "reject-duplicate"}])
    declined = [message for message in tell(case, "milestone.reached") if message.template == "declined"]
    assert declined[0].context["wanted"] == [{"code": "reject-duplicate"}]


def test_a_delay_is_told_once_however_often_it_is_said(case):
    for _ in range(2):
        cases.record(case, "call.delayed", actor=WORKER, now=NOW, data={"step": "erp", "peer": "erp"})
    assert [message.template for message in tell(case, "call.delayed")] == ["delayed"]


def test_a_journeys_own_message_ends_its_step_and_names_the_customer_number(ana, server):
    source = "journey: small\nstages:\n  one:\n    owner: operator\n    steps:\n      welcome: {notify: welcome}\n      rating: {survey: s, optional: true}\n"
    case = cases.open_case(publish(source), company_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)
    cases.record(
        case,
        "call.done",
        actor=WORKER,
        now=NOW,
        data={"step": "erp", "peer": "erp", "reference": "C-77", "how": "created"},
    )
    opened = case.events.get(kind="step.opened", data__kind="notify")
    for _ in range(2):
        actions.send_step(cases.event(opened.pk), now=NOW)
    assert Attempt.objects.get(case=case, key="welcome").outcome == "sent"
    (message,) = queries.of_case(case)
    actions.deliver(message.pk, now=NOW)
    assert "C-77" in server.mails[0].get_body(("plain",)).get_content()
    assert [each.template for each in tell(case, "step.opened")][1:] == ["invitation-to-rate"]


def test_a_message_that_does_not_exist_is_refused(case):
    with pytest.raises(LookupError):
        actions.owe(case, "no-such", cause="x", now=NOW)
