"""Forms that ask what applies, in a real browser: live with scripts, readable at every width, clean for axe."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from pridvor.cases import actions as cases
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from tests.browser.conftest import code
from tests.conftest import ROOT, client_of, person, publish
from tests.portal import test_depending, test_groups

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
LOOKS = ROOT / "build" / "looks"
EMAIL = "ana@veranda.example"
MODES = [(1280, "light", "en-GB"), (320, "dark", "ro-RO")]


def sit(page, journey):
    ana = person(EMAIL, language="en")
    version = publish(journey)
    case = cases.open_case(
        version, client_of(ana), ana, language="en", actor=Actor("client", str(ana.subject)), now=clock.now()
    )
    page.goto("/track/")
    page.fill("[name=email]", EMAIL)
    page.locator("main .button--primary").first.click()
    page.fill("[name=code]", code())
    page.locator("main .button--primary").first.click()
    page.wait_for_load_state()
    return f"/cases/{case.public_id}"


def look(page, name):
    LOOKS.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=LOOKS / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = [
        (wrong["id"], wrong["nodes"][0]["html"][:120]) for wrong in Axe().run(page).response["violations"]
    ]
    assert found == []
    assert page.refused == []


@pytest.mark.parametrize(("width", "scheme", "language"), MODES)
def test_a_question_comes_and_goes_with_the_answer_it_depends_on(open_page, width, scheme, language):
    page = open_page(width=width, scheme=scheme, language=language)
    here = sit(page, test_depending.JOURNEY)
    page.goto(f"{here}/profile/kind/")
    assert page.locator("[name=people]").count() == 0
    page.locator("[name=size][value=large]").check()
    page.wait_for_selector("[name=people]")
    assert page.evaluate("document.activeElement.value") == "large"
    assert page.locator("[name=service]").count() == 2
    assert page.locator("[data-asks-said]").inner_text()
    look(page, f"depending-{width}")
    page.fill("[name=people]", "300")
    page.locator("[name=size][value=small]").check()
    page.wait_for_selector("[name=people]", state="detached")
    assert page.locator("[name=service]").count() == 1


@pytest.mark.parametrize(("width", "scheme", "language"), MODES)
def test_owners_are_entered_one_by_one(open_page, width, scheme, language):
    page = open_page(width=width, scheme=scheme, language=language)
    here = sit(page, test_groups.JOURNEY)
    page.goto(f"{here}/owners/owners/")
    for name, share in (("Ion Popescu", "50"), ("Maria-Magdalena Constantinescu-Brâncoveanu", "30")):
        page.locator("a.button[href$='/new/']").click()
        page.fill("[name=name]", name)
        page.fill("[name=share]", share)
        look(page, f"entry-{width}")
        page.locator("main .button--primary").first.click()
        page.wait_for_url(re.compile("/owners/owners/$"))
    page.locator("form[action$='/1/remove/'] button").click()
    page.wait_for_load_state()
    look(page, f"group-{width}")
    page.locator("form[action$='/1/restore/'] button").click()
    page.wait_for_load_state()
    page.locator("main .button--primary").first.click()
    page.wait_for_url(re.compile("/owners/check/$"))
    look(page, f"group-check-{width}")
