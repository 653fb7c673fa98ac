"""One's own case: what it says, what can be corrected, how it ends."""

from datetime import timedelta

import pytest
from django.utils import translation

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case, Event
from pridvor.clients import actions as clients
from pridvor.lib import clock
from pridvor.lib.actor import machine
from pridvor.sla import books, timers
from pridvor.sla import queries as sla
from pridvor.ui import dates
from tests.conftest import CARMEN, ROOT, WORKER, publish
from tests.portal.conftest import ANA, CUI, IBAN, at, attempt

pytestmark = pytest.mark.django_db


def screen(case, outcome="ok", **more):
    cases.complete(attempt(case, "screen"), outcome, actor=WORKER, now=clock.now(), **more)


def with_papers(visitor, case):
    """The bank account and the papers are in; the papers as if they had been sent."""
    visitor.say(at(case, "bank", "account"), iban=IBAN)
    cases.complete(attempt(case, "collect"), "done", actor=WORKER, now=clock.now())
    return case


def ended(visitor, case, outcome="approve", **more):
    with_papers(visitor, case)
    screen(case)
    cases.complete(attempt(case, "verify"), outcome, actor=CARMEN, now=clock.now(), **more)
    return case


def test_the_page_says_whose_turn_it_is(visitor, case):
    visitor.go(at(case))
    assert "Your turn: Bank account" in visitor.text
    assert "within 3 working days" in visitor.text


def test_the_page_says_by_when_all_is_finished_and_why_then(visitor, case):
    books.bring_up_to_date(case.pk, now=clock.now())
    visitor.go(at(case))
    with translation.override("en"):
        assert f"Our promise: finished by {dates.said(sla.due(case))}." in visitor.text
    assert "because: 3 working days, Bucharest calendar" in visitor.text


def test_a_promise_that_was_not_kept_is_owned_up_to(visitor, case):
    books.bring_up_to_date(case.pk, now=clock.now())
    timers.sweep(now=clock.now() + timedelta(days=20))
    visitor.go(at(case))
    assert "and we are late" in visitor.text
    assert 'aria-current="step"' in visitor.text


def test_while_we_act_the_page_looks_again_by_itself(visitor, case):
    with_papers(visitor, case)
    visitor.go(at(case))
    assert "We are checking what you sent" in visitor.text
    assert 'hx-trigger="every 2s"' in visitor.text
    seen = visitor.text.split("?seen=")[1].split('"')[0]
    assert visitor.get(at(case, "status") + f"?seen={seen}").status_code == 204
    screen(case)
    assert (
        "A person at our end looks at it"
        in visitor.get(at(case, "status") + f"?seen={seen}").content.decode()
    )


def test_waiting_for_another_system_is_said_with_its_name(visitor, case, monkeypatch):
    ended(visitor, case)
    visitor.go(at(case))
    assert "We are setting up your account" in visitor.text


def test_a_form_page_that_is_over_leads_to_the_case(visitor, case):
    with_papers(visitor, case)
    screen(case)
    cases.complete(attempt(case, "verify"), "approve", actor=CARMEN, now=clock.now())
    visitor.go(at(case, "bank", "account"))
    assert visitor.at == at(case)


@pytest.mark.parametrize(
    "page",
    [
        (),
        ("details",),
        ("details", "contact"),
        ("details", "check"),
        ("collect",),
        ("sent",),
        ("withdraw",),
        ("status",),
    ],
)
def test_another_persons_case_and_none_look_the_same(visitor, another, case, page):
    another.come_back("emil@altafirma.example")
    none = str(case.public_id)[:-4] + "0000"
    theirs, nobodys = (
        another.get(at(case, *page)),
        another.get(at(case, *page).replace(str(case.public_id), none)),
    )
    assert (theirs.status_code, nobodys.status_code) == (404, 404)


def test_whoever_is_not_signed_in_signs_in_and_comes_back(another, visitor, case):
    another.go(at(case, "collect"))
    assert another.at.startswith("/track/?next=")
    another.say("/track/", email=ANA, next=at(case, "collect"))
    another.say("/track/code/", code=another.code())
    assert another.at == at(case, "collect")


