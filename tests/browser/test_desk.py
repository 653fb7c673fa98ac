"""The desk in a real browser: a newcomer signs in, works by keyboard alone, and no page shuts anybody out."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from axe_playwright_python.sync_playwright import Axe
from django.db import connections

from pridvor.accounts.models import Staff
from pridvor.cases.models import Case
from pridvor.clients.models import Client
from pridvor.lib import clock
from pridvor.project import demo, playing
from pridvor.project.cast import STAFF

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.xdist_group("browser")]
PASSWORD = "a long enough password"
IN_VERIFICATION = demo.Story(
    "48219502", "Ana Vlad", "ana@veranda.example", "+40721000111", 0.2, "verify", hours=1
)


@pytest.fixture
def waiting(server) -> Case:
    """A clean case that waits for a person."""
    Staff.objects.create_user(STAFF[0].email, PASSWORD, name="Carmen Ionescu", role="operator")
    with ThreadPoolExecutor(
        1
    ) as elsewhere:  # the browser's own loop runs in this thread, and signing wants one too
        return elsewhere.submit(_play).result()


def _play() -> Case:
    with playing.reactions_at_once():
        play = demo.Play(IN_VERIFICATION, clock.now())
        play.run()
    connections.close_all()
    return play.case


def sign_in(page, role="operator"):
    staff, _ = Staff.objects.get_or_create(
        email=f"{role}@arcada.example", defaults={"name": "Dan", "role": role}
    )
    staff.set_password(PASSWORD)
    staff.save()
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    page.goto("/desk/")
    page.fill("[name=login]", staff.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.fill("[name=code]", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")


def test_a_case_is_found_looked_at_and_approved_by_keyboard_alone(open_page, waiting):
    page = open_page()
    sign_in(page)
    page.keyboard.press("/")
    page.keyboard.type("veranda construkt")  # with a typing error
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{waiting.public_id}/")
    assert page.locator(".viewer-page img").count() >= 3
    page.keyboard.press("a")
    page.wait_for_url("**/desk/")
    assert waiting.attempts.get(key="verify").outcome == "approve"
    assert page.refused == []


def test_a_passkey_is_added_and_signs_in(open_page, server):
    page = open_page()
    sign_in(page)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto("/accounts/2fa/webauthn/add/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
    page.wait_for_url("**/webauthn/add/**")
    page.fill("[name=name]", "key")
    if page.locator("[name=passwordless]").count():
        page.check("[name=passwordless]")
    page.locator("#mfa_webauthn_add, main form button").last.click()
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    page.goto("/desk/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/?next=/desk/")
    page.locator("#passkey_login, [data-passkey], button:has-text('passkey')").first.click()
    page.wait_for_url("**/desk/")
    assert page.refused == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_every_desk_page_is_for_everybody(open_page, waiting, scheme, width):
    page, verify = open_page(width=width, scheme=scheme), waiting.attempts.get(key="verify")
    sign_in(page, "administrator")
    twin = Client.objects.create(
        name="Veranda Konstruct SRL",
        folded="veranda konstruct srl",
        country="RO",
        cui="48219502",
        city="Sibiu",
        created_at=clock.now(),
    )
    case = f"/desk/cases/{waiting.public_id}/"
    addresses = [
        "/desk/",
        case,
        f"{case}decide/{verify.pk}/correct/",
        f"{case}decide/{verify.pk}/reject/",
        "/desk/?scope=others",
        f"/desk/clients/{waiting.client.public_id}/",
        f"/desk/clients/{waiting.client.public_id}/merge/{twin.public_id}/",
        "/desk/texts/",
        "/desk/notices/",
        "/desk/joining/",
        "/desk/search/?q=veranda",
        "/desk/search/?q=nobody",
        "/oversight/",
        "/oversight/journeys/",
        "/oversight/journeys/partner-registration/1/",
        "/accounts/2fa/",
        "/sandbox/",
    ]
    for address in addresses:
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width + 1, address
    assert page.refused == []
