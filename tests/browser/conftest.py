"""A real browser against a real server whose data is really committed."""

import os
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

from pridvor.clients import sign_in
from pridvor.clients.models import SignIn
from pridvor.documents import screening
from pridvor.documents.models import File
from pridvor.journeys import queries as journeys
from pridvor.lib import clock
from tests.conftest import partner_registration

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture
def unblocked(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield
        connections.close_all()  # beside Playwright's loop a test has connections of its own


@pytest.fixture
def _django_db_helper(unblocked):
    """The mark `django_db` only has the databases made here: what the server sees must be committed."""


def _backends(alias):
    """The connections to this database, the one that asks included."""
    with connections[alias].cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


@pytest.fixture
def server(unblocked, committed):
    """The address of a running server with the partner journey published."""
    journeys.compiled.cache_clear()
    partner_registration()
    ours = {
        alias: _backends(alias) for alias in ("default", "vault")
    }  # other tests of this process go on with them
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    yield f"http://localhost:{thread.port}"
    thread.terminate()
    for alias, known in ours.items():  # what its request threads have left open
        with connections[alias].cursor() as cursor:
            for pid in _backends(alias) - known:
                cursor.execute("select pg_terminate_backend(%s)", [pid])
    journeys.compiled.cache_clear()


@pytest.fixture(scope="module")  # its loop would stand in the way of whatever wants one later in this process
def chromium(django_db_setup):
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed: the browser journeys were not run")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "true"  # Playwright's loop runs in this thread, beside the database
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, server):
    """A new page of a new visitor; what the console says of the content policy is kept in `page.refused`."""
    contexts = []

    def make(*, scripts=True, width=1280, scheme="light", language="en-GB"):
        context = chromium.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=language,
            base_url=server,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.refused = []
        page.on(
            "console",
            lambda said: page.refused.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.on("pageerror", lambda error: page.refused.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


def code():
    """The code in the newest mail."""
    row = SignIn.objects.order_by("-id").first()
    return sign_in.code_for_mail(row.public_id, now=row.created_at)[1]


def scan():
    """What the worker would do: scan and read every file that has arrived."""
    for file in File.objects.filter(state="quarantined"):
        screening.scan(file.pk, now=clock.now())
    for file in File.objects.filter(state="clean", read_at=None):
        screening.read(file.pk, now=clock.now())
