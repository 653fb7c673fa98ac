"""The administrator makes keys, sees each once, reads what they asked for, and revokes them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from pridvor.accounts.models import Machine, MachineEvent, Role
from pridvor.lib import clock
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


def test_making_a_key_asks_for_a_fresh_proof(adina):
    adina.prove(ago=3600)
    assert make(adina).status_code == 403
    assert not Machine.objects.exists()
