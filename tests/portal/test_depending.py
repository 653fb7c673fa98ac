"""Questions that depend on answers: what is asked, what is kept, what is dropped; as a browser without scripts goes it."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import queries
from pridvor.cases.models import Answer, Draft
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from tests.conftest import NOW, client_of, publish
from tests.portal.conftest import at, visitor_of

pytestmark = pytest.mark.django_db

JOURNEY = """
journey: opening
title: {en: Opening, ro: Deschidere}
opens: client
expires: 30 days
forms:
  profile:
    kind:
      title: {en: Your company, ro: Firma}
      fields:
        size:
          type: choice
          label: {en: Size, ro: Mărimea}
          options:
            small: {en: Small, ro: Mică}
            large: {en: Large, ro: Mare}
        people: {type: int, label: {en: How many people, ro: Câți oameni}, when: form.size == "large"}
        service:
          type: choice
          label: {en: Service, ro: Serviciul}
          options:
            plain: {en: Plain, ro: Simplu}
            premium: {en: Premium, ro: Premium, when: form.size == "large"}
    officer:
      title: {en: Your officer, ro: Responsabilul}
      when: form.size == "large" && form.people > 249
      fields:
        officer: {personal: true, label: {en: Who is your compliance officer, ro: Cine este responsabilul}}
    last:
      title: {en: One more, ro: Încă ceva}
      fields:
        abroad: {label: {en: Permit, ro: Permis}, when: client.country != "RO"}
        remark: {label: {en: Remark, ro: Observație}}
stages:
  papers:
    steps:
      profile: {form: profile}
      look: {review: papers, if correct: {redo: profile, limit: 3}}
