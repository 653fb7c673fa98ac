"""Sessions end when nobody uses them, and never last past a whole; somebody disabled is out at the next request."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from pridvor.accounts.models import Role, Staff
from tests.conftest import browser_of
from tests.desk.conftest import PASSWORD, Desk, staff
from tests.desk.test_sign_in import code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def carmen():
    browser = Desk(staff(Role.OPERATOR))
    assert browser.get("/desk/").status_code == 200
    return browser


def earlier(browser, **ago):
    session = browser.session
    for name, seconds in ago.items():
        session[name] -= seconds
    session.save()


@pytest.mark.parametrize(
    ("ago", "stays"),
    [
        ({"seen_at": 29 * 60}, True),
        ({"seen_at": 31 * 60}, False),
        ({"began_at": 11.9 * 3600}, True),
        ({"began_at": 12.1 * 3600}, False),
    ],
)
def test_staff_have_thirty_minutes_of_rest_and_twelve_hours_in_all(carmen, ago, stays):
    earlier(carmen, **ago)
    answer = carmen.get("/desk/search/?q=x")
    assert (answer.status_code == 200) is stays
    if not stays:
        assert answer["Location"] == "/accounts/login/?next=%2Fdesk%2Fsearch%2F%3Fq%3Dx", (
            "led back after signing in"
        )
        assert SESSION_KEY not in carmen.session


def test_use_renews_the_rest_but_a_page_that_polls_does_not(carmen):
    earlier(carmen, seen_at=20 * 60)
    carmen.get("/desk/", headers={"HX-Request": "true"})
    before = carmen.session["seen_at"]
    carmen.get("/desk/")
    assert carmen.session["seen_at"] > before + 1000


def test_a_fragment_of_an_ended_session_leads_the_whole_page_to_sign_in(carmen):
    earlier(carmen, seen_at=31 * 60)
    answer = carmen.get("/desk/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.parametrize(("minutes", "stays"), [(59, True), (61, False)])
def test_clients_have_an_hour(ana, minutes, stays):
    browser = browser_of(ana)
    browser.get("/track/")
    earlier(browser, seen_at=minutes * 60)
    browser.get("/track/")
    assert ("person" in browser.session) is stays


def test_somebody_disabled_is_out_at_the_next_request(carmen):
    Staff.objects.filter(pk=carmen.person.pk).update(is_active=False)
    assert carmen.get("/desk/")["Location"].startswith("/accounts/login/")


def signed_in(person, agent):
    """By password and code, as people do: that is what the list of sessions is made of."""
    browser = Client(headers={"user-agent": agent, "accept-language": "en"})
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    cache.clear()  # a code works once; here two browsers use the same one
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})
    assert browser.get("/desk/").status_code == 200
    return browser


@pytest.fixture
def two():
    person = staff(Role.OPERATOR)
    return person, signed_in(person, "A laptop"), signed_in(person, "A telephone")


def test_a_session_is_ended_from_elsewhere(two):
    person, laptop, telephone = two
    assert "A telephone" in laptop.get("/accounts/sessions/").content.decode()
    key = person.usersession_set.get(user_agent="A telephone").pk
    laptop.post(f"/accounts/sessions/{key}/end/")
    assert telephone.get("/desk/")["Location"].startswith("/accounts/login/")
    assert laptop.get("/desk/").status_code == 200


def test_nobody_ends_the_session_of_another(two, carmen_too):
    person, laptop, _ = two
    for row in person.usersession_set.all():
        assert carmen_too.post(f"/accounts/sessions/{row.pk}/end/").status_code == 404
    assert laptop.get("/desk/").status_code == 200


@pytest.fixture
def carmen_too():
    return Desk(staff(Role.MANAGER))


def test_a_changed_password_ends_the_other_sessions(two):
    _person, laptop, telephone = two
    changed = laptop.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "a-new-house-22", "password2": "a-new-house-22"},
    )
    assert changed.status_code == 302
    assert telephone.get("/desk/")["Location"].startswith("/accounts/login/")
    assert laptop.get("/desk/").status_code == 200


def test_the_last_second_factor_stays(carmen):
    carmen.get("/accounts/2fa/")
    carmen.post("/accounts/2fa/totp/deactivate/")
    assert carmen.person.authenticator_set.filter(type="totp").exists()
