"""The client's interface, called for real on this machine, judged, and written down without what it said."""

import pytest
from django.db import DatabaseError, connection, transaction

from pridvor.cases import actions as cases
from pridvor.cases import lapsing
from pridvor.checks import actions as checks
from pridvor.checks.models import Finding
from pridvor.connectors import suites
from pridvor.connectors.models import SuiteResult, SuiteRun
from pridvor.journeys import language
from tests.conftest import CARMEN, REFUSED, WORKER
from tests.managed import FORMS, TOKEN, Managed
from tests.peers.interface import Interface, running

pytestmark = pytest.mark.django_db
SUITES = """
suites:
  orders:
    title: {en: Orders, ro: Comenzi}
    base: access.base_url
    auth: {bearer: token}
    endpoints:
      list-orders:
        title: {en: List orders, ro: Lista comenzilor}
        path: /orders
        within: 1000
        answer:
          type: array
          items: {type: object, required: [id, total], properties: {total: {type: number}}}
      new-order: {title: {en: New order, ro: Comandă nouă}, method: POST, path: /orders, body: {sku: A1}, status: 201}
"""
JOURNEY = f"""
journey: tested
reference: TS
title: {{en: Tested, ro: Testat}}
{FORMS}
{SUITES}
stages:
  technical:
    title: {{en: Technical, ro: Tehnic}}
    owner: engineer
    steps:
      access: {{form: access, title: {{en: Access, ro: Acces}}}}
      credentials:
        check: [credentials]
        title: {{en: Credentials, ro: Date de acces}}
        if fail: {{redo: access, limit: 5}}
      api-tests:
        check: [client-endpoint]
        title: {{en: Tests, ro: Teste}}
        if fail: {{fix: debug, limit: 8}}
      look: {{review: x, title: {{en: Look, ro: Verificare}}}}
    exceptions:
      debug: {{todo: x, title: {{en: Debug, ro: Depanare}}}}
"""
GOOD = {
    "GET /orders": (200, [{"id": "SO-1", "total": 12.5}], 0),
    "POST /orders": (201, {"id": "SO-2"}, 0),
}


@pytest.fixture
def interface(settings):
    settings.DEMO, settings.PROBE_ALLOW = False, ("127.0.0.1",)
    there = Interface(GOOD, token=TOKEN)
    with running(there) as base:
        there.base = base
        yield there


@pytest.fixture
def ours(ana, interface):
    return Managed(ana, JOURNEY).hand_over(base=interface.base)


def check(ours, step):
    """What the wiring does when a check's step opens."""
    checks.run(ours.event("step.opened", step=step), now=ours.time())
    return ours


def codes(ours):
    return [(row.code, row.item, row.params) for row in Finding.objects.filter(case=ours.case).order_by("id")]


def test_an_interface_as_agreed_passes_without_a_person(ours, interface):
    check(check(ours, "credentials"), "api-tests")
    assert ours.open("look")
    assert codes(ours) == []
    method, path, headers, body = interface.asked[1]
    assert (method, path, body) == ("POST", "/orders", b'{"sku": "A1"}')
    assert (headers["Authorization"], headers["Content-Type"]) == (f"Bearer {TOKEN}", "application/json")


@pytest.mark.parametrize(
    ("answer", "code", "params"),
    [
        ((500, {}, 0), "endpoint-status", {"status": 500, "expected": 200}),
        ((302, {}, 0), "endpoint-status", {"status": 302, "expected": 200}),
        ((200, b"<html>", 0), "endpoint-not-json", {}),
        ((200, b"[" * 100_000, 0), "endpoint-not-json", {}),
        ((200, [{"total": 1}], 0), "endpoint-field-missing", {"field": "0.id"}),
        ((200, [{"id": 1, "total": "x"}], 0), "endpoint-field-wrong", {"field": "0.total", "rule": "number"}),
        ((200, {"error": "none"}, 0), "endpoint-field-wrong", {"field": "–", "rule": "array"}),
        ((200, b"x" * 1_000_001, 0), "endpoint-no-answer", {"why": "too-large"}),
    ],
    ids=str,
)
def test_what_differs_is_found_and_named(ours, interface, answer, code, params):
    check(ours, "credentials")
    interface.answers["GET /orders"] = answer
    check(ours, "api-tests")
    assert codes(ours) == [(code, "list-orders", {"endpoint": "list-orders", **params})]
    assert ours.open("debug@api-tests")


