"""The clients' door in a real browser: with scripts and without, cut off and back, for every eye."""

import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Case
from pridvor.clients.models import Passkey
from pridvor.documents.models import File
from pridvor.lib import clock
from tests.browser.conftest import code, scan
from tests.conftest import WORKER
from tests.documents import corpus

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ITEMS = ("registration-certificate", "bank-letter", "contract")
NEXT = "main .button--primary"


def attempt(case, key):
    return Attempt.objects.filter(case=case, key=key).order_by("-number").first()


def register(page, number="48219502"):
    """From the first page to a sent registration, as a person presses it."""
    page.goto("/")
    page.click("main .porch-enter")
    page.fill("[name=company_number]", number)
    page.click(NEXT)
    page.click("[name=confirm]")
    page.fill("[name=email]", "ana@veranda.example")
    page.click(NEXT)
    page.fill("[name=code]", code())
    page.click(NEXT)
    page.fill("[name=contact_name]", "Ana Popescu")
    page.check("[name=role][value=administrator]")
    page.fill("[name=phone]", "0721 000 111")
    page.click(NEXT)
    page.click(NEXT)
    page.wait_for_url("**/cases/*/")
    return Case.objects.order_by("-id").first()


def put(page, item, name, content, *, scripts=True):
    page.set_input_files(f"#drop-{item}", {"name": name, "mimeType": "application/pdf", "buffer": content})
    if not scripts:
        page.click(f"#{item} .dropzone-send")
    page.wait_for_selector(f"#files-{item} [data-file]")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_client_registers_and_sends_everything(open_page, scripts):
    page = open_page(scripts=scripts)
    case = register(page)
    page.goto(f"/cases/{case.public_id}/bank/")
    page.fill("[name=iban]", "RO49 AAAA 1B31 0075 9384 0000")
    page.click(NEXT)
    page.goto(f"/cases/{case.public_id}/collect/")
    for item in ITEMS:
        put(page, item, f"{item}.pdf", corpus.typeset(item), scripts=scripts)
    scan()
    page.reload()
    page.click("form.porch-send button")
    page.wait_for_url(f"**/cases/{case.public_id}/")
    assert attempt(case, "collect").status == "done"
    assert page.refused == []


def test_an_upload_goes_on_by_itself_after_a_cut(open_page, tmp_path):
    page, offsets = open_page(), []
    case = register(page)
    page.goto(f"/cases/{case.public_id}/collect/")

    def line(route):
        if route.request.method != "PATCH":
            return route.continue_()
        offsets.append(int(route.request.headers["upload-offset"]))
        return route.abort("connectionreset") if len(offsets) == 2 else route.continue_()

    page.route("**/files/**", line)
    big = tmp_path / "big.pdf"
    big.write_bytes(corpus.typeset() + secrets.token_bytes(12_000_000))
    page.set_input_files("#drop-contract", big)
    page.wait_for_selector("#files-contract [data-file]", timeout=20_000)
    assert offsets == [0, 5_000_000, 5_000_000, 10_000_000]
    assert File.objects.get().state == "quarantined"


def test_an_upload_goes_on_after_the_page_was_closed(open_page, tmp_path):
    page, offsets = open_page(), []
    case = register(page)
    page.goto(f"/cases/{case.public_id}/collect/")
    big = tmp_path / "big.pdf"
    big.write_bytes(corpus.typeset() + secrets.token_bytes(12_000_000))
    page.route(
        "**/files/**",
        lambda route: (
            route.abort() if int(route.request.headers.get("upload-offset", 0)) else route.continue_()
        ),
    )
    page.set_input_files("#drop-contract", big)
    page.wait_for_selector("[data-state]:has-text('lost')")
    page.reload()
    page.unroute("**/files/**")
    assert "% has arrived" in page.text_content("#files-contract")
    page.on(
        "request",
        lambda request: (
            offsets.append(request.headers.get("upload-offset")) if request.method == "PATCH" else None
        ),
    )
    page.set_input_files("#drop-contract", big)
    page.wait_for_selector("#files-contract .dropzone-file--checking", timeout=20_000)
    assert offsets == ["5000000", "10000000"]


def test_a_file_that_is_too_large_is_told_before_it_is_sent(open_page):
    page = open_page()
    case = register(page)
    page.goto(f"/cases/{case.public_id}/collect/")
    page.evaluate("document.querySelector('[data-item=contract]').dataset.max = 10")
    page.set_input_files(
        "#drop-contract", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 long"}
    )
    page.wait_for_selector("text=This file is too large")
    assert not File.objects.exists()


