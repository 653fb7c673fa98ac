"""A client's passkeys in the portal: offered after a code, used instead of it, removed, and told by mail."""

import json
import re

import pytest

from pridvor.clients.models import Passkey
from pridvor.notifications.models import Message
from tests.clients.authenticator import Device
from tests.portal.conftest import ANA, at

pytestmark = pytest.mark.django_db


def question(browser, path):
    page = browser.get(path).content.decode()
    return json.loads(re.search(r'id="passkey-asked" type="application/json">(.*?)</script>', page)[1])


@pytest.fixture
def device():
    return Device(origin="https://testserver")


@pytest.fixture
def with_key(visitor, case, device):
    asked = question(visitor, "/passkeys/")
    visitor.say("/passkeys/", credential=device.make(asked), label="My telephone")
    return visitor


def sign_in(browser, device, **more):
    return browser.say("/passkeys/enter/", credential=device.sign(question(browser, "/track/")), **more)


def test_after_a_code_a_passkey_is_offered_and_listed(with_key):
    assert "Added. From now on you can sign in without a code." in with_key.text
    assert "My telephone" in with_key.text
    assert "Not used yet" in with_key.text
    assert Message.objects.filter(template="passkey-added").count() == 1


def test_a_passkey_signs_in_and_leads_on(with_key, another, case, device):
    sign_in(another, device, next=at(case))
    assert another.at == at(case)
    assert Passkey.objects.get().used_at is not None


def test_a_passkey_leads_nowhere_else(with_key, another, device):
    sign_in(another, device, next="https://evil.example/")
    assert another.at == "/track/"


def test_an_answer_counts_once(with_key, another, device):
    answer = device.sign(question(another, "/track/"))
    another.say("/passkeys/enter/", credential=answer)
    another.session.pop("person", None)
    again = type(another)(headers={"accept-language": "en"})
    assert "not accepted" in again.say("/passkeys/enter/", credential=answer).content.decode()
    assert "person" not in again.session


def test_a_removed_passkey_opens_nothing_and_the_mail_says_so(with_key, another, device):
    with_key.say(f"/passkeys/{Passkey.objects.get().public_id}/remove/")
    sign_in(another, device)
    assert "not accepted" in another.text
    assert "person" not in another.session
    assert Message.objects.filter(template="passkey-removed").count() == 1


def test_nobody_removes_the_passkey_of_another(with_key, another):
    another.come_back("emil@altafirma.example")
    assert another.post(f"/passkeys/{Passkey.objects.get().public_id}/remove/").status_code == 404
    assert Passkey.objects.count() == 1


def test_a_passkey_is_a_fresh_proof(with_key, device, case):
    session = with_key.session
    session["proved_at"] -= 6 * 60
    session.save()
    path = at(case, "people", "invite")
    typed = {"email": "bogdan@electroinstal.example", "role": "reader"}
    page = with_key.post(path, typed).content.decode()
    asked = json.loads(re.search(r'id="passkey-asked" type="application/json">(.*?)</script>', page)[1])
    with_key.say(path, **typed, **{"proof-credential": device.sign(asked)})
    assert case.memberships.get().role == "reader"


def test_adding_one_after_a_while_asks_again_who_it_is(visitor, case, device):
    session = visitor.session
    session["proved_at"] -= 6 * 60
    session.save()
    asked = question(visitor, "/passkeys/")
    visitor.say("/passkeys/", credential=device.make(asked), label="x")
    assert "Confirm that it is you" in visitor.text
    assert not Passkey.objects.exists()


def test_the_address_is_on_the_device_and_not_in_our_tables(visitor, case):
    assert question(visitor, "/passkeys/")["publicKey"]["user"]["name"] == ANA