def test_an_answer_that_takes_too_long_is_measured(ours, interface):
    check(ours, "credentials")
    interface.answers["GET /orders"] = (200, GOOD["GET /orders"][1], 1.1)
    check(ours, "api-tests")
    ((code, _, params),) = codes(ours)
    assert (code, params["limit"], params["milliseconds"] > 1000) == ("endpoint-slow", 1000, True)


def test_after_the_repair_the_tests_run_again_by_themselves(ours, interface):
    check(ours, "credentials")
    interface.answers["GET /orders"] = (500, {}, 0)
    check(ours, "api-tests")
    interface.answers.update(GOOD)
    ours.do("debug@api-tests")
    check(ours, "api-tests")
    assert ours.open("look")
    assert [run.passed for run in suites.history(ours.case)][:2] == [True, False]


def test_a_private_address_of_a_client_is_not_called(ours, interface, settings):
    check(ours, "credentials")
    settings.PROBE_ALLOW = ()
    before = len(interface.asked)
    check(ours, "api-tests")
    assert {(code, params["why"]) for code, _, params in codes(ours)} == {("endpoint-not-allowed", "port")}
    assert len(interface.asked) == before


def test_a_refused_credential_is_asked_for_again(ours, interface):
    interface.token = "another"
    check(ours, "credentials")
    again = ours.open("access")
    assert (again.number, {reason["code"] for reason in again.reasons}) == (2, {"secret-refused"})


def test_an_expired_credential_is_a_finding_of_its_field(ours):
    lapsing.expire_secrets(actor=WORKER, now=ours.time.forward(days=30))
    again = ours.open("access")
    assert [reason["code"] for reason in again.reasons] == ["secret-expired"]
    cases.submit(again, {"base_url": "x"}, {}, actor=ours.me, now=ours.time())
    check(ours, "credentials")
    assert ("secret-expired", "token", {}) in codes(ours)


def test_a_run_that_somebody_asks_for_is_made_once(ours):
    suites.ask(ours.case, actor=ours.me, now=ours.time())
    event = ours.event("suites.asked")
    suites.run_asked(event, now=ours.time.forward(seconds=2))
    suites.run_asked(event, now=ours.time.forward(seconds=2))
    run = SuiteRun.objects.get(case=ours.case)
    assert (run.cause, run.by, run.passed) == ("client", str(ours.me), True)


def test_staff_may_ask_too_and_nobody_twice_in_a_moment(ours):
    suites.ask(ours.case, actor=CARMEN, now=ours.time())
    with pytest.raises(suites.NotNow):
        suites.ask(ours.case, actor=ours.me, now=ours.time.forward(seconds=10))
    suites.ask(ours.case, actor=ours.me, now=ours.time.forward(seconds=21))


def test_the_history_keeps_no_word_of_an_answer_and_no_credential(ours, interface):
    interface.answers["GET /orders"] = (
        200,
        [{"id": "canary-in-the-answer", "total": "canary-in-the-answer"}],
        0,
    )
    check(check(ours, "credentials"), "api-tests")
    held = str(list(SuiteResult.objects.values())) + str(list(SuiteRun.objects.values())) + str(codes(ours))
    assert "canary" not in held


