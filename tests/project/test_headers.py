"""Headers on every answer, and the pages of failure."""

import pytest
from django.test import Client

from pridvor.accounts.models import Role
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/track/",
        "/livez",
        "/readyz",
        "/accounts/login/",
        "/desk/",
        "/oversight/",
        "/nowhere/",
        "/sandbox/",
        "/desk/search/?q=x",
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_page_carries_them(path, signed_in):
    browser = Desk(staff(Role.ADMINISTRATOR)) if signed_in else Client()
    headers = browser.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_cookies_cannot_be_read_by_scripts():
    browser = Client()
    browser.post("/accounts/login/", {"login": staff(Role.OPERATOR).email, "password": "porch-and-arches"})
    cookie = browser.cookies["session"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere/", 404), ("/cases/0/", 404), ("/desk/cases/x/", 404)]
)
def test_a_page_that_is_not_there_says_so_with_a_way_out(path, status):
    answer = Client(headers={"accept-language": "en"}).get(path)
    assert answer.status_code == status
    assert 'href="/' in answer.content.decode()


def test_a_host_that_is_not_ours_is_refused():
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400
