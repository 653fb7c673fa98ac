"""The administrator makes keys, sees each once, reads what they asked for, and revokes them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts.models import Machine, MachineEvent, Role
from pridvor.connectors import webhooks
from pridvor.connectors.models import Delivery, Hook
from pridvor.lib import clock
from tests.api.conftest import machine
from tests.conftest import partner_registration
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
PAGES = "/oversight/administration/machines/"


@pytest.fixture
def adina(db):
    return Desk(staff(Role.ADMINISTRATOR))


def make(adina, **chosen):
    said = {
        "name": "Our shop",
        "way": "key",
        "mode": "live",
        "scopes": ["cases:read", "journeys:read"],
        "until_on": (clock.now() + timedelta(days=90)).date().isoformat(),
    }
    return adina.post(f"{PAGES}new/", said | chosen)


def test_a_key_is_shown_once_and_works(adina):
    page = make(adina)
    (secret,) = re.findall(r"pv_live_[\w-]{43}", page.content.decode())
    assert page["Cache-Control"] == "no-store"
    row = Machine.objects.get()
    assert secret not in adina.text(f"{PAGES}{row.public_id}/")
    assert "Our shop" in adina.text(PAGES)
    answer = Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/key/")
    assert answer.json()["scopes"] == ["cases:read", "journeys:read"]
    assert MachineEvent.objects.get().by == str(adina.person.actor)


def test_an_oauth_client_gets_an_id_and_a_secret(adina):
    page = make(adina, way="oauth").content.decode()
    assert re.search(r"pvc_[\w-]{16}", page)
    assert re.search(r"pvs_[\w-]{43}", page)


def test_what_went_wrong_is_explained_on_its_page(adina):
    (secret,) = re.findall(r"pv_live_[\w-]{43}", make(adina).content.decode())
    caller = Client(headers={"authorization": f"Bearer {secret}"})
    caller.post("/api/v1/cases/", {"email": "ana@electroinstal.example"}, "application/json")
    caller.get("/api/v1/cases/?limit=many")
    page = adina.text(f"{PAGES}{Machine.objects.get().public_id}/")
    assert "missing-scope" in page
    assert "Ask an administrator for a key with the scope that the answer names." in page
    assert "limit" in page
    assert "electroinstal" not in page


def test_a_revoked_key_opens_nothing_and_says_so(adina):
    (secret,) = re.findall(r"pv_live_[\w-]{43}", make(adina).content.decode())
    row = Machine.objects.get()
    page = adina.post(f"{PAGES}{row.public_id}/revoke/", follow=True).content.decode()
    assert "revoked" in page
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/key/").status_code == 401


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"until_on": "2020-01-01"}, {"name": ""}])
def test_what_cannot_be_made_is_told_on_the_page(adina, wrong):
    assert make(adina, **wrong).status_code == 422
    assert not Machine.objects.exists()


def test_an_address_for_events_is_added_tried_given_a_new_secret_and_removed(adina, settings):
    settings.PROBE_ALLOW = ("127.0.0.1/32",)
    make(adina)
    machine = Machine.objects.get()
    at = f"{PAGES}{machine.public_id}/"
    page = adina.post(f"{at}hooks/", {"url": "http://127.0.0.1:8080/x", "kinds": ["case.opened"]})
    (first,) = re.findall(r"whsec_[\w+/]+=*", page.content.decode())
    hook = Hook.objects.get()
    shown = f"/oversight/administration/hooks/{hook.public_id}/"
    assert "http://127.0.0.1:8080/x" in adina.text(at)
    adina.post(f"{shown}test/")
    assert "test.sent" in adina.text(shown)
    webhooks.deliver(Delivery.objects.get().pk, now=clock.now())
    assert "no-connection" in adina.text(shown)
    assert "fails" in adina.text(at)
    adina.post(f"/oversight/administration/deliveries/{Delivery.objects.get().public_id}/resend/")
    assert Delivery.objects.get().tries == 0
    (second,) = re.findall(r"whsec_[\w+/]+=*", adina.post(f"{shown}rotate/").content.decode())
    assert first != second
    adina.post(f"{shown}remove/")
    assert Hook.objects.get().why_ended == "removed"
    assert "Events are sent nowhere." in adina.text(at)


def test_a_private_address_is_refused_on_the_page(adina):
    make(adina)
    at = f"{PAGES}{Machine.objects.get().public_id}/hooks/"
    answer = adina.post(at, {"url": "https://10.0.0.8/", "kinds": ["case.opened"]})
    assert answer.status_code == 422
    assert "Addresses of private networks are called when" in answer.content.decode()
    assert not Hook.objects.exists()


@pytest.mark.parametrize("origin", ["https://shop.example/path", "shop.example", "https://*.example"])
def test_a_site_is_written_whole(adina, origin):
    assert make(adina, origins=origin).status_code == 422
    assert make(adina, origins="https://shop.example\nhttps://b2b.shop.example").status_code == 200
    assert Machine.objects.get().origins == ["https://b2b.shop.example", "https://shop.example"]


def test_making_a_key_asks_for_a_fresh_proof(adina):
    adina.prove(ago=3600)
    assert make(adina).status_code == 403
    assert not Machine.objects.exists()


def figures(adina):
    """The page without its token against forged forms, which differs each time."""
    return adina.text("/oversight/interventions/").partition('id="main"')[2]


def test_cases_of_a_test_key_count_in_no_figure(adina):
    partner_registration()
    trying, live = machine(is_test=True), machine()
    new = {
        "journey": "partner-registration",
        "company": {"name": "Lumina Electric SRL", "country": "RO"},
        "email": "ioana@lumina.example",
    }
    before = figures(adina)
    case = trying.do("/cases/", new, 201)
    trying.do(f"/cases/{case['id']}/pause/", {"reason": "x"})
    assert figures(adina) == before
    assert case["reference"] in adina.text(f"/desk/search/?q={case['reference']}"), (
        "staff find it all the same"
    )
    real = live.do("/cases/", new, 201)
    live.do(f"/cases/{real['id']}/pause/", {"reason": "x"})
    assert figures(adina) != before