def test_the_link_in_a_letter_leads_to_the_case(another, visitor, case):
    visitor.go(f"/track/{case.public_id}/")
    assert visitor.at == at(case)
    another.go(f"/track/{case.public_id}/")
    assert another.at.startswith("/track/?next=")


def test_a_foreign_address_as_next_is_not_followed(another, visitor, case):
    another.say("/track/", email=ANA, next="https://evil.example/")
    another.say("/track/code/", code=another.code())
    assert another.at == "/track/"


def test_the_list_shows_ones_own_cases_only(visitor, another, case):
    another.come_back("emil@altafirma.example")
    assert case.reference not in another.text
    visitor.go("/track/")
    assert case.reference in visitor.text


def test_signing_out_closes_the_door(visitor, case):
    visitor.say("/sign-out/")
    visitor.go(at(case))
    assert visitor.at.startswith("/track/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("RO49 AAAA 1B31 0075 9384 000", "24 characters in Romania; you gave 23"),
        ("RO48 AAAA 1B31 0075 9384 0000", "check digits"),
        ("hello", "begins with two letters"),
    ],
)
def test_a_wrong_iban_is_explained(visitor, case, typed, said):
    visitor.say(at(case, "bank", "account"), iban=typed)
    assert said in visitor.text
    assert typed in visitor.text


def test_the_iban_is_kept_sealed_and_shown_in_fours(visitor, case):
    visitor.say(at(case, "bank", "account"), iban=IBAN.lower())
    assert attempt(case, "bank").status == "done"
    visitor.go(at(case, "sent"))
    assert IBAN in visitor.text
    assert "iban" not in case_queries.answers(case)


def test_what_was_sent_can_be_corrected_and_is_checked_again(visitor, case):
    with_papers(visitor, case)
    screen(case)
    visitor.say(at(case, "bank", "account"), iban="RO09 BCYP 0000 0012 3456 7890")
    assert "What depends on it is checked again" in visitor.text
    assert attempt(case, "screen").number == 2


def test_the_company_can_be_corrected_after_sending(visitor, case):
    visitor.say(
        at(case, "details", "company"),
        name="Veranda Construct SRL",
        street="Str. Nouă 1",
        city="Brașov",
        country="RO",
    )
    case.client.refresh_from_db()
    assert (case.client.name, case.client.cui, case.client.registry_state) == (
        "Veranda Construct SRL",
        CUI,
        "typed",
    )


def test_after_activation_has_begun_nothing_can_be_corrected(visitor, case):
    ended(visitor, case)
    visitor.say(at(case, "bank", "account"), iban=IBAN)
    assert "This part has been sent" in visitor.text
    assert attempt(case, "bank").number == 1


def asked_again(visitor, case):
    with_papers(visitor, case)
    screen(
        case,
        "fail",
        reasons=[{"step": "bank", "item": "iban", "code": "iban-length"}],
        targets=["bank"],
        wanted={"bank": ["iban"]},
    )
    return case


def test_only_what_is_wrong_is_asked_again_with_the_reason_beside_it(visitor, case):
    asked_again(visitor, case)
    visitor.go(at(case))
    assert "something needs another look" in visitor.text
    visitor.go(at(case, "bank"))
    assert "too many or too few characters" in visitor.text
    assert IBAN in visitor.text
    assert attempt(case, "collect").number == 1


def test_whoever_is_sure_can_let_a_person_look(visitor, case):
    asked_again(visitor, case)
    visitor.say(at(case, "bank", "account"), insist="iban")
    assert "A person looks at it" in visitor.text
    assert Event.objects.get(case=case, kind="item.insisted").data == {"step": "bank", "item": "iban"}
    assert attempt(case, "bank").status == "done"


def test_one_page_of_a_form_is_asked_again_and_sent(visitor, case):
    with_papers(visitor, case)
    screen(
        case,
        "fail",
        reasons=[{"step": "details", "item": "phone", "code": "wrong-data"}],
        targets=["details"],
        wanted={"details": ["phone"]},
    )
    visitor.go(at(case, "details"))
    assert visitor.at == at(case, "details", "contact")
    visitor.say(
        at(case, "details", "contact"), contact_name="Ana Popescu", role="administrator", phone="0722 000 222"
    )
    visitor.say(at(case, "details", "check"))
    assert attempt(case, "details").status == "done"
    assert Event.objects.filter(case=case, kind="terms.accepted").count() == 1


