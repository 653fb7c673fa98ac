"""The auditor sees whether the ledgers are whole, and hands out a case's evidence."""

import io
import zipfile

import pytest

from pridvor.accounts.models import Role
from pridvor.evidence import verifying
from pridvor.vault.models import Look
from tests.conftest import NOW
from tests.connectors.conftest import IBAN, case_at_connect
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
PAGE = "/oversight/evidence/"


@pytest.fixture(autouse=True)
def outside(settings, tmp_path):
    settings.OUTSIDE = [tmp_path]


@pytest.fixture
def auditor():
    return Desk(staff(Role.AUDITOR))


@pytest.fixture
def case(ana):
    return case_at_connect(ana)[0]


def test_the_page_says_what_the_last_verification_found(auditor, case):
    assert "Nothing has been verified yet" in auditor.text(PAGE)
    verifying.run(now=NOW)
    assert "Every ledger is as it was written" in auditor.text(PAGE)
    type(case).objects.filter(pk=case.pk).update(chain_position=99)
    verifying.run(now=NOW)
    shown = auditor.text(PAGE)
    assert "1 thing is not as it was written" in shown
    assert "The end of a ledger was cut off" in shown
    assert case.reference in shown


def test_the_evidence_of_a_case_comes_as_a_file(auditor, case):
    answer = auditor.post(PAGE, {"reference": case.reference})
    assert answer["Content-Type"] == "application/zip"
    assert "personal.json" not in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert case.events.filter(kind="evidence.exported", actor_id=str(auditor.person.actor.id)).exists()


def test_personal_values_need_a_reason_which_is_logged(auditor, case):
    asked = {"reference": case.reference, "personal": "on"}
    assert auditor.post(PAGE, asked).status_code == 422
    answer = auditor.post(PAGE, {**asked, "reason": "court order"})
    assert IBAN in zipfile.ZipFile(io.BytesIO(answer.content)).read("personal.json").decode()
    assert Look.objects.filter(purpose="court order", case=case.reference).exists()


def test_a_case_that_does_not_exist_is_said(auditor):
    answer = auditor.post(PAGE, {"reference": "PR-1"})
    assert (answer.status_code, b"There is no case of this reference." in answer.content) == (422, True)


def test_exporting_asks_for_a_fresh_proof(auditor, case):
    auditor.prove(ago=3600)
    assert auditor.post(PAGE, {"reference": case.reference}).status_code == 403
    assert not case.events.filter(kind="evidence.exported").exists()
