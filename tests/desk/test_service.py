"""A client's service, as the desk and the client see it: tests, measures, readings from a file, credentials unseen."""

import io

import pytest

from pridvor.accounts.models import Role
from pridvor.cases import actions as cases
from pridvor.cases import secrets
from pridvor.connectors import measures, suites
from pridvor.connectors.measures import Given
from pridvor.connectors.models import MeasureKey, Reading
from pridvor.lib import clock
from tests.conftest import WORKER, browser_of
from tests.connectors.test_suites import GOOD
from tests.desk.conftest import Desk, staff
from tests.managed import TOKEN, Managed
from tests.peers.interface import Interface, running

pytestmark = pytest.mark.django_db
JOURNEY = """
journey: served
reference: SV
title: {en: Served, ro: Servit}
forms:
  access:
    interface:
      title: {en: Your interface, ro: Interfața dumneavoastră}
      fields:
        base_url: {label: {en: Address, ro: Adresa}}
        token: {type: secret, label: {en: Access token, ro: Cheia de acces}}
suites:
  orders:
    title: {en: Orders, ro: Comenzi}
    base: access.base_url
    auth: {bearer: token}
    endpoints:
      list-orders: {title: {en: List orders, ro: Lista comenzilor}, path: /orders, answer: {type: array}}
      new-order: {title: {en: New order, ro: Comandă nouă}, method: POST, path: /orders, body: {sku: A1}, status: 201}
measures:
  uptime: {title: {en: Uptime, ro: Disponibilitate}, unit: "%", target: ">= 99.5"}
  latency: {title: {en: Latency, ro: Latență}, unit: ms, target: "< 800", over: highest}
stages:
  technical:
    title: {en: Technical, ro: Tehnic}
    owner: engineer
    steps:
      access: {form: access, title: {en: Access, ro: Acces}}
      look: {review: x, title: {en: Look, ro: Verificare}}
"""


@pytest.fixture
def interface(settings):
    settings.DEMO, settings.PROBE_ALLOW = False, ("127.0.0.1",)
    there = Interface(GOOD, token=TOKEN)
    with running(there) as base:
        there.base = base
        yield there


@pytest.fixture
def ours(ana, interface):
    ours = Managed(ana, JOURNEY)
    ours.time.now = clock.now()
    ours.hand_over(base=interface.base)
    ours.at = f"/desk/cases/{ours.case.public_id}/service/"
    return ours


@pytest.fixture
def engineer(db):
    return Desk(staff(Role.ENGINEER))


def run(ours):
    suites.run(ours.case, cause="step", actor=WORKER, now=ours.time())


def test_the_desk_sees_what_differed(ours, engineer, interface):
    interface.answers["GET /orders"] = (500, {}, 0)
    run(ours)
    shown = engineer.text(ours.at)
    assert "List orders: answered with status 500 instead of 200." in shown
    assert "New order" in shown


def test_a_press_asks_for_another_run(ours, engineer):
    engineer.post(f"{ours.at}run/")
    assert len(ours.events("suites.asked")) == 1
    assert "ran a moment ago" in engineer.post(f"{ours.at}run/", follow=True).content.decode()


def test_the_client_sees_the_same_and_may_ask_too(ours, interface):
    run(ours)
    browser, at = browser_of(ours.person), f"/cases/{ours.case.public_id}/service/"
    assert "as agreed" in browser.get(at).content.decode()
    assert at in browser.get(f"/cases/{ours.case.public_id}/").content.decode()
    browser.post(f"{at}run/")
    suites.run_asked(ours.event("suites.asked"), now=clock.now())
    assert [one.cause for one in suites.history(ours.case)] == ["client", "step"]


def test_another_client_finds_no_such_page(ours, emil):
    browser, at = browser_of(emil), f"/cases/{ours.case.public_id}/service/"
    assert browser.get(at).status_code == browser.post(f"{at}run/").status_code == 404


def test_measures_are_shown_with_target_and_course(ours, engineer):
    now = ours.time()
    given = [Given("uptime", now - measures.timedelta(days=n), 99 + n / 10) for n in range(3)]
    measures.take(ours.case, given, source="api", actor=WORKER, now=now)
    shown = engineer.text(ours.at)
    for words in ("99.1 %", "off target", "target ≥ 99.5 %", "3 readings", "<svg", "no reading"):
        assert words in shown


def send(engineer, ours, content):
    file = io.BytesIO(content)
    file.name = "readings.csv"
    return engineer.post(f"{ours.at}readings/", {"file": file}, follow=True).content.decode()


def test_readings_come_from_a_file_each_once(ours, engineer):
    content = b"measure,at,value\nuptime,2026-11-20T10:00:00Z,99.9\n"
    assert "1 readings kept, 0 known already" in send(engineer, ours, content)
    assert "0 readings kept, 1 known already" in send(engineer, ours, content)
    assert Reading.objects.get().source == "file"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"measure,at,value\nother,2026-11-20,1\n", "Row 1: the journey has no such measure"),
        (b"measure,at,value\nuptime,2026-11-20,many\n", "Row 1: this is not a number"),
        (b"x\n", "needs the columns"),
        (b"", "Choose a CSV file"),
    ],
)
def test_a_file_that_is_not_right_is_explained_and_nothing_kept(ours, engineer, content, said):
    assert said in send(engineer, ours, content)
    assert not Reading.objects.exists()


def test_the_key_is_shown_once(ours, engineer):
    shown = engineer.post(f"{ours.at}key/").content.decode()
    key = shown.split('<code class="run-call">pm_')[1].split("<")[0]
    assert measures.case_of_key(f"pm_{key}") == ours.case
    assert key not in engineer.text(ours.at)
    assert MeasureKey.objects.count() == 1


def test_credentials_are_told_of_and_never_shown(ours, engineer):
    run(ours)
    pages = [ours.at, f"/desk/cases/{ours.case.public_id}/", f"/desk/clients/{ours.case.client.public_id}/"]
    texts = [engineer.text(page) for page in pages]
    assert "Access token" in texts[0]
    assert "at the latest" in texts[0]
    assert TOKEN not in "".join(texts)


def test_an_auditor_looks_and_changes_nothing(ours):
    auditor = Desk(staff(Role.AUDITOR))
    assert "Run the tests again" not in auditor.text(ours.at)
    assert auditor.post(f"{ours.at}run/").status_code == 404


def test_a_case_that_has_ended_shows_and_takes_nothing_more(ours, engineer):
    cases.withdraw(ours.case, actor=ours.me, now=ours.time())
    assert "Run the tests again" not in engineer.text(ours.at)
    assert engineer.post(f"{ours.at}key/").status_code == 404
    assert secrets.live(ours.case)


def test_readings_from_elsewhere_are_refused(ours, engineer):
    engineer.handler.enforce_csrf_checks = True
    file = io.BytesIO(b"measure,at,value\nuptime,2026-11-20,1\n")
    assert engineer.post(f"{ours.at}readings/", {"file": file}).status_code == 403
    assert not Reading.objects.exists()
