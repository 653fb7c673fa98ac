"""Keys and tokens of machines: who comes in, what they may do, which cases exist for them."""

from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts import machines
from pridvor.accounts.machines import CannotMake
from pridvor.accounts.models import Machine as Row
from pridvor.accounts.models import MachineCall, MachineEvent, Region, Scope
from pridvor.lib import clock
from tests.api.conftest import ADINA, Machine, machine
from tests.conftest import COMPANY, browser_of, person
from tests.partner import Partner

pytestmark = pytest.mark.django_db


def token(row, secret, **form):
    answer = Client().post(
        "/api/v1/token",
        {"grant_type": "client_credentials", "client_id": row.client_id, "client_secret": secret, **form},
    )
    return answer.status_code, answer.json()


def test_a_key_comes_in_and_only_its_digest_is_kept(shop):
    assert shop.ask("/key/")["name"] == "the shop"
    row = Row.objects.get()
    assert shop.secret not in str(vars(row))
    assert row.used_at is not None
    assert shop.secret.startswith("pv_live_")


@pytest.mark.parametrize("secret", ["", "pv_live_guessed", "nonsense"])
def test_no_key_is_told_how_to_bring_one(db, secret):
    answer = Machine(secret).get("/api/v1/key/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "no-key"


def test_a_revoked_key_is_refused_at_its_next_request(shop):
    machines.revoke(shop.made, actor=ADINA, now=clock.now())
    shop.ask("/key/", 401)
    assert list(MachineEvent.objects.values_list("kind", flat=True)) == ["machine.made", "machine.revoked"]


def test_a_key_whose_time_is_over_is_refused(shop):
    late = clock.now() + timedelta(days=31)
    assert machines.caller(shop.secret, now=late) is None


def test_a_key_does_what_its_scopes_say_and_no_more(ours):
    reader = machine(Scope.CASES_READ)
    assert len(reader.ask("/cases/")["cases"]) == 1
    refused = reader.do(f"/cases/{ours.case.public_id}/pause/", {"reason": "stock"}, 403)
    assert (refused["code"], refused["reason"]) == ("missing-scope", "cases:write")


def test_a_key_of_a_region_finds_the_cases_of_that_region(ana):
    Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])
    Region.objects.create(code="north", name={"en": "North"}, covers=[])
    ours = Partner(ana)
    south, north = machine(regions=["south"]), machine(regions=["north"])
    assert [row["reference"] for row in south.ask("/cases/")["cases"]] == [ours.case.reference]
    assert north.ask("/cases/")["cases"] == []
    north.ask(f"/cases/{ours.case.public_id}/", 404)
    north.do(f"/cases/{ours.case.public_id}/pause/", {"reason": "x"}, 404)


def test_a_test_key_finds_tests_alone_and_a_live_one_none_of_them(ours, journey):
    trying, live = machine(is_test=True), machine()
    assert trying.secret.startswith("pv_test_")
    assert trying.ask("/cases/")["cases"] == []
    body = {"journey": "partner-registration", "company": {"number": COMPANY["cui"]}, "email": "a@b.example"}
    made = trying.do("/cases/", body | {"company": {"name": "Test SRL", "country": "RO"}}, 201)
    assert made["is_test"] is True
    assert [row["id"] for row in trying.ask("/cases/")["cases"]] == [made["id"]]
    assert [row["reference"] for row in live.ask("/cases/")["cases"]] == [ours.case.reference]


def test_an_oauth_client_gets_a_token_with_the_scopes_it_asks_for(ours):
    made = machines.make(
        "partner",
        [Scope.CASES_READ, Scope.CASES_WRITE],
        expires_at=clock.now() + timedelta(days=9),
        actor=ADINA,
        now=clock.now(),
        oauth=True,
    )
    status, given = token(made.machine, made.secret, scope="cases:read")
    assert status == 200
    assert given["expires_in"] == 900
    caller = Machine(given["access_token"])
    assert len(caller.ask("/cases/")["cases"]) == 1
    caller.do(f"/cases/{ours.case.public_id}/pause/", {"reason": "x"}, 403)
    assert token(made.machine, made.secret, scope="decisions:write")[0] == 400
    assert token(made.machine, "wrong")[0] == 401
    assert token(made.machine, made.secret, grant_type="password")[1]["error"] == "unsupported_grant_type"
    assert token(made.machine, made.secret, grant_type="")[1]["error"] == "invalid_request"
    machines.revoke(made.machine, actor=ADINA, now=clock.now())
    caller.ask("/cases/", 401)
    assert token(made.machine, made.secret)[0] in (400, 401)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({"scopes": []}, "no-scope"),
        ({"scopes": ["everything"]}, "no-scope"),
        ({"regions": ["nowhere"]}, "no-such-region"),
        ({"days": 0}, "expiry"),
        ({"days": 9999}, "expiry"),
    ],
)
def test_what_cannot_be_made_says_why(db, chosen, code):
    now = clock.now()
    with pytest.raises(CannotMake) as refused:
        machines.make(
            "x",
            chosen.get("scopes", ["cases:read"]),
            expires_at=now + timedelta(days=chosen.get("days", 5)),
            regions=chosen.get("regions", []),
            actor=ADINA,
            now=now,
        )
    assert refused.value.code == code


def test_the_log_of_requests_keeps_patterns_and_codes_for_thirty_days(shop):
    shop.ask("/cases/", 422, limit="many")
    row = MachineCall.objects.get()
    assert (row.method, row.route, row.status, row.code) == ("GET", "api/v1/cases/", 422, "wrong-fields")
    assert row.fields == ["limit"]
    assert machines.sweep(now=clock.now() + timedelta(days=29)) == 0
    assert machines.sweep(now=clock.now() + timedelta(days=31)) == 1


def test_people_s_sessions_open_nothing(ana):
    browser = browser_of(person("x@y.example"))
    assert browser.get("/api/v1/cases/").status_code == 401
