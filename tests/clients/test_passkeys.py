"""Passkeys: what a device must prove before it signs somebody in, and what never does."""

import json
from datetime import timedelta

import pytest

from pridvor.clients import passkeys
from pridvor.clients.models import Passkey
from pridvor.clients.passkeys import House, Refused
from tests.clients.authenticator import Device
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
HOUSE = House("testserver", "Arcada")


def added(person, device=None, **more):
    device = device or Device(**more)
    asked = HOUSE.ask_new(person, "ana@electroinstal.example")
    answer = device.make(asked.options)
    return HOUSE.add(person, asked.state, answer, "telephone", now=NOW), device


def proved(device, person=None, now=NOW):
    asked = HOUSE.ask_proof(person)
    return HOUSE.prove(asked.state, device.sign(asked.options), now=now)


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_a_key_is_added_and_signs_in(ana):
    row, device = added(ana)
    assert proved(device, now=NOW + timedelta(hours=1)) == ana
    row.refresh_from_db()
    assert (row.used_at, row.counter, row.label) == (NOW + timedelta(hours=1), 2, "telephone")


def test_the_device_is_asked_for_a_discoverable_key_and_for_its_lock(ana):
    asked = json.loads(json.dumps(HOUSE.ask_new(ana, "ana").options))["publicKey"]
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert HOUSE.ask_proof().options["publicKey"].get("allowCredentials") in (None, [])


def test_a_device_that_did_not_verify_its_person_is_refused(ana):
    assert refused(lambda: added(ana, verifies=False)) == "not-verified"
    _row, device = added(ana)
    device.verifies = False
    assert refused(lambda: proved(device)) == "not-verified"


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_a_key_of_another_site_is_refused(ana, wrong):
    assert refused(lambda: added(ana, **wrong)) == "not-verified"


def test_an_answer_to_another_question_is_refused(ana):
    _row, device = added(ana)
    first, second = HOUSE.ask_proof(), HOUSE.ask_proof()
    answer = device.sign(first.options)
    assert refused(lambda: HOUSE.prove(second.state, answer, now=NOW)) == "not-verified"


def test_another_devices_signature_is_refused(ana):
    _row, device = added(ana)
    thief = Device()
    thief.id = device.id
    assert refused(lambda: proved(thief)) == "not-verified"
    assert refused(lambda: proved(Device())) == "unknown-key"


@pytest.mark.parametrize(
    "nonsense", ["", "{}", "[]", "null", "x", '{"id": 1}', '{"rawId": "AA", "response": {}}']
)
def test_nonsense_is_refused(ana, nonsense):
    asked = HOUSE.ask_proof()
    assert refused(lambda: HOUSE.prove(asked.state, nonsense, now=NOW)) == "not-verified"
    asked = HOUSE.ask_new(ana, "ana")
    assert refused(lambda: HOUSE.add(ana, asked.state, nonsense, "x", now=NOW)) == "not-verified"


def test_a_counter_that_does_not_rise_is_a_copied_key(ana):
    _row, device = added(ana)
    proved(device)
    device.counter -= 1
    assert refused(lambda: proved(device)) == "used-elsewhere"


def test_a_key_that_its_maker_copies_counts_nothing_and_says_so(ana):
    row, device = added(ana, counts=False, backs_up=True)
    assert row.is_backed_up
    assert proved(device) == proved(device) == ana


def test_a_removed_key_is_out_at_once_and_only_its_owner_removes_it(ana, emil):
    row, device = added(ana)
    assert passkeys.remove(emil, row.public_id) is None
    assert proved(device) == ana
    assert passkeys.remove(ana, row.public_id)
    assert refused(lambda: proved(device)) == "unknown-key"


def test_one_device_is_one_key_and_a_person_has_ten_at_most(ana, emil):
    _row, device = added(ana)
    assert refused(lambda: added(emil, device)) == "not-verified"
    for _ in range(9):
        added(ana)
    assert refused(lambda: added(ana)) == "too-many"
    assert Passkey.objects.count() == 10


def test_nothing_personal_stands_beside_the_key(ana):
    row, _device = added(ana)
    stored = b"".join(bytes(value) for value in (row.key, row.credential))
    assert b"ana@" not in stored
