"""Staff sign in with a password and a second factor; without one, no page of theirs opens."""

import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from pridvor.accounts.models import Role
from tests.desk.conftest import PASSWORD, Desk, staff

pytestmark = pytest.mark.django_db


def code_of(person):
    secret = get_adapter().decrypt(Authenticator.objects.get(user=person, type="totp").data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})


def password(browser, person, given=PASSWORD):
    return browser.post("/accounts/login/", {"login": person.email, "password": given})


def test_password_and_code_open_the_desk(browser):
    person = staff(Role.OPERATOR)
    assert password(browser, person)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/desk/").status_code == 302, "not with the password alone"
    assert browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})["Location"] == "/desk/"
    assert browser.get("/desk/").status_code == 200


@pytest.mark.parametrize("code", ["000000", "", "abc"])
def test_a_wrong_code_opens_nothing(browser, code):
    person = staff(Role.OPERATOR)
    password(browser, person)
    browser.post("/accounts/2fa/authenticate/", {"code": code})
    assert browser.get("/desk/")["Location"].startswith("/accounts/login/")


def test_a_code_works_once(browser):
    person = staff(Role.OPERATOR)
    code = code_of(person)
    for expected in (200, 302):
        other = Client()
        password(other, person)
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert other.get("/desk/").status_code == expected


@pytest.mark.parametrize("given", ["wrong", ""])
def test_a_wrong_password_looks_the_same_for_known_and_unknown_people(browser, given):
    known, unknown = (
        password(browser, staff(Role.OPERATOR), given),
        browser.post("/accounts/login/", {"login": "x@y.example", "password": given}),
    )
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert browser.get("/desk/").status_code == 302


def test_without_a_second_factor_the_desk_leads_to_its_set_up():
    newcomer = Desk(staff(Role.OPERATOR, second_factor=False))
    for path in ("/desk/", "/desk/search/?q=x", "/oversight/"):
        assert newcomer.get(path)["Location"] == "/accounts/2fa/totp/activate/"


@pytest.mark.parametrize(
    "path",
    ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/", "/accounts/sessions/"],
)
def test_pages_of_second_factors_can_be_reached_once_the_password_was_given_anew(browser, path):
    person = staff(Role.OPERATOR, second_factor=False)
    password(browser, person)
    assert browser.get(path, follow=True).status_code == 200


def test_nobody_signs_up(browser):
    assert "closed" in browser.get("/accounts/signup/", follow=True).content.decode().lower()


def test_the_secret_of_a_second_factor_is_sealed():
    person = staff(Role.OPERATOR)
    stored = Authenticator.objects.get(user=person).data["secret"]
    plain = get_adapter().decrypt(stored)
    assert plain not in stored
    assert len(plain) >= 16
