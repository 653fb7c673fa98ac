"""How the API behaves whatever is asked: repeats, limits, languages, errors."""

import json

import pytest
from django.test import Client

from pridvor.accounts import machines
from pridvor.accounts.models import MachineAnswer, MachineCall
from pridvor.cases.models import Case
from pridvor.lib import clock
from tests.api.conftest import ADINA, Machine, machine

pytestmark = pytest.mark.django_db
NEW = {
    "journey": "partner-registration",
    "company": {"name": "Lumina Electric SRL", "country": "RO"},
    "email": "ioana@lumina.example",
}


def test_the_same_key_gets_the_same_answer_and_nothing_happens_twice(shop, journey):
    first = shop.do("/cases/", NEW, 201, Idempotency_Key="order-1")
    again = shop.post("/api/v1/cases/", NEW, "application/json", headers={"Idempotency-Key": "order-1"})
    assert (again.status_code, again.json()) == (201, first)
    assert again["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_the_same_key_with_another_request_is_refused(shop, journey):
    shop.do("/cases/", NEW, 201, Idempotency_Key="order-1")
    refused = shop.do("/cases/", NEW | {"language": "en"}, 409, Idempotency_Key="order-1")
    assert refused["code"] == "key-reused"


def test_what_failed_leaves_its_key_free(shop, journey):
    shop.do("/cases/", NEW | {"journey": "no-such"}, 422, Idempotency_Key="order-1")
    assert MachineAnswer.objects.count() == 0
    shop.do("/cases/", NEW, 201, Idempotency_Key="order-1")


def test_keys_of_two_machines_are_two_keys(shop, journey):
    shop.do("/cases/", NEW, 201, Idempotency_Key="1")
    other = machine(name="the other")
    other.do("/cases/", NEW | {"email": "dan@lumina.example"}, 201, Idempotency_Key="1")


def test_more_requests_than_a_minute_allows_are_told_to_wait(shop, settings):
    settings.API_RATE = 2
    answer = shop.get("/api/v1/key/")
    assert answer["RateLimit"].startswith('"minute";r=1;t=')
    assert answer["RateLimit-Policy"] == '"minute";q=2;w=60'
    shop.ask("/key/")
    refused = shop.get("/api/v1/key/")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert 0 < int(refused["Retry-After"]) <= 60


def test_a_problem_speaks_the_caller_s_language_under_one_code(shop):
    romanian = Machine(shop.secret, language="ro")
    in_english, in_romanian = shop.do("/cases/", {}, 422), romanian.do("/cases/", {}, 422)
    assert in_english["code"] == in_romanian["code"] == "wrong-fields"
    assert in_english["title"] != in_romanian["title"]
    assert in_english["type"].endswith("/api/v1/problems/wrong-fields")
    assert {row["field"] for row in in_english["fields"]} == {"journey", "company", "email"}
    explained = Client().get("/api/v1/problems/wrong-fields", headers={"accept-language": "en"}).json()
    assert explained["title"] == in_english["title"]


def test_a_misspelt_name_is_not_lost(shop, journey):
    refused = shop.do("/cases/", NEW | {"langauge": "en"}, 422)
    assert refused["fields"][0] == {
        "field": "langauge",
        "code": "not-asked",
        "message": "Nobody asks this: see the form of the journey.",
    }


def test_what_is_no_json_what_is_too_large_and_what_is_nowhere_are_problems(shop):
    answer = shop.post("/api/v1/cases/", b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not-json")
    large = shop.post("/api/v1/cases/", b"x" * 1_000_001, content_type="application/json")
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    assert large.json()["detail"] == "At most 1 MB are taken at once: send less."
    assert shop.get("/api/v1/nothing/").json()["code"] == "not-found"
    wrong = shop.delete("/api/v1/cases/")
    assert (wrong.status_code, wrong.json()["code"], wrong["Allow"]) == (405, "method", "GET, HEAD, POST")


def test_head_is_answered_as_get_without_its_body(shop):
    asked, told = shop.head("/api/v1/key/"), shop.get("/api/v1/key/")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked["Content-Type"] == told["Content-Type"]
    assert MachineCall.objects.order_by("id").first().method == "HEAD"
    assert shop.head("/api/v1/links/").status_code == 405
    assert Client().head("/livez").status_code == 200


def test_a_forgotten_slash_does_not_make_another_request_of_it(shop):
    moved = shop.post("/api/v1/cases", NEW, content_type="application/json")
    assert (moved.status_code, moved["Location"]) == (308, "/api/v1/cases/")


@pytest.mark.parametrize("why", ["expired", "revoked"])
def test_a_key_that_was_right_once_is_told_what_became_of_it(shop, why):
    made, now = shop.made, clock.now()
    if why == "revoked":
        machines.revoke(made, actor=ADINA, now=now)
    else:
        type(made).objects.update(expires_at=now)
    refused = shop.ask("/key/", 401)
    assert (refused["code"], refused["reason"]) == ("no-key", why)
    call = MachineCall.objects.get(machine=made)
    assert (call.status, call.code) == (401, "no-key")


def test_a_value_outside_of_its_bounds_is_said_to_be(shop):
    (wrong,) = shop.ask("/cases/", 422, limit=9999)["fields"]
    assert (wrong["field"], wrong["code"]) == ("limit", "bounds")


@pytest.mark.parametrize(
    ("url", "reason", "words"),
    [("https://10.0.0.9/x", "private", "PRIVATE"), ("https://127.0.0.1:25/", "port", "443")],
)
def test_an_address_that_is_not_called_is_told_why(shop, url, reason, words):
    refused = shop.do("/webhooks/", {"url": url, "kinds": ["case.opened"]}, 422)
    assert (refused["code"], refused["reason"]) == ("bad-address", reason)
    assert words.lower() in refused["detail"].lower()


def test_each_answer_names_its_request(shop):
    answer = shop.get("/api/v1/cases/0190a1b2-0000-7000-8000-000000000000/")
    assert answer.json()["request"] == answer["X-Request-ID"]


@pytest.mark.parametrize("letter", ["\0", "\ud800"])
def test_what_no_database_can_keep_is_refused(shop, journey, letter):
    body = json.dumps(NEW | {"answers": {"city": f"Cluj{letter}"}}).encode()
    answer = shop.post("/api/v1/cases/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong-fields")
    assert shop.ask("/cases/", 422, reference="\0")["fields"][0]["field"] == "reference"
