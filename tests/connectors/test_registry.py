"""Registries: our code against the stand-in, in process and over a real socket, and what it makes of each answer."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from stdnum.ro import cui

from pridvor.connectors import actions, registry
from pridvor.connectors.findings import Found, NotFound, Unknown, vat_form
from pridvor.connectors.models import Lookup
from pridvor.connectors.stand_ins import registries, store
from pridvor.connectors.stand_ins.tryton import Erp
from tests.conftest import NOW

TODAY = NOW.date()


def asked(country, form, **how):
    return registry.ask(country, form, TODAY, base="http://sandbox", **how)


def answering(status=200, **content):
    return httpx.MockTransport(lambda request: httpx.Response(status, **content))


@contextmanager
def over_http(transport):
    """The stand-in behind a real socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = transport.handle_request(
                httpx.Request("POST", f"http://sandbox{self.path}", content=body)
            )
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_every_romanian_stand_in_company_has_a_real_check_digit():
    numbers = [company["number"] for company in registries.COMPANIES if company["country"] == "RO"]
    assert len(numbers) == 8
    assert all(cui.is_valid(number) for number in numbers)


def test_a_romanian_company_is_found_with_comma_letters_and_a_tidy_address():
    found = asked("RO", "RO39152748", transport=registries.Registry())
    assert isinstance(found, Found)
    company = found.company
    assert (company.name, company.city, company.county) == (
        "FERESTRE ȘI GRINZI S.A.",
        "București, Sector 3",
        "București",
    )
    assert (company.street, company.postal_code, company.vat) == ("Bd. Ferăriei 52", "030201", "RO39152748")
    assert company.registration_number == "J40/1234/2021"


def test_over_a_real_socket_it_reads_the_same():
    with over_http(registries.Registry()) as base:
        found = registry.ask("RO", "RO48219502", TODAY, base=base)
    assert isinstance(found, Found)
    assert (found.company.name, found.company.city, found.company.county) == (
        "VERANDA CONSTRUCT S.R.L.",
        "Brașov",
        "Brașov",
    )


@pytest.mark.parametrize(
    ("number", "state", "vat"),
    [
        ("RO33082678", "inactive", "RO33082678"),
        ("RO49981239", "struck-off", ""),
        ("RO16374052", "active", ""),
    ],
)
def test_what_is_inactive_struck_off_or_without_vat_is_said(number, state, vat):
    company = asked("RO", number, transport=registries.Registry()).company
    assert (company.state, company.vat) == (state, vat)


def test_a_number_that_nobody_has_is_not_found():
    assert asked("RO", "RO14399840", transport=registries.Registry()) == NotFound()


def test_a_company_of_another_country_is_found_in_vies():
    company = asked("AT", "ATU73214504", transport=registries.Registry()).company
    assert (company.name, company.street, company.postal_code, company.city) == (
        "Laubengang Handels GmbH",
        "Torbogengasse 12",
        "1070",
        "Wien",
    )
    assert company.vat == "ATU73214504"


@pytest.mark.parametrize(
    "transport",
    [
        answering(html="<html>Request Rejected</html>"),
        answering(429, html="Too Many Requests"),
        answering(json=[]),
        answering(json={"found": [{}]}),
        answering(json={"cod": 200, "found": [], "notFound": []}),
        answering(500),
        registries.Registry(lambda: "down"),
    ],
)
@pytest.mark.parametrize(("country", "form"), [("RO", "RO48219502"), ("AT", "ATU73214504")])
def test_whatever_is_no_answer_is_unknown_and_never_no(transport, country, form):
    assert isinstance(asked(country, form, transport=transport), Unknown)


def test_the_form_waits_no_longer_than_its_budget():
    def dawdle(request):
        time.sleep(5)
        return httpx.Response(200, json={})

    start = time.monotonic()
    assert asked("RO", "RO48219502", transport=httpx.MockTransport(dawdle)) == Unknown("slow")
    assert time.monotonic() - start < registry.BUDGET + 0.5


@pytest.mark.parametrize(
    ("country", "number", "form"),
    [
        ("RO", "48219502", "RO48219502"),
        ("RO", "RO 482 195 02", "RO48219502"),
        ("ro", "RO48219502", "RO48219502"),
        ("AT", "U73214504", "ATU73214504"),
        ("GR", "094259216", "EL094259216"),
        ("GR", "GR094259216", "EL094259216"),
        ("GR", "EL094259216", "EL094259216"),
        ("RO", "48219503", ""),
        ("DE", "318402703", ""),
        ("RO", "", ""),
        ("RO", "abc", ""),
    ],
)
def test_numbers_get_their_european_form(country, number, form):
    assert vat_form(country, number) == form


@pytest.mark.django_db
def test_an_answer_is_remembered_for_a_day():
    assert isinstance(registry.look_up("RO", "48219502", now=NOW), Found)
    actions.set_sandbox_mode("registry", "down")
    assert isinstance(registry.look_up("RO", "RO48219502", now=NOW + timedelta(hours=23)), Found)
    assert isinstance(registry.look_up("RO", "48219502", now=NOW + timedelta(hours=25)), Unknown)


@pytest.mark.django_db
def test_not_found_is_remembered_and_unknown_is_not():
    assert registry.look_up("RO", "14399840", now=NOW) == NotFound()
    actions.set_sandbox_mode("registry", "down")
    assert registry.look_up("RO", "14399840", now=NOW) == NotFound()
    assert registry.look_up("RO", "48219502", now=NOW) == Unknown("unreadable")
    assert Lookup.objects.count() == 1


@pytest.mark.django_db
def test_a_registry_that_keeps_failing_is_asked_only_every_half_minute():
    actions.set_sandbox_mode("registry", "down")
    for _ in range(5):
        assert registry.look_up("RO", "48219502", now=NOW) == Unknown("unreadable")
    assert registry.look_up("RO", "48219502", now=NOW) == Unknown("resting")
    actions.set_sandbox_mode("registry", "ok")
    assert isinstance(registry.look_up("RO", "48219502", now=NOW + timedelta(seconds=31)), Found)


@pytest.mark.django_db
def test_countries_without_a_registry_are_unknown():
    assert registry.look_up("MD", "1003600015231", now=NOW) == Unknown("no-registry")


def test_the_stand_in_says_no_the_way_tryton_does():
    erp = Erp(store.MemoryStore())
    body = {"name": "Unu", "code": "A-1"}
    request = httpx.Request("POST", "http://sandbox/erp/rest/model/party.party", json=body)
    assert erp.handle_request(request).status_code == 200
    again = erp.handle_request(request)
    assert (again.status_code, json.loads(again.content)["message"]) == (
        400,
        "The code on party must be unique.",
    )
