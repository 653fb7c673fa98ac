"""A system that was told an order calls back at `/hooks/<role>/`, signed with the key that both have."""

import json

import pytest
from django.test import Client

from pridvor.connectors import knocking, signatures
from pridvor.connectors.models import Knock
from pridvor.connectors.stand_ins.store import SANDBOX
from pridvor.lib import clock
from tests.connectors.test_accepted import attempt, opened, outcome
from tests.connectors.test_accepted import warehouse as warehouse

pytestmark = pytest.mark.django_db


def call_back(said, key=SANDBOX, role="warehouse", message="msg_1"):
    body = json.dumps(said).encode()
    headers = signatures.standard(key, message, clock.now(), body)
    return Client().post(f"/hooks/{role}/", body, "application/json", headers=headers).status_code


def work():
    for row in Knock.objects.filter(state="waiting"):
        knocking.handle(row.pk, now=clock.now())


def test_what_was_ordered_goes_on_when_its_system_says_so(ana, warehouse):
    case, call = opened(ana)
    attempt(call)
    order = {"order": f"{case.reference}.prepare", "state": "done", "values": {"shelf": "B2"}}
    assert call_back(order) == 204
    work()
    call.refresh_from_db()
    assert (call.state, outcome(case)) == ("done", "ok")
    assert call_back(order, message="msg_2") == 204
    work()
    assert Knock.objects.latest("id").code == "not-waiting", "told twice it happens once"


@pytest.mark.parametrize(
    ("said", "code"),
    [({}, "no-order"), ([], "not-json"), ({"order": "PR-2026-000009.prepare"}, "not-waiting")],
)
def test_what_is_about_no_order_is_noted(db, warehouse, said, code):
    assert call_back(said) == 204
    work()
    assert Knock.objects.get().code == code


def test_another_key_or_a_role_that_tells_nothing_later_is_refused(db, warehouse):
    assert call_back({"order": "x.prepare"}, key="another") == 401
    assert call_back({}, role="erp") == 404
    assert call_back({}, role="nobody") == 404
    assert not Knock.objects.exists()