@pytest.mark.parametrize("table", ["connectors_suiterun", "connectors_suiteresult"])
def test_the_history_cannot_be_rewritten(ours, table):
    check(ours, "credentials")
    with (
        pytest.raises(DatabaseError, match=REFUSED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"delete from {table}")


FIXED = (
    """
journey: fixed
reference: FX
title: {en: Fixed, ro: Reparat}
forms:
  address:
    interface:
      title: {en: Your interface, ro: Interfața dumneavoastră}
      fields: {base_url: {label: {en: Address, ro: Adresa}}}
  key:
    key:
      title: {en: Key, ro: Cheie}
      fields: {token: {type: secret, label: {en: Access token, ro: Cheia de acces}}}
"""
    + SUITES.replace("access.base_url", "address.base_url")
    + """
stages:
  technical:
    title: {en: Technical, ro: Tehnic}
    steps:
      address: {form: address, title: {en: Address, ro: Adresa}}
      key: {form: key, title: {en: Key, ro: Cheie}}
      credentials:
        check: [credentials]
        title: {en: Credentials, ro: Date de acces}
        if fail: {fix: new-key, limit: 5}
      look: {review: x, title: {en: Look, ro: Verificare}}
    exceptions:
      new-key: {form: key, by: client, title: {en: New key, ro: Cheie nouă}}
"""
)


def test_a_refused_credential_is_given_anew_in_an_exception_and_tried_again(ana, interface):
    ours = Managed(ana, FIXED)
    cases.submit(ours.open("address"), {"base_url": interface.base}, {}, actor=ours.me, now=ours.time())
    cases.submit(ours.open("key"), {}, {"token": "wrong"}, actor=ours.me, now=ours.time())
    check(ours, "credentials")
    assert not ours.open("look")
    cases.submit(ours.open("new-key"), {}, {"token": TOKEN}, actor=ours.me, now=ours.time())
    assert ours.open("credentials").number == 2
    check(ours, "credentials")
    assert ours.open("look")


def test_one_that_ran_out_is_given_anew_in_an_exception_too(ana, interface):
    ours = Managed(ana, FIXED)
    cases.submit(ours.open("address"), {"base_url": interface.base}, {}, actor=ours.me, now=ours.time())
    cases.submit(ours.open("key"), {}, {"token": TOKEN}, actor=ours.me, now=ours.time())
    ours.time.forward(days=91)
    check(ours, "credentials")
    cases.submit(ours.open("new-key"), {}, {"token": TOKEN}, actor=ours.me, now=ours.time())
    check(ours, "credentials")
    assert ours.open("look")
    assert {code for code, _, _ in codes(ours)} == {"secret-expired"}


def suite(**changed):
    body = {"title": {"en": "x"}, "base": "access.base_url", "endpoints": {"x": {"path": "/x"}}}
    return f"journey: j\n{FORMS}\nsuites: {{s: {body | changed}}}\nstages: {{s: {{steps: {{access: {{form: access}}}}}}}}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (suite(base="access.token"), "no form asks for"),
        (suite(base="other.base_url"), "no form asks for"),
        (suite(base="x"), "base"),
        (suite(auth={"bearer": "base_url"}), "no form asks for a secret"),
        (suite(auth={"bearer": "token", "basic": ["token", "token"]}), "auth: write"),
        (suite(auth={"header": "X-Key"}), "auth: write"),
        (suite(endpoints={}), "endpoints"),
        (suite(endpoints={"x": {"path": "x"}}), "path"),
        (suite(endpoints={"x": {"path": "/x", "method": "BREW"}}), "method"),
        (suite(endpoints={"x": {"path": "/x", "answer": {"type": "thing"}}}), "no JSON Schema"),
        (suite(endpoints={"x": {"path": "/x", "answer": {"$ref": "http://10.0.0.1/"}}}), "points within"),
        (suite(pth=1), "pth"),
    ],
)
def test_a_suite_that_cannot_be_read_says_why(source, said):
    with pytest.raises(language.Unsound, match=said):
        language.read(source)
