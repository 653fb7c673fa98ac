"""A decision is taken back by whoever made it, while nothing has left the house."""

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt
from pridvor.lib import clock
from tests.conftest import actor_of
from tests.desk.conftest import Desk, staff
from tests.partner import OTHER_IBAN

pytestmark = pytest.mark.django_db


def verify(case):
    return Attempt.objects.filter(case=case, key="verify").order_by("-number").first()


def test_after_a_decision_the_next_page_offers_to_take_it_back(carmen, waiting):
    page = carmen.decide(waiting, "approve").content.decode()
    assert "SC Electro Instal SRL: approved" in page
    assert "You can take this back for" in page
    assert "/undo/" in page


def test_what_was_decided_is_taken_back(carmen, waiting):
    carmen.decide(waiting, "approve")
    page = carmen.post(f"/desk/cases/{waiting.public_id}/undo/", follow=True).content.decode()
    assert "Taken back" in page
    assert verify(waiting).status == "open"
    assert "/undo/" not in carmen.text("/desk/")


def test_a_colleague_cannot_take_it_back(carmen, waiting):
    carmen.decide(waiting, "approve")
    colleague = Desk(staff(Role.OPERATOR, "second@arcada.example"))
    page = colleague.post(f"/desk/cases/{waiting.public_id}/undo/", follow=True).content.decode()
    assert "too late" in page
    assert verify(waiting).outcome == "approve"


def test_once_the_case_has_gone_on_nothing_is_offered(carmen, waiting):
    carmen.decide(waiting, "correct", **{"bank.iban": "differs"})
    assert "/undo/" in carmen.text("/desk/")
    bank = Attempt.objects.get(case=waiting, key="bank", status="open")
    cases.submit(bank, {}, {"iban": OTHER_IBAN}, actor=actor_of(waiting.person), now=clock.now())
    assert "/undo/" not in carmen.text("/desk/")
    said = carmen.post(f"/desk/cases/{waiting.public_id}/undo/", follow=True).content.decode()
    assert "too late" in said
