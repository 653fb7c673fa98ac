"""The figures of the managers' page against a history that was counted by hand."""

from datetime import timedelta

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.documents.models import Document
from pridvor.insights import queries as insights
from pridvor.lib import clock
from tests.conftest import CARMEN, WORKER, actor_of, client_of, publish
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: small
title: {en: S, ro: S}
documents: {letter: {title: {en: L}}, contract: {title: {en: C}}}
stages:
  papers:
    title: {en: Papers, ro: Acte}
    steps: {a: {upload: [letter, contract]}, c: {check: [cui], if fail: {redo: a, limit: 3}}}
  looking:
    title: {en: Looking, ro: Privire}
    steps: {v: {review: r, if reject: {close: declined}}, rating: {survey: registration, optional: true}}
"""
NOW = clock.now()


def opened(person, days_ago):
    at = NOW - timedelta(days=days_ago)
    return cases.open_case(
        publish(JOURNEY), client_of(person), person, language="en", actor=actor_of(person), now=at
    ), at


def do(case, step, outcome, at, **said):
    row = Attempt.objects.filter(case=case, key=step).order_by("-number").first()
    cases.complete(row, outcome, actor=CARMEN if step == "v" else WORKER, now=at, **said)


def sent(case, item, number, at):
    Document.objects.filter(case=case, item=item, state="sent").update(state="superseded")
    return Document.objects.create(
        case=case, step="a", item=item, number=number, state="sent", created_at=at, sent_at=at
    )


def through(person, days_ago, hours, score=None, *, outcome="approve"):
    case, at = opened(person, days_ago)
    sent(case, "letter", 1, at)
    sent(case, "contract", 1, at)
    do(case, "a", "done", at)
    do(case, "c", "ok", at)
    do(case, "v", outcome, at + timedelta(hours=hours))
    if score is not None:
        row = Attempt.objects.get(case=case, key="rating", status="open")
        cases.submit(row, {"score": score}, {}, actor=actor_of(person), now=at + timedelta(hours=hours + 1))
    return case


@pytest.fixture
def history(ana):
    """Activated in 10, 20 and 60 hours (scores 10, 9, 3), one declined, one of long ago, two on the way, one sent back."""
    for days, hours, score in ((8, 10, 10), (8, 20, 9), (9, 60, 3)):
        through(ana, days, hours, score)
    through(ana, 10, 1, outcome="reject")
    through(ana, 200, 1, 0)
    opened(ana, 1)
    case, at = opened(ana, 2)
    sent(case, "letter", 1, at)
    sent(case, "contract", 1, at)
    do(case, "a", "done", at)
    do(case, "c", "fail", at + timedelta(minutes=1), targets=["a"], wanted={"a": ["letter"]})
    sent(case, "letter", 2, at + timedelta(hours=1))
    do(case, "a", "done", at + timedelta(hours=1))
    do(case, "c", "ok", at + timedelta(hours=1))


def test_half_of_the_cases_were_faster_than_the_median(history):
    assert insights.median_hours(NOW) == pytest.approx(20)
    assert sum(week.count for week in insights.activation_hours(NOW)) == 3


def test_only_the_document_that_was_sent_back_counts_as_wrong(history):
    weeks = insights.document_errors(NOW)
    assert (
        sum(week.count for week in weeks) == 11
    )  # 3 activated and 1 declined with 2 each, 3 of the one sent back
    assert insights.overall(weeks) == pytest.approx(100 / 11)


def test_the_net_promoter_score(history):
    nps = insights.nps(NOW)
    assert (nps.promoters, nps.passives, nps.detractors, nps.score) == (2, 0, 1, 33)


def test_where_open_cases_stand_and_how_others_ended(history):
    assert [(stage.title, stage.cases) for stage in insights.open_by_stage("en")] == [
        ("Papers", 1),
        ("Looking", 1),
    ]
    ends = insights.ends(NOW)
    assert (ends.open, ends.activated, ends.others) == (2, 3, 1)


def test_the_page_says_the_same(history):
    page = Desk(staff(Role.MANAGER)).text("/oversight/")
    for words in ("2 partners are on the way", "20", "+33", "Of 11 documents sent", "1 ended otherwise"):
        assert words in page, words


def test_nothing_measured_is_not_a_zero():
    assert (
        insights.median_hours(NOW),
        insights.nps(NOW).score,
        insights.overall(insights.document_errors(NOW)),
    ) == (None, None, None)
    assert "Nobody has been activated yet" in Desk(staff(Role.MANAGER)).text("/oversight/")