"""


@pytest.fixture
def case(ana):
    return cases.open_case(
        publish(JOURNEY), client_of(ana), ana, language="en", actor=ana_actor(ana), now=clock.now()
    )


def ana_actor(ana):
    return Actor("client", str(ana.subject))


@pytest.fixture
def visitor(case, ana):
    return visitor_of(ana)


def kind(visitor, case, **fields):
    """The first page, as a browser sends it: with the names of the questions that it showed."""
    shown = fields.pop("shown", ["size", "service"])
    return visitor.say(at(case, "profile", "kind"), shown=shown, **fields)


def large(visitor, case, people="300"):
    kind(visitor, case, size="large", people=people, service="premium", shown=["size", "people", "service"])


def test_what_does_not_apply_is_not_asked(visitor, case):
    visitor.go(at(case, "profile"))
    assert "Size" in visitor.text
    assert "How many people" not in visitor.text
    assert "Premium" not in visitor.text


def test_an_answer_that_brings_up_a_question_shows_it_before_anything_is_said_to_be_wrong(visitor, case):
    kind(visitor, case, size="large", service="plain")
    assert "How many people" in visitor.text
    assert "Premium" in visitor.text
    assert "Your answer brings up one more question" in visitor.text
    assert "Please" not in visitor.text
    kind(visitor, case, size="large", service="plain", shown=["size", "people", "service"])
    assert "Please fill this in" in visitor.text


def test_what_another_window_still_types_into_a_form_that_was_closed_is_a_conflict_and_no_lost_page(
    visitor, case, ana
):
    typed = {"field": "size", "size": "large"}
    assert visitor.post(at(case, "profile", "draft"), typed).status_code == 204
    cases.withdraw(case, actor=ana_actor(ana), now=clock.now())
    assert visitor.post(at(case, "profile", "draft"), typed).status_code == 409


def test_whole_pages_and_what_is_required_follow(visitor, case):
    large(visitor, case)
    assert visitor.at == at(case, "profile", "officer")
    large(visitor, case, people="12")
    assert visitor.at == at(case, "profile", "last")


def test_a_page_that_is_not_asked_any_more_leads_on(visitor, case):
    large(visitor, case, people="12")
    visitor.go(at(case, "profile", "officer"))
    assert visitor.at == at(case, "profile", "last")
    assert visitor.get(at(case, "profile", "nothing")).status_code == 404


def test_an_option_that_is_not_offered_is_refused(visitor, case):
    kind(visitor, case, size="small", service="premium")
    assert "Please choose one of these" in visitor.text


def test_what_is_hidden_again_is_dropped_from_what_was_typed(visitor, case):
    large(visitor, case)
    visitor.say(at(case, "profile", "officer"), officer="Cristina Ionescu", shown="officer")
    assert {"people", "officer"} <= set(queries.drafts(case, "profile"))
    kind(visitor, case, size="small", service="plain")
    assert not {"people", "officer"} & set(queries.drafts(case, "profile"))
    assert not Draft.objects.filter(case=case, field="officer").exists()


def test_what_is_typed_into_a_hidden_question_is_not_kept(visitor, case):
    kind(visitor, case, size="small", service="plain", people="12")
    visitor.say(at(case, "profile", "last"), remark="none", abroad="yes", shown=["remark"])
    visitor.say(at(case, "profile", "check"))
    assert set(queries.answers(case)) == {"size", "service", "remark"}


def sent(visitor, case):
    large(visitor, case)
    visitor.say(at(case, "profile", "officer"), officer="Cristina Ionescu", shown="officer")
    visitor.say(at(case, "profile", "last"), remark="none", shown="remark")
    visitor.say(at(case, "profile", "check"))
    assert queries.attempt(case, "profile").status == "done"
    case.refresh_from_db()
    return case


def test_the_last_look_shows_what_was_asked(visitor, case):
    large(visitor, case, people="12")
    visitor.say(at(case, "profile", "last"), remark="none", shown="remark")
    assert "How many people" in visitor.text
    assert "compliance officer" not in visitor.text


def test_a_correction_takes_away_what_depended_on_the_old_answer(visitor, case):
    sent(visitor, case)
    kind(visitor, case, size="small", service="plain")
    assert "Corrected" in visitor.text
    assert "people" not in queries.answers(case)
    assert "officer" not in queries.personal_refs(case)
    case.refresh_from_db()
    assert case.values["profile.people"] is None
    assert Answer.objects.filter(case=case, field="people").count() == 2  # the old one is still told of


def test_a_correction_asks_at_once_what_is_wanted_because_of_it(visitor, case):
    kind(visitor, case, size="small", service="plain")
    visitor.say(at(case, "profile", "last"), remark="none", shown="remark")
    visitor.say(at(case, "profile", "check"))
    large(visitor, case)
    assert "Who is your compliance officer" in visitor.text
    assert "Corrected" not in visitor.text
    visitor.say(
        at(case, "profile", "kind"),
        size="large",
        people="300",
        service="premium",
        officer="Cristina Ionescu",
        shown=["size", "people", "service", "officer"],
    )
    assert "Corrected" in visitor.text
    assert "officer" in queries.personal_refs(case)


def test_a_script_asks_what_is_asked_now_and_nothing_is_kept(visitor, case):
    answer = visitor.post(
        at(case, "profile", "kind"), {"size": "large", "shown": ["size", "service"]}, headers={"X-Asked": "1"}
    )
    page = answer.content.decode()
    assert 'data-asked="people"' in page
    assert 'data-asks="size"' in page
    assert "Please" not in page
    assert not queries.drafts(case, "profile")


def test_what_the_case_knows_counts(ana, case):
    assert [field.key for field in queries.asked(case, "profile", {}).page("last").fields] == ["remark"]
    case.client.country = "HU"
    abroad = cases.open_case(publish(JOURNEY), case.client, ana, language="en", actor=ana_actor(ana), now=NOW)
    assert [field.key for field in queries.asked(abroad, "profile", {}).page("last").fields] == [
        "abroad",
        "remark",
    ]


def test_huge_and_odd_values_ask_nothing_and_break_nothing(visitor, case):
    for odd in ("x" * 100_000, "9" * 400, "-1", "1e308", "\u202e"):
        kind(visitor, case, size="large", people=odd, service="plain", shown=["size", "people", "service"])
        assert visitor.get(at(case, "profile", "kind")).status_code == 200
    assert visitor.post(
        at(case, "profile", "draft"), {"field": "people", "people": "9" * 5000}
    ).status_code in (204, 422)
