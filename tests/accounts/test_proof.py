"""Before a decision that stands, the second factor is asked again if it was given too long ago."""

import re

import pytest
from django.test import Client

from pridvor.accounts import proof
from pridvor.accounts.models import Role
from pridvor.cases.models import Attempt
from tests.desk.conftest import Desk, at_verify, staff
from tests.desk.test_sign_in import code_of
from tests.partner import Partner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def carmen():
    return Desk(staff(Role.OPERATOR))


@pytest.fixture
def row(ana):
    return Attempt.objects.get(case=at_verify(Partner(ana)), key="verify")


def decide(browser, row, outcome="approve", **said):
    return browser.post(f"/desk/cases/{row.case.public_id}/decide/{row.pk}/{outcome}/", said)


def is_open(row):
    row.refresh_from_db()
    return row.status == "open"


def test_a_fresh_second_factor_is_enough(carmen, row):
    assert decide(carmen, row).status_code == 302
    assert not is_open(row)


@pytest.mark.parametrize("ago", [proof.FRESH + 1, proof.RENEWABLE + 1])
def test_an_old_one_is_asked_again_and_nothing_is_decided_before(carmen, row, ago):
    carmen.prove(ago)
    asked = decide(carmen, row, version="3")
    assert (asked.status_code, is_open(row)) == (403, True)
    assert 'name="version" value="3"' in asked.content.decode(), "what was sent travels in the page"


def test_the_code_goes_with_the_decision(carmen, row):
    carmen.prove(proof.FRESH + 1)
    assert decide(carmen, row, **{"proof-code": code_of(carmen.person)}).status_code == 302
    assert not is_open(row)


@pytest.mark.parametrize("code", ["000000", "", "abc"])
def test_a_wrong_code_decides_nothing(carmen, row, code):
    carmen.prove(proof.FRESH + 1)
    asked = decide(carmen, row, **{"proof-code": code})
    assert (asked.status_code, is_open(row)) == (422, True)


def test_each_decision_renews_it_but_not_for_ever(carmen, ana, row):
    carmen.prove(proof.RENEWABLE - 60)
    session = carmen.session
    session["proof_renewed_at"] = (
        carmen.session["account_authentication_methods"][0]["at"] + proof.RENEWABLE - 120
    )
    session.save()
    assert decide(carmen, row).status_code == 302, "decided a minute ago, proved 29 minutes ago"
    carmen.prove(proof.RENEWABLE + 60)
    assert not _fresh(carmen)


def _fresh(browser):
    class Request:
        user, session = browser.person, browser.session

    return proof.is_fresh(Request)


def test_sending_back_asks_for_no_proof(carmen, row):
    carmen.prove(proof.FRESH + 1)
    assert decide(carmen, row, "correct").status_code != 403


def test_the_page_that_asks_works_without_scripts(carmen, row):
    carmen.prove(proof.FRESH + 1)
    page = decide(carmen, row, note="ăîș <b>").content.decode()
    assert "ăîș &lt;b&gt;" in page
    assert re.search(r'<input[^>]* name="proof-code"[^>]*>', page)


def test_nobody_signed_in_proves_anything(row):
    assert decide(Client(), row, **{"proof-code": "123456"})["Location"].startswith("/accounts/login/")
