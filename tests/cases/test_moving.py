"""Publishing by two people; moving open cases with a verdict each; taking the move back."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import moving, proposals
from pridvor.cases.commands import Refused
from pridvor.cases.models import Attempt, Case, Event
from pridvor.journeys import language
from pridvor.journeys import queries as journeys
from pridvor.journeys.actions import CannotPublish
from pridvor.journeys.vocabulary import Vocabulary
from pridvor.lib.actor import Actor
from tests.conftest import CARMEN, NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
TEXT = "title: {en: x, ro: x}"
FORM = f"forms: {{f: {{p: {{{TEXT}, fields: {{name: {{label: {{en: Name, ro: Nume}}}}, town: {{label: {{en: Town, ro: Oraș}}}}}}}}}}}}"
FIRST = f"""
journey: moved
{TEXT}
expires: 9 days
{FORM}
stages:
  s:
    {TEXT}
    owner: operator
    steps:
      ask: {{form: f, {TEXT}}}
      look: {{review: x, {TEXT}, if wrong: {{redo: ask, limit: 2}}}}
      call: {{todo: x, {TEXT}}}
"""
SECOND = FIRST.replace(", town: {label: {en: Town, ro: Oraș}}", "").replace(
    f"      call: {{todo: x, {TEXT}}}",
    f"      papers: {{todo: y, {TEXT}}}\n      call: {{todo: x, {TEXT}}}",
)
KNOWN = Vocabulary(roles=frozenset({"operator", "client"}))
DAN, AURORA = Actor("staff", "dan", "manager"), Actor("staff", "aurora", "manager")


@pytest.fixture
def version():
    return publish(FIRST)


@pytest.fixture
def case(version, ana):
    case = cases.open_case(version, client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)
    cases.submit(at(case, "ask"), {"name": "A", "town": "B"}, {}, actor=actor_of(ana), now=NOW)
    return case


def at(case, step):
    return Attempt.objects.filter(case=case, key=step).order_by("-number").first()


def test_moving_is_rehearsed_and_nothing_is_written(case):
    (verdict,) = moving.rehearse(language.read(SECOND))
    assert (verdict.code, verdict.asked, verdict.lost) == ("moves", ("papers",), ("ask.town",))
    assert not verdict.is_quiet
    assert not Event.objects.filter(case=case, kind="case.migrated").exists()


def test_a_second_person_approves_and_the_chosen_cases_move(case, ana):
    other = cases.open_case(
        case.journey_version, client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW
    )
    proposal = proposals.propose(SECOND, KNOWN, actor=DAN, now=NOW, move=[case.pk])
    with pytest.raises(Refused, match="second-person-must"):
        proposals.approve(proposal, KNOWN, actor=DAN, now=NOW)
    assert journeys.latest("moved") == case.journey_version
    approved = proposals.approve(proposal, KNOWN, actor=AURORA, now=NOW)
    proposals.move_chosen(approved, now=NOW)
    assert {row.journey_version.number for row in Case.objects.filter(pk=case.pk)} == {2}
    assert {row.journey_version.number for row in Case.objects.filter(pk=other.pk)} == {1}
    assert approved.results == {str(case.pk): {"code": "moves", "because": ""}}
    cases.complete(at(case, "look"), "approve", actor=CARMEN, now=NOW)
    assert at(case, "papers").status == "open"


def test_moving_twice_moves_once(case):
    proposal = proposals.propose(SECOND, KNOWN, actor=DAN, now=NOW, move=[case.pk])
    approved = proposals.approve(proposal, KNOWN, actor=AURORA, now=NOW)
    proposals.move_chosen(approved, now=NOW)
    proposals.move_chosen(approved, now=NOW)
    assert Event.objects.filter(case=case, kind="case.migrated").count() == 1


def moved(case):
    proposal = proposals.propose(SECOND, KNOWN, actor=DAN, now=NOW, move=[case.pk])
    approved = proposals.approve(proposal, KNOWN, actor=AURORA, now=NOW)
    proposals.move_chosen(approved, now=NOW)
    return approved


def test_a_move_is_taken_back_while_the_case_has_not_gone_on(case):
    proposal = moved(case)
    (verdict,) = proposals.take_back(proposal, actor=DAN, now=NOW)
    assert verdict.code == "taken-back"
    case.refresh_from_db()
    assert (case.journey_version.number, at(case, "look").status) == (1, "open")


def test_a_case_that_has_gone_on_stays_where_it_is(case):
    proposal = moved(case)
    cases.complete(at(case, "look"), "approve", actor=CARMEN, now=NOW)
    (verdict,) = proposals.take_back(proposal, actor=DAN, now=NOW)
    assert verdict.code == "gone-on"
    case.refresh_from_db()
    assert case.journey_version.number == 2


def test_what_is_published_already_and_what_is_unsound_is_no_proposal(version):
    with pytest.raises(Refused, match="nothing-new"):
        proposals.propose(FIRST, KNOWN, actor=DAN, now=NOW)
    with pytest.raises(CannotPublish):
        proposals.propose(SECOND.replace("expires: 9 days\n", ""), KNOWN, actor=DAN, now=NOW)


def test_an_approval_over_a_version_that_came_between_is_refused(version):
    proposal = proposals.propose(SECOND, KNOWN, actor=DAN, now=NOW)
    publish(FIRST + "# changed\n")
    with pytest.raises(Refused, match="stale"):
        proposals.approve(proposal, KNOWN, actor=AURORA, now=NOW)


def test_only_who_proposed_chooses_and_a_withdrawn_proposal_is_over(case):
    proposal = proposals.propose(SECOND, KNOWN, actor=DAN, now=NOW)
    with pytest.raises(Refused, match="somebody-else-must"):
        proposals.choose(proposal, [case.pk], actor=AURORA, now=NOW)
    proposals.choose(proposal, [case.pk], actor=DAN, now=NOW)
    proposals.withdraw(proposal, actor=DAN, now=NOW)
    with pytest.raises(Refused, match="no-longer-open"):
        proposals.approve(proposal, KNOWN, actor=AURORA, now=NOW)
