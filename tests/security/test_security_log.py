"""The security log: sign-ins, failures, refusals, changed factors; ids and digests, one line each, in UTC."""

import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from pridvor.accounts.models import Role
from pridvor.project import logs
from tests.desk.conftest import PASSWORD, Desk, staff
from tests.desk.test_sign_in import code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "pridvor.security")

    def read():
        kept = [record for record in caplog.records if record.name == "pridvor.security"]
        return [json.loads(logs.Lines().format(record)) for record in kept]

    return read


def test_coming_in_and_not_coming_in_are_logged_with_the_factors(lines):
    person, browser = staff(Role.OPERATOR), Client()
    browser.post("/accounts/login/", {"login": person.email, "password": "wrong"})
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})
    browser.post("/accounts/logout/")
    failed, came, left = lines()
    assert (failed["level"], failed["message"].split()[0]) == ("warning", "authn_login_fail")
    assert came["message"] == f"authn_login_success staff {person.public_id} by password+totp"
    assert left["message"] == f"session_ended staff {person.public_id}"
    assert person.email not in json.dumps([failed, came, left])


def test_attempts_on_one_address_can_be_counted_and_the_address_not_read(lines):
    for address in ("ana@x.example", "ANA@x.example ", "emil@x.example"):
        Client().post("/accounts/login/", {"login": address, "password": "wrong"})
    digests = [line["message"].split()[-1] for line in lines()]
    assert digests[0] == digests[1] != digests[2]


def test_a_refusal_is_logged(lines):
    auditor = Desk(staff(Role.AUDITOR))
    assert auditor.get(reverse("desk:new")).status_code == 404
    assert [line["message"].split()[0] for line in lines()] == ["authz_fail"]


def test_a_changed_factor_is_logged(lines):
    carmen = Desk(staff(Role.OPERATOR))
    new = "seven blue ladders"
    carmen.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert f"authn_token_changed staff {carmen.person.public_id} password_changed" in [
        line["message"] for line in lines()
    ]


def test_a_mail_server_that_fails_is_logged(settings, caplog):
    settings.EMAIL_BACKEND, settings.SMTP_URL = "pridvor.notifications.backend.Backend", "smtp://127.0.0.1:1"
    carmen = Desk(staff(Role.OPERATOR))
    new = "seven blue ladders"
    changed = carmen.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert changed.status_code == 302, "the act stands all the same"
    assert "was not sent" in caplog.text


def formatted(message):
    return logs.Lines().format(logging.LogRecord("x", logging.INFO, "f", 1, message, None, None))


@pytest.mark.parametrize("evil", ["a\nb", 'a\r\n{"level": "info"}', "a\u2028b\x00", 'a","level":"x'])
def test_a_line_stays_one_line(evil):
    written = formatted(evil)
    assert len(written.splitlines()) == 1 or "\u2028" in evil
    assert json.loads(written)["level"] == "info"
    assert "\n" not in written


def test_moments_are_in_utc():
    assert json.loads(formatted("x"))["at"].endswith("+00:00")
