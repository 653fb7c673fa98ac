"""Pictures of every page, to be looked at: `pytest tests/browser/look.py`. They go to build/looks."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases.models import Attempt, Case
from pridvor.lib import clock
from tests.browser.conftest import code, scan
from tests.conftest import ROOT, WORKER
from tests.documents import corpus

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LOOKS = ROOT / "build" / "looks"
PDF = {"name": "certificat.pdf", "mimeType": "application/pdf"}


def attempt(case, key):
    return Attempt.objects.filter(case=case, key=key).order_by("-number").first()


@pytest.mark.parametrize(
    ("name", "width", "scheme", "language"),
    [("en", 1280, "light", "en-GB"), ("ro320", 320, "light", "ro-RO"), ("dark", 1280, "dark", "ro-RO")],
)
def test_look(open_page, name, width, scheme, language):
    page = open_page(width=width, scheme=scheme, language=language)
    (LOOKS / name).mkdir(parents=True, exist_ok=True)
    count = iter(range(100))

    def shot(title):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=LOOKS / name / f"{next(count):02}-{title}.png", full_page=True)

    def press():
        page.locator("main .button--primary").first.click()
        page.wait_for_load_state()

    for title, path in (("porch", "/"), ("guide", "/guide/"), ("privacy", "/privacy/"), ("track", "/track/")):
        page.goto(path)
        shot(title)
    page.goto("/apply/partner-registration/")
    shot("number")
    page.fill("[name=company_number]", "48219503")
    press()
    shot("number-wrong")
    page.fill("[name=company_number]", "33082678")
    press()
    shot("inactive")
    page.goto("/apply/partner-registration/number/")
    page.fill("[name=company_number]", "18547290")
    press()
    shot("company-typed")
    page.goto("/apply/partner-registration/number/")
    page.fill("[name=company_number]", "48219502")
    press()
    shot("is-it-you")
    press()
    shot("email")
    page.fill("[name=email]", "ana@veranda.example")
    press()
    shot("code")
    page.fill("[name=code]", "111111" if code() != "111111" else "222222")
    press()
    shot("code-wrong")
    page.fill("[name=code]", code())
    press()
    shot("contact")
    page.fill("[name=contact_name]", "Ana Popescu")
    page.fill("[name=phone]", "07")
    press()
    shot("contact-wrong")
    page.locator("[name=role]").first.check()
    page.fill("[name=phone]", "0721 000 111")
    press()
    shot("check")
    press()
    shot("case")
    case = Case.objects.order_by("-id").first()
    here = f"/cases/{case.public_id}"
    page.goto("/apply/partner-registration/number/")
    page.fill("[name=company_number]", "47503165")
    press()
    press()
    shot("which")
    page.goto(f"{here}/collect/")
    shot("documents")
    for key, file in (
        ("registration-certificate", corpus.typeset()),
        ("contract", corpus.typeset("Contract")),
        ("bank-letter", b"%PDF-broken"),
    ):
        page.set_input_files(f"#drop-{key}", {**PDF, "name": f"{key}.pdf", "buffer": file})
    page.wait_for_timeout(1500)
    shot("documents-checking")
    scan()
    page.reload()
    page.locator("details.porch-phone summary").click()
    shot("documents-scanned")
    page.goto(f"{here}/bank/")
    page.fill("[name=iban]", "RO49 AAAA 1B31 0075 9384 000")
    press()
    shot("bank-wrong")
    page.fill("[name=iban]", "RO49 AAAA 1B31 0075 9384 0000")
    press()
    shot("case-after-bank")
    page.goto(f"{here}/collect/")
    page.locator("#bank-letter .dropzone-actions button:visible").first.click()
    page.wait_for_load_state()
    page.set_input_files(
        "#drop-bank-letter", {**PDF, "name": "extras.pdf", "buffer": corpus.typeset("Extras")}
    )
    page.wait_for_timeout(1200)
    scan()
    page.goto(f"{here}/collect/")
    page.locator("form.porch-send .button--primary").click()
    page.wait_for_load_state()
    shot("case-checking")
    reasons = [
        {"step": "bank", "item": "iban", "code": "iban-length"},
        {"step": "collect", "item": "bank-letter", "code": "unreadable"},
    ]
    cases.complete(
        attempt(case, "screen"),
        "fail",
        actor=WORKER,
        now=clock.now(),
        reasons=reasons,
        targets=["bank", "collect"],
        wanted={"bank": ["iban"], "collect": ["bank-letter"]},
    )
    page.goto(f"{here}/")
    shot("case-again")
    page.goto(f"{here}/bank/")
    shot("bank-again")
    page.goto(f"{here}/collect/")
    shot("documents-again")
    page.goto(f"{here}/sent/")
    shot("sent")
    page.goto(f"{here}/details/contact/")
    shot("contact-change")
    page.goto(f"{here}/withdraw/")
    shot("withdraw")
    press_danger = page.locator("main .button--danger").first
    press_danger.click()
    shot("case-withdrawn")
    page.goto("/track/")
    shot("cases")
    print(page.refused)
