"""Webhooks that come in: genuine ones once, forged and stale ones not at all."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.test import Client
from standardwebhooks import Webhook

from pridvor.connectors import knocking
from pridvor.connectors.knocking import CannotHandle, Listener
from pridvor.connectors.models import Knock
from pridvor.lib import clock

pytestmark = pytest.mark.django_db
SECRET, OLD = "whsec_c2VjcmV0LW9mLXRoZS1zaG9wLTEyMzQ=", "whsec_b2xkLXNlY3JldC1vZi10aGUtc2hvcC0x"
BODY = json.dumps({"type": "customer.changed", "id": 7})


@pytest.fixture
def heard():
    """What the listeners were given; the connectors `shop` and `crm` listen."""
    said = []

    def take(body, now):
        said.append(json.loads(body))
        if said[-1].get("type") == "nonsense":
            raise CannotHandle("unknown-type")

    before, find = dict(knocking.HOOKS), next(iter(knocking._find), None)
    knocking.learn(
        {
            "shop": Listener(knocking.standard(lambda: [SECRET, OLD]), take),
            "crm": Listener(knocking.stamped(lambda: ["crm-secret"], "X-CRM-Signature"), take),
        }
    )
    yield said
    knocking.learn(before, find)


def send(body=BODY, *, secret=SECRET, key="msg_1", ago=0, connector="shop", **changed):
    at = clock.now() - timedelta(seconds=ago)
    headers = {
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, at, body),
        **changed,
    }
    return Client().post(f"/hooks/{connector}/", body, "application/json", headers=headers).status_code


def stamped(body=BODY, *, secret="crm-secret", ago=0, at=None):
    stamp = str(int((at or clock.now()).timestamp()) - ago)
    mac = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-CRM-Signature": f"t={stamp},v1={mac}"}
    return Client().post("/hooks/crm/", body, "application/json", headers=headers).status_code


def work():
    for row in Knock.objects.all():
        knocking.handle(row.pk, now=clock.now())


def test_a_genuine_message_is_handled_once_however_often_it_comes(heard):
    assert [send(), send(), send()] == [204, 204, 204]
    work()
    work()
    assert heard == [{"type": "customer.changed", "id": 7}]
    row = Knock.objects.get()
    assert row.state == "done"
    assert len(row.sealed) < len(BODY) + 20, "the body is not kept"


def test_the_secret_before_counts_while_it_is_named(heard):
    assert send(secret=OLD) == 204


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0LTEyMw=="},
        {"ago": 301},
        {"ago": -360},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA v2,BBBB"},
        {"webhook-timestamp": "yesterday"},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
    ],
)
def test_forged_and_stale_messages_are_refused_and_nothing_is_kept(heard, wrong):
    assert send(**wrong) == 401
    assert not Knock.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"webhook-signature": "v1,AAAA"}, "signature"), ({"webhook-timestamp": "1"}, "timestamp")],
)
def test_who_signs_wrongly_is_told_what_does_not_fit(heard, wrong, reason):
    headers = {"webhook-id": "1", "webhook-timestamp": str(int(clock.now().timestamp())), **wrong}
    answer = Client().post("/hooks/shop/", BODY, "application/json", headers=headers)
    assert (answer.json()["code"], answer.json()["reason"]) == ("not-genuine", reason)


def test_the_other_form_is_verified_too(heard):
    assert stamped() == 204
    assert stamped(secret="wrong") == 401
    assert stamped(ago=400) == 401
    work()
    assert len(heard) == 1


def test_what_is_played_again_is_known(heard):
    at = clock.now()
    assert [stamped(at=at), stamped(at=at)] == [204, 204]
    assert Knock.objects.count() == 1


def test_nobody_listens_elsewhere_and_large_bodies_are_not_read(heard):
    assert send(connector="nobody") == 404
    assert send("x" * (knocking.LARGEST + 1)) == 413
    nowhere = Client().post("/hooks/nobody/", b"{}", content_type="application/json")
    assert nowhere.json()["code"] == "not-found"
    assert Client().get("/hooks/shop/").status_code == 405


def test_what_a_connector_can_make_nothing_of_is_noted(heard):
    assert send(json.dumps({"type": "nonsense"})) == 204
    work()
    row = Knock.objects.get()
    assert (row.state, row.code) == ("failed", "unknown-type")
    assert knocking.sweep(now=clock.now() + timedelta(days=31)) == 1
