"""What shop and biller tell us: believed when it is signed, and what changed there is compared again."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from pridvor.cases import actions as cases
from pridvor.connectors import knocking
from pridvor.connectors.models import Mirrored
from tests.conftest import NOW, actor_of, client_of, publish

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"the-shop-tells-pridvor-its-news").decode()
JOURNEY = "journey: any\nstages: {entry: {steps: {look: {todo: x}}}}\n"


@pytest.fixture(autouse=True)
def told_us(settings):
    place = {"hook": SECRET, "token": "key"}
    settings.SERVICES = {
        "shop": {"url": "vendure+https://shop.example/admin-api", **place},
        "billing": {"url": "stripe+https://billing.example", **place},
    }


@pytest.fixture
def case(ana):
    made = publish(JOURNEY)
    return cases.open_case(made, client_of(ana), ana, language="en", actor=actor_of(ana), now=NOW)


def by_the_shop(said, secret=SECRET, at=NOW):
    body = json.dumps(said).encode()
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    moment = str(int(at.timestamp()))
    return body, {"webhook-id": "msg_1", "webhook-timestamp": moment, "webhook-signature": signature}


def by_the_biller(said, secret=SECRET, at=NOW):
    body, moment = json.dumps(said).encode(), int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={moment},v1={signed}"}


TELLERS = pytest.mark.parametrize(("role", "told"), [("shop", by_the_shop), ("billing", by_the_biller)])


@TELLERS
def test_what_is_signed_is_taken_once_and_nothing_else_at_all(role, told):
    said = {"type": "customer.updated", "data": {"externalRef": "C-1", "object": {"id": "cus_1"}}}
    assert knocking.knock(role, *told(said), now=NOW)
    assert not knocking.knock(role, *told(said), now=NOW), "the same again"
    for forged in (told(said, secret="whsec_b3RoZXI="), told(said, at=NOW - timedelta(hours=1))):
        with pytest.raises(knocking.Forged):
            knocking.knock(role, *forged, now=NOW)


@pytest.mark.parametrize(
    ("role", "reference", "data"),
    [("shop", "C-1", {"externalRef": "C-1"}), ("billing", "cus_1", {"object": {"id": "cus_1"}})],
)
def test_what_changed_there_is_compared_again_whatever_the_order_of_the_news(case, role, reference, data):
    row = Mirrored.objects.create(case=case, peer=role, reference=reference, noted_at=NOW, compared_at=NOW)
    for kind in ("customer.deleted", "customer.updated", "customer.deleted"):
        knocking.HOOKS[role].handle(json.dumps({"type": kind, "data": data}).encode(), NOW)
    row.refresh_from_db()
    assert row.compared_at is None


def test_an_order_in_the_shop_changes_nothing_here(case):
    row = Mirrored.objects.create(case=case, peer="shop", reference="C-1", noted_at=NOW, compared_at=NOW)
    said = {"type": "order.payment-settled", "data": {"externalRef": "C-1", "code": "X"}}
    knocking.HOOKS["shop"].handle(json.dumps(said).encode(), NOW)
    row.refresh_from_db()
    assert row.compared_at == NOW


@pytest.mark.parametrize("role", ["shop", "billing"])
def test_what_nobody_understands_is_kept_as_such(role):
    for body in (b"x", b"[]", b'{"type": "weather.changed", "data": 7}'):
        with pytest.raises(knocking.CannotHandle):
            knocking.HOOKS[role].handle(body, NOW)