def test_withdrawing_asks_first_and_ends_the_case(visitor, case):
    visitor.go(at(case, "withdraw"))
    assert "Yes, withdraw it" in visitor.text
    visitor.say(at(case, "withdraw"))
    assert "You have withdrawn this registration" in visitor.text
    visitor.say(at(case, "withdraw"))
    assert Case.objects.get().end == "withdrawn"


def test_a_declined_case_says_why(visitor, case):
    ended(visitor, case, "reject", reasons=[{"step": "verify", "code": "reject-duplicate"}])
    visitor.go(at(case))
    assert "We cannot accept this registration" in visitor.text
    assert "The company is a partner already" in visitor.text


def test_a_new_address_counts_once_its_code_is_entered(visitor, case):
    visitor.say(at(case, "address"), email="ana.noua@electroinstal.example")
    assert email_of(case) == ANA
    visitor.say(at(case, "address", "code"), code=visitor.code())
    assert "your new address" in visitor.text
    assert email_of(case) == "ana.noua@electroinstal.example"
    assert Event.objects.filter(case=case, kind="address.changed").exists()


def email_of(case):
    case.person.refresh_from_db()
    return clients.email_of(case.person, actor=machine("test"), purpose="test", now=clock.now())


def test_a_code_for_signing_in_does_not_change_an_address(visitor, another, case):
    another.go(at(case, "address", "code"))
    assert another.at.startswith("/track/")
    assert visitor.get(at(case, "address", "code")).status_code == 404


def live(visitor, case):
    ended(visitor, case)
    cases.complete(attempt(case, "erp"), "ok", actor=WORKER, now=clock.now())
    cases.complete(attempt(case, "welcome"), "sent", actor=WORKER, now=clock.now())
    return case


def test_a_case_that_is_live_welcomes(visitor, case):
    live(visitor, case)
    visitor.go(at(case))
    assert "Welcome! You are our partner now" in visitor.text
    assert "every 5s" not in visitor.text


def test_an_opinion_may_be_given_after_the_end_and_its_words_are_sealed(visitor, case):
    live(visitor, case)
    visitor.say(at(case, "rating"))
    assert "Please choose one" in visitor.text
    visitor.say(at(case, "rating"), score="9", comment="Quick.")
    assert "Thank you" in visitor.text
    case.refresh_from_db()
    assert case.values["rating.score"] == 9
    assert "comment" in case_queries.personal_refs(case)


def test_the_story_is_told_without_machine_noise(visitor, case):
    visitor.go(at(case))
    assert "You accepted the conditions" in visitor.text
    assert "step.completed" not in visitor.text


def test_a_draft_that_comes_after_sending_is_not_kept(visitor, case):
    late = visitor.post(at(case, "details", "draft"), {"field": "contact_name", "contact_name": "Somebody"})
    assert late.status_code == 409
    with pytest.raises(cases.Refused, match="no-longer-open"):
        cases.save_draft(case, "details", {"contact_name": "Somebody"}, now=clock.now())


def test_a_client_begins_another_journey_once_and_finds_it_again(visitor, case):
    publish((ROOT / "journeys" / "data-change.yaml").read_text("utf-8"))
    url = at(case, "another", "data-change")
    assert visitor.post(url).status_code == 404  # not before the first journey has reached its goal
    ended(visitor, case)
    for step, outcome in (("erp", "ok"), ("welcome", "sent")):
        cases.complete(attempt(case, step), outcome, actor=WORKER, now=clock.now())
    visitor.go(at(case))
    assert url in visitor.text
    visitor.say(url)
    first = visitor.at
    assert "What changed" in visitor.text
    visitor.say(url)
    assert visitor.at == first
    assert visitor.post(at(case, "another", "partner-registration")).status_code == 404
