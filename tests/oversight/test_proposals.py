"""Publishing with consequences shown: proposed by one manager, approved by another, cases moved and moved back."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import proposals
from pridvor.cases.models import Case, Proposal
from pridvor.journeys import queries as journeys
from tests.conftest import NOW, ROOT, actor_of, client_of, partner_registration
from tests.oversight.test_journeys import seen_by

pytestmark = pytest.mark.django_db
TEXT = (ROOT / "journeys" / "partner-registration.yaml").read_text("utf-8")
NEW = TEXT.replace(
    "      bank: {form: bank,",
    '      terms: {guide: terms, title: {en: "Our terms", ro: "Condițiile noastre"}}\n      bank: {form: bank,',
).replace("sla: {us: 8h, client: 5d}", "sla: {us: 4h, client: 5d}")


@pytest.fixture
def case(ana):
    version = partner_registration()
    return cases.open_case(version, client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW)


@pytest.fixture
def dan(db):
    return seen_by("manager")


@pytest.fixture
def aurora(db):
    return seen_by("administrator")


def proposed(browser, text=NEW):
    answer = browser.post("/oversight/journeys/propose/", {"source": text, "note": "Terms first"})
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def test_what_changes_and_what_would_happen_to_each_case_is_shown(case, dan):
    page = dan.get(proposed(dan)).content.decode()
    assert "step terms: added" in page
    assert "8h → " in page or "us: 8h" in page
    assert case.reference in page
    assert "has yet to do" in page
    assert "Approve and publish" not in page  # who proposes does not approve
    assert journeys.latest(case.journey.name).number == 1


def test_another_manager_approves_and_the_chosen_case_moves_and_is_moved_back(case, dan, aurora):
    url = proposed(dan)
    dan.post(f"{url}decide/", {"verb": "choose", "case": [case.pk]})
    dan.post(f"{url}decide/", {"verb": "approve"})
    assert journeys.latest(case.journey.name).number == 1
    aurora.post(f"{url}decide/", {"verb": "approve"})
    assert journeys.latest(case.journey.name).number == 2
    proposals.move_chosen(Proposal.objects.get(), now=NOW)
    assert Case.objects.get().journey_version.number == 2
    assert "Move them back" in dan.get(url).content.decode()
    dan.post(f"{url}decide/", {"verb": "take-back"})
    assert Case.objects.get().journey_version.number == 1
    assert "moved back" in dan.get(url).content.decode()


def test_what_cannot_be_published_is_told_with_its_line_and_nothing_typed_is_lost(case, dan):
    broken = TEXT.replace("limit: 5", "limitt: 5")
    page = dan.post("/oversight/journeys/propose/", {"source": broken, "note": "why"}).content.decode()
    assert "line " in page
    assert "limitt" in page
    assert "why</textarea>" in page
    assert not Proposal.objects.exists()


def test_a_proposal_that_was_withdrawn_says_so_and_waits_no_more(case, dan):
    url = proposed(dan)
    dan.post(f"{url}decide/", {"verb": "withdraw"})
    assert "withdrawn" in dan.get(url).content.decode()
    assert url not in dan.get("/oversight/journeys/").content.decode()