def test_typing_is_kept_when_the_page_is_left(open_page):
    page = open_page()
    register(page)
    case = Case.objects.get()
    page.goto(f"/cases/{case.public_id}/bank/")
    page.fill("[name=iban]", "RO49 AAAA 1B31 0075 9384 0000")
    page.keyboard.press("Tab")
    page.wait_for_selector(".saved--done")
    page.goto(f"/cases/{case.public_id}/bank/account/")
    assert page.input_value("[name=iban]") == "RO49 AAAA 1B31 0075 9384 0000"


def test_the_page_of_a_case_changes_by_itself(open_page):
    page = open_page()
    case = register(page)
    for key in ("bank", "collect"):
        cases.complete(attempt(case, key), "done", actor=WORKER, now=clock.now())
    page.reload()
    page.wait_for_selector("text=We are checking what you sent")
    cases.complete(attempt(case, "screen"), "ok", actor=WORKER, now=clock.now())
    page.wait_for_selector("text=A person at our end looks at it", timeout=8_000)


def pages(page):
    """Every page of the door in turn, in its quiet state and with its errors."""
    for path in ("/", "/guide/", "/privacy/", "/track/", "/apply/partner-registration/number/"):
        page.goto(path)
        yield path
    page.fill("[name=company_number]", "1")
    page.click(NEXT)
    yield "a wrong number"
    page.fill("[name=company_number]", "18547290")
    page.click(NEXT)
    yield "a company to type"
    page.goto("/apply/partner-registration/number/")
    page.fill("[name=company_number]", "33082678")
    page.click(NEXT)
    yield "an inactive company"
    page.click("[name=confirm]")
    yield "the address"
    page.fill("[name=email]", "ana@veranda.example")
    page.click(NEXT)
    yield "the code"
    page.fill("[name=code]", code())
    page.click(NEXT)
    yield "who are you"
    page.click(NEXT)
    yield "who are you, with errors"
    page.fill("[name=contact_name]", "Ana Popescu")
    page.check("[name=role][value=administrator]")
    page.fill("[name=phone]", "0721 000 111")
    page.click(NEXT)
    yield "check your answers"
    page.click(NEXT)
    page.wait_for_url("**/cases/*/")
    yield "the case"
    here = page.url
    for part in ("collect/", "bank/", "sent/", "withdraw/", "address/", "details/contact/"):
        page.goto(here + part)
        yield part
    page.goto(here + "collect/")
    put(page, "contract", "contract.pdf", b"%PDF-1.7 broken")
    yield "a paper being checked"
    scan()
    page.reload()
    page.click(".porch-phone summary")
    page.click("form.porch-send button")
    yield "papers with errors"
    page.goto("/track/")
    yield "the list"


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 320),
        *(
            pytest.param(s, w, marks=pytest.mark.slow)
            for s, w in [("light", 1280), ("dark", 320), ("dark", 1280)]
        ),
    ],
)
def test_every_page_is_for_everybody(open_page, scheme, width):
    page, wrong = open_page(width=width, scheme=scheme), []
    for name in pages(page):
        found = Axe().run(page)
        wrong += [
            (name, violation["id"], violation["nodes"][0]["html"][:120])
            for violation in found.response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append((name, "wider than the screen", ""))
    assert wrong == []
    assert page.refused == []


def a_device(page, *, is_verified):
    """A virtual authenticator in the browser, with or without whoever unlocks it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": is_verified,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def comes_back_by_code(page, email):
    page.goto("/track/")
    page.fill("[name=email]", email)
    page.get_by_role("button", name="Send me the code").click()
    page.wait_for_url("**/track/code/")
    page.fill("[name=code]", code())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/track/")


def test_a_client_adds_a_passkey_and_signs_in_without_a_code(open_page):
    page = open_page()
    comes_back_by_code(page, "ana@electroinstal.example")
    session, device = a_device(page, is_verified=True)
    page.get_by_role("link", name="add a passkey").click()
    page.fill("[name=label]", "laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("Added. From now on").wait_for()
    assert Passkey.objects.get().label == "laptop"
    page.get_by_role("button", name="Sign out").click()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/track/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").first.wait_for()
    assert Passkey.objects.get().used_at is None, "a device that nobody unlocked signs nobody in"
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.goto("/track/")
    page.get_by_role(
        "heading", name="My registrations"
    ).wait_for()  # offered by the browser itself, where the address is typed
    assert Passkey.objects.get().used_at is not None
    assert page.refused == []
