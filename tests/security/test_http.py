"""What every answer does and does not: cookies, headers, methods, redirects, types, errors."""

import re

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

from pridvor.accounts.models import Role, Staff
from pridvor.project import environment
from tests.desk.conftest import PASSWORD, Desk, staff
from tests.desk.test_sign_in import code_of
from tests.subprocesses import under

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/track/",
    "/apply/partner-registration/",
    "/accounts/login/",
    "/desk/",
    "/oversight/",
    "/nowhere/",
]
LETTERS = (
    "join/",
    "continue/",
    "phone/",
    "sandbox/",
    "vouch/",
    "apply/with/",
)  # links of letters, good once; the demo's mailbox
HTTPS = {"PRIDVOR_URL": "https://onboard.firma.ro", "PRIDVOR_PROXIES": "1"}


@pytest.fixture(scope="module")
def https():
    """The settings of an installation with TLS, read by a process of its own."""
    names = [
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_HTTPONLY",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SECURE_SSL_REDIRECT",
        "DEBUG",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
        "SECURE_PROXY_SSL_HEADER",
    ]
    return under(HTTPS, f"print({{name: getattr(settings, name) for name in {names!r}}})")


def test_cookies_over_tls_are_secure_bound_to_the_host_and_hidden_from_scripts(https):
    assert https["SESSION_COOKIE_SECURE"]
    assert https["CSRF_COOKIE_SECURE"]
    assert https["SESSION_COOKIE_HTTPONLY"]
    assert https["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert https["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert https["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_browsers_are_told_to_come_by_tls_for_a_year(https):
    assert https["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert https["SECURE_HSTS_INCLUDE_SUBDOMAINS"]


def test_a_machine_that_comes_in_clear_is_not_led_on_in_silence(https):
    assert https["SECURE_SSL_REDIRECT"] is False, "that is the proxy's, and for pages alone"


def test_no_installation_shows_its_inside(https):
    assert https["DEBUG"] is False
    assert "PRIDVOR_DEBUG" not in environment.DEFAULTS, "there is no switch"


def test_djangos_own_check_for_an_installation_finds_nothing(https):
    code = "from django.core.management import call_command; call_command('check', deploy=True, fail_level='WARNING'); print(True)"
    assert under(HTTPS, code, ready=True) is True


@pytest.mark.parametrize("path", PAGES)
def test_no_page_may_be_read_by_another_site(path):
    headers = Client(headers={"origin": "https://evil.example"}).get(path).headers
    assert not [name for name in headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_says_its_type_and_its_letters(path):
    answer = Client().get(path)
    if answer.content:
        assert answer["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/desk/", "/track/"])
def test_no_answer_names_what_we_run_on(path):
    headers = {name.lower() for name in Client().get(path).headers}
    assert not headers & {"server", "x-powered-by"}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "FOO"])
def test_methods_that_nobody_needs_do_nothing(method):
    assert Client().generic(method, "/track/").status_code in (403, 405)


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.git/HEAD", "/.env", "/static/", "/static/../keys.json", "/var/keys.json"]
)
def test_nothing_of_the_folder_is_served(path):
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/track/", "/desk/"])
@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_led_to_another_site(path, there):
    person = staff(Role.OPERATOR)
    browser = Client()
    browser.post(
        f"/accounts/login/?next={there}", {"login": person.email, "password": PASSWORD, "next": there}
    )
    led = browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})["Location"]
    assert "evil" not in led
    assert "javascript" not in led


def test_a_page_that_breaks_shows_nothing_of_its_inside(settings):
    settings.ROOT_URLCONF = "tests.security.broken"
    answer = Client(raise_request_exception=False).get("/breaks/")
    body = answer.content.decode()
    assert answer.status_code == 500
    assert not re.search(r"Traceback|File \"|site-packages|RuntimeError|Ana|select ", body)


def test_a_page_gives_no_secret_and_no_key_of_a_row(ana):
    page = Desk(staff(Role.ADMINISTRATOR)).text("/desk/")
    for secret in (configured.SECRET_KEY, "argon2", "sessionid"):
        assert secret not in page


def test_signing_out_clears_what_the_browser_keeps():
    carmen = Desk(staff(Role.OPERATOR))
    answer = carmen.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert carmen.get("/desk/")["Location"].startswith("/accounts/login/")


def test_a_session_that_ended_is_ended_on_the_server():
    carmen = Desk(staff(Role.OPERATOR))
    kept = carmen.cookies["session"].value
    carmen.post("/accounts/logout/")
    thief = Client()
    thief.cookies["session"] = kept
    assert thief.get("/desk/")["Location"].startswith("/accounts/login/")


def test_a_session_has_a_new_key_after_signing_in():
    person, browser = staff(Role.OPERATOR), Client()
    browser.get("/accounts/login/")
    session = browser.session
    session["planted"] = 1
    session.save()
    planted = browser.cookies["session"].value if "session" in browser.cookies else session.session_key
    browser.cookies["session"] = planted
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(person)})
    assert browser.get("/desk/").status_code == 200
    assert browser.cookies["session"].value != planted


def test_a_session_key_has_more_than_128_bits():
    carmen = Desk(staff(Role.OPERATOR))
    assert len(carmen.session.session_key) * 5 >= 128, "32 letters of an alphabet of 36"


def test_a_field_that_the_form_does_not_have_changes_nothing():
    carmen = Desk(staff(Role.OPERATOR))
    carmen.post(
        "/accounts/password/change/", {"is_active": "", "role": "administrator", "oldpassword": PASSWORD}
    )
    assert Staff.objects.get(pk=carmen.person.pk).role == Role.OPERATOR


@pytest.mark.parametrize(
    "query", ["?q=a&q=b", "?page=1&page=2", "?q[]=a", "?q=%00", "?page=-1", "?page=9999999999999"]
)
def test_the_same_parameter_twice_or_odd_breaks_no_page(query):
    assert Desk(staff(Role.OPERATOR)).get(f"/desk/search/{query}").status_code in (200, 404)


def test_signing_out_is_never_a_link():
    carmen = Desk(staff(Role.OPERATOR))
    carmen.get("/accounts/logout/")
    assert carmen.get("/desk/").status_code == 200, "an image on another site cannot sign anybody out"


def test_every_page_of_the_desk_offers_to_sign_out():
    page = Desk(staff(Role.OPERATOR)).text("/desk/")
    assert 'action="/accounts/logout/"' in page


def test_no_sensitive_name_stands_in_an_address():
    routes = []

    def walk(patterns, before=""):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, before + str(pattern.pattern))
            else:
                routes.append(before + str(pattern.pattern))

    walk(get_resolver().url_patterns)
    ours = [route for route in routes if not route.startswith("accounts/")]
    named = [route for route in ours if re.search(r"<[^>]*(mail|iban|phone|token|password|secret)", route)]
    assert [route for route in named if not route.startswith(LETTERS)] == [], (
        "but in links of letters, good once"
    )


def test_migrations_and_settings_pass_djangos_check():
    call_command("check", fail_level="ERROR")
