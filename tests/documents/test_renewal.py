"""What expires opens a renewal for just that; the same file is refused; nothing is asked twice."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt
from pridvor.documents import actions as documents
from pridvor.documents import renewal
from pridvor.project import papers
from tests.conftest import CARMEN, NOW, ROOT, publish
from tests.partner import FIRM, Partner, good

pytestmark = pytest.mark.django_db
RENEWAL = (ROOT / "journeys" / "contract-renewal.yaml").read_text("utf-8")


@pytest.fixture
def active(ana):
    """Ana's firm, active, whose registration certificate counts for ten more days."""
    partner = Partner(ana).verified()
    for step, outcome in (("verify", "approve"), ("erp", "ok"), ("welcome", "sent")):
        cases.complete(partner.open(step), outcome, actor=CARMEN, now=NOW)
    documents.note_validity(
        partner.case,
        "registration-certificate",
        NOW.date() + timedelta(days=10),
        actor=CARMEN,
        now=NOW,
    )
    publish(RENEWAL)
    return partner


def open_steps(case):
    return set(Attempt.objects.filter(case=case, status="open").values_list("key", flat=True))


def test_a_paper_that_expires_opens_a_renewal_that_asks_for_it_alone(active):
    (case,) = renewal.open_due(now=NOW)
    assert (case.client, case.person) == (active.case.client, active.person)
    assert open_steps(case) == {"certificate"}
    assert case_queries.mine(active.person, case.public_id)


def test_a_renewal_that_is_on_its_way_is_not_opened_again(active):
    assert len(renewal.open_due(now=NOW)) == 1
    assert renewal.open_due(now=NOW) == []


def test_a_paper_that_counts_for_longer_opens_nothing(active):
    until = NOW.date() + timedelta(days=31)
    documents.note_validity(active.case, "registration-certificate", until, actor=CARMEN, now=NOW)
    assert renewal.open_due(now=NOW) == []


def test_what_never_became_active_is_not_renewed(ana):
    partner = Partner(ana).verified()
    publish(RENEWAL)
    documents.note_validity(partner.case, "contract", NOW.date(), actor=CARMEN, now=NOW)
    assert renewal.open_due(now=NOW) == []


def test_the_very_file_that_expires_is_refused_and_a_new_one_is_taken(active):
    (case,) = renewal.open_due(now=NOW)
    assert given(case, active, good("registration-certificate")).refusal == "expired-file"
    new = papers.registration_certificate(replace(FIRM, street="Str. Scurtă 1"))
    assert given(case, active, new).state == "quarantined"


def given(case, partner, content):
    file = documents.begin(
        case,
        "certificate",
        "registration-certificate",
        name="a.pdf",
        declared_type="",
        length=len(content),
        actor=partner.me,
        now=NOW,
    )
    documents.receive(file, 0, io.BytesIO(content), now=NOW)
    file.refresh_from_db()
    return file
