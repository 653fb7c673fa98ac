"""What people see of other systems in a real browser: no page shuts anybody out, at any width, in either light."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connections

from pridvor.accounts.models import Role
from pridvor.cases import vouching
from pridvor.cases.models import Attempt
from pridvor.connectors.models import Call
from pridvor.journeys import queries as journeys
from pridvor.lib import clock
from pridvor.project import playing, wholesale, wiring
from pridvor.project.cast import STAFF
from tests.browser.test_service import enter
from tests.conftest import person, publish
from tests.desk.conftest import staff
from tests.wholesale import SOURCE, brought_in

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.xdist_group("browser")]
OF_ALL = ("/desk/calls/", "/desk/differences/")


@pytest.fixture
def addresses(server):
    """The demonstration's customers of the shop, played; what staff look at, and the administrator's link."""
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
        return elsewhere.submit(_played).result()


def _played():
    wiring.connect()
    publish(SOURCE)
    journeys.compiled.cache_clear()
    staff(Role.OPERATOR, STAFF[0].email)
    elena = person("elena@tamplaria.example")
    brought_in(elena)
    with playing.reactions_at_once():
        for play in wholesale.plays(clock.now()):
            play.run()
    vouch = Attempt.objects.get(key="vouch", status="open")
    decide = Attempt.objects.select_related("case").get(key="decide", status="open")
    call = Call.objects.get(state="by-hand", capability="erp.create_customer")
    connections.close_all()
    case = f"/desk/cases/{decide.case.public_id}"
    grant = f"{case}/decide/{decide.pk}/approve/"
    return [*OF_ALL, f"/desk/calls/{call.public_id}/", f"{case}/blueprint/", grant], (
        f"/vouch/{vouching.token(vouch.pk, elena)}/"
    )


@pytest.mark.parametrize(("width", "scheme", "language"), [(320, "light", "ro-RO"), (1280, "dark", "en-GB")])
def test_every_page_about_other_systems_is_for_everybody(open_page, addresses, width, scheme, language):
    for_staff, vouch = addresses
    page = open_page(width=width, scheme=scheme, language=language)
    page.goto(vouch)
    is_fit(page, vouch, width)
    someone = staff(Role.COMPLIANCE)
    signed = {SESSION_KEY: str(someone.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]}
    enter(page, **signed, **{HASH_SESSION_KEY: someone.get_session_auth_hash()})
    for address in for_staff:
        assert page.goto(address).status == 200, address
        is_fit(page, address, width)
    assert page.refused == []


def is_fit(page, address, width):
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], address
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
