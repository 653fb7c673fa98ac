"""The pages of a client's service in a real browser: nobody is shut out, light or dark, wide or narrow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from pridvor.accounts.models import Role
from pridvor.connectors import measures, suites
from pridvor.connectors.measures import Given
from pridvor.lib import clock
from tests.conftest import WORKER, person
from tests.connectors.test_suites import GOOD
from tests.desk.conftest import staff
from tests.desk.test_service import JOURNEY
from tests.managed import TOKEN, Managed
from tests.peers.interface import Interface, running

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def ours(server, settings):
    """A service that passed its tests, then did not, with a month of readings."""
    settings.DEMO, settings.PROBE_ALLOW = False, ("127.0.0.1",)
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
        return elsewhere.submit(_play).result()


def _play():
    interface = Interface(GOOD, token=TOKEN)
    with running(interface) as base:
        ours = Managed(person("ana@electroinstal.example"), JOURNEY)
        ours.time.now = clock.now()
        ours.hand_over(base=base)
        suites.run(ours.case, cause="step", actor=WORKER, now=ours.time() - timedelta(hours=2))
        interface.answers["GET /orders"] = (500, {}, 0)
        suites.run(ours.case, cause="client", actor=ours.me, now=ours.time())
    course = [Given("uptime", ours.time() - timedelta(days=n), 99.9 - (n % 7 == 3)) for n in range(28)]
    measures.take(ours.case, course, source="api", actor=WORKER, now=ours.time())
    connections.close_all()
    return ours


def enter(page, **values):
    session = SessionStore()
    session.update(values)
    session.create()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": page.url or None}
    page.context.add_cookies([cookie])


def places(ours):
    at = f"/cases/{ours.case.public_id}/"
    return [f"{at}service/", f"{at}access/interface/", f"/desk{at}service/"]


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "en-GB"), (320, "light", "ro-RO"), (1280, "dark", "ro-RO")],
)
def test_nobody_is_shut_out(open_page, ours, width, scheme, language):
    page = open_page(width=width, scheme=scheme, language=language)
    page.goto("/")
    someone = staff(Role.ENGINEER)
    signed = {
        SESSION_KEY: str(someone.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: someone.get_session_auth_hash(),
    }
    enter(page, person=str(ours.person.subject), **signed)
    for place in places(ours):
        page.goto(place)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
        assert page.refused == []
