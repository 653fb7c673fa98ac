"""What a client may be granted: gathered, judged, written down, decided otherwise by people."""

import re

import pytest
from django.db import InternalError, ProgrammingError, transaction

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Event
from pridvor.checks import actions as checks
from pridvor.checks.models import Assessment
from pridvor.connectors import gathering
from pridvor.connectors.contract import Verb
from tests.conftest import COMPANY, NOW, REFUSED, actor_of, client_of, publish
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: credit
forms:
  ask:
    one:
      title: {en: How much}
      fields: {wanted: {type: number, label: {en: Limit}}}
scorecards:
  trade-credit:
    title: {en: Trade credit, ro: Credit comercial}
    requested: ask.wanted
    factors:
      age:
        title: {en: Years in business}
        of: company.years
        rows:
          - {when: company.years >= 10.0, points: 40}
          - {when: company.years >= 3.0, points: 20}
          - {points: 0}
      known:
        title: {en: Journeys that ended well}
        of: client.journeys_done
        rows: [{when: client.journeys_done > 0, points: 30}]
      wanted:
        title: {en: What is asked for}
        of: ask.wanted
        rows: [{when: ask.wanted <= 20000.0, points: 10}]
    bands:
      gold: {title: {en: Gold}, at_least: 40, then: grant, credit_limit: 50000, payment_days: 30, price_group: gold}
      doubtful: {title: {en: Doubtful}, then: decide, credit_limit: 5000, payment_days: 7}
stages:
  credit:
    owner: compliance
    steps:
      ask: {form: ask}
      assess: {check: [risk], scorecard: trade-credit, if fail: {open: decide}}
      look: {review: x, if reject: {close: declined}}
    exceptions:
      decide:
        review: credit
        second_person: ask.wanted > 100000.0
        fields:
          credit_limit: {type: number, label: {en: Credit limit}}
          payment_days: {type: int, label: {en: Payment term}}
"""
KNOWN = {**COMPANY, "cui": "28460319", "vat": "RO28460319"}  # in the registry since 2006
UNKNOWN = COMPANY  # nobody in the registry


def apply(person, wanted, **company):
    case = cases.open_case(
        publish(JOURNEY),
        client_of(person, **{**KNOWN, **company}),
        person,
        language="en",
        actor=actor_of(person),
        now=NOW,
    )
    ask = Attempt.objects.get(case=case, key="ask")
    cases.submit(ask, {"wanted": wanted}, {}, actor=actor_of(person), now=NOW)
    checks.run(Event.objects.filter(case=case, kind="step.opened", data__step="assess").last(), now=NOW)
    return case


def at(case, key):
    return Attempt.objects.filter(case=case, key__startswith=key).latest("number")


def test_an_old_company_gets_what_it_asks_for_without_a_hand(ana):
    case = apply(ana, 12000.0)
    kept = Assessment.objects.get(case=case)
    assert (at(case, "assess").outcome, kept.band, kept.grants, float(kept.credit_limit)) == (
        "ok",
        "gold",
        True,
        12000.0,
    )
    assert [(line["factor"], line["points"]) for line in kept.lines] == [
        ("age", 40),
        ("known", 0),
        ("wanted", 10),
    ]


def test_what_was_granted_is_what_other_systems_are_told(ana):
    told = gathering.customer(Verb(print, grants=True), cases_of(apply(ana, 12000.0)), now=NOW)
    assert (float(told.credit_limit), told.payment_days, told.price_group) == (12000.0, 30, "gold")


def test_a_company_that_the_registry_does_not_know_is_decided_by_a_person(ana):
    case = apply(ana, 12000.0, **UNKNOWN)
    kept = Assessment.objects.get(case=case)
    assert (at(case, "assess").outcome, kept.band, kept.grants) == ("fail", "doubtful", False)
    assert [line["is_known"] for line in kept.lines] == [False, True, True]
    assert at(case, "decide").status == "open"


def test_judging_again_changes_nothing(ana):
    case = apply(ana, 12000.0)
    checks.run(Event.objects.filter(case=case, kind="step.opened", data__step="assess").last(), now=NOW)
    assert Assessment.objects.filter(case=case).count() == 1


def test_an_assessment_cannot_be_changed(ana):
    apply(ana, 12000.0)
    with pytest.raises((InternalError, ProgrammingError), match=REFUSED), transaction.atomic():
        Assessment.objects.update(score=99)


def test_a_person_sees_every_line_and_decides_with_amounts(ana):
    case, cristina = apply(ana, 12000.0, **UNKNOWN), Desk(staff(Role.COMPLIANCE))
    page = cristina.text(f"/desk/cases/{case.public_id}/")
    assert "10 of 80 points" in page
    assert "Doubtful" in page
    assert "not known" in page
    answer = cristina.decide(
        case, "approve", step=at(case, "decide").key, credit_limit="8000", payment_days="14", why=""
    )
    assert answer.status_code == 422
    assert "say why" in answer.content.decode()
    cristina.decide(
        case,
        "approve",
        step=at(case, "decide").key,
        credit_limit="8000",
        payment_days="14",
        why="Known to me",
    )
    told = gathering.customer(Verb(print, grants=True), cases_of(case), now=NOW)
    assert (float(told.credit_limit), told.payment_days, told.price_group) == (8000.0, 14, "")
    assert "Known to me" in cristina.text(f"/desk/cases/{case.public_id}/")


def test_a_bound_is_written_as_people_write_it(ana):
    case, cristina = apply(ana, 12000.0, **UNKNOWN), Desk(staff(Role.COMPLIANCE))
    page = cristina.text(f"/desk/cases/{case.public_id}/")
    assert 'What is asked for <code class="muted small">≤ 20,000</code>' in page
    assert "ask.wanted" not in page


def test_what_was_assessed_needs_no_reason(ana):
    case, cristina = apply(ana, 12000.0, **UNKNOWN), Desk(staff(Role.COMPLIANCE))
    form = cristina.get(
        f"/desk/cases/{case.public_id}/decide/{at(case, 'decide').pk}/approve/"
    ).content.decode()
    assert re.search(r'name="credit_limit" value="5,?000', form), form
    cristina.decide(
        case, "approve", step=at(case, "decide").key, credit_limit="5000", payment_days="7", why=""
    )
    assert at(case, "decide").status == "done"


def test_above_the_threshold_two_people_must_give_the_same_amount(ana):
    case = apply(ana, 150000.0, **UNKNOWN)
    first, second = (Desk(staff(Role.COMPLIANCE, f"{n}@arcada.example")) for n in ("one", "two"))
    step = at(case, "decide").key
    said = {"payment_days": "30", "why": "x"}
    first.decide(case, "approve", step=step, credit_limit="90000", **said)
    second.decide(case, "approve", step=step, credit_limit="70000", **said)
    assert at(case, "decide").status == "open"  # they disagree: it begins anew
    second.decide(case, "approve", step=step, credit_limit="90000", **said)
    first.decide(case, "approve", step=step, credit_limit="90000", **said)
    assert (at(case, "decide").status, at(case, "decide").outcome) == ("done", "approve")
    told = gathering.customer(Verb(print, grants=True), cases_of(case), now=NOW)
    assert float(told.credit_limit) == 90000.0


def cases_of(case):
    case.refresh_from_db()
    return case
