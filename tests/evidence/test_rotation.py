"""Keys get a new version while people read: nothing becomes unreadable, and old versions go when nothing needs them."""

import base64
import json

import pytest

from pridvor.evidence import verifying
from pridvor.lib import aead
from pridvor.lib.keys import Keys, ReadOnly
from pridvor.project import keys as sources
from pridvor.project import rotation
from pridvor.vault import actions as vault
from pridvor.vault.models import BlindIndex, Look
from tests.conftest import CARMEN, NOW

pytestmark = pytest.mark.django_db
WHY = {"actor": CARMEN, "purpose": "test", "now": NOW}
PHONE = "+40721000111"


@pytest.fixture
def ana_values(keys):
    subject = vault.new_subject(now=NOW)
    return subject, vault.put(subject, {"phone": PHONE, "contact_name": "Ana Popescu"}, now=NOW)


def test_values_open_and_are_found_under_the_new_versions_alone(keys, ana_values):
    _subject, refs = ana_values
    for name in ("vault", "files", "index"):
        assert rotation.rotate(name)["version"] == 2
        assert rotation.retire(name)["kept"] == [2]
    assert vault.reveal([refs["phone"]], **WHY) == {refs["phone"]: PHONE}
    assert vault.find("phone", PHONE, **WHY) == [refs["phone"]]
    assert set(BlindIndex.objects.values_list("key", flat=True)) == {2}


def test_while_values_are_indexed_anew_they_are_found(keys, ana_values):
    keys.add("index", bytes(32))
    assert vault.find("contact_name", "popescu", **WHY) == [ana_values[1]["contact_name"]]


def test_indexing_anew_leaves_one_line(keys, ana_values):
    before = Look.objects.count()
    rotation.rotate("index")
    (line,) = Look.objects.order_by("id")[before:]
    assert (line.subject, line.purpose, line.actor_kind) == (None, "re-index", "machine")


def test_a_rotation_that_was_broken_off_is_finished_and_not_begun_anew(keys, ana_values):
    keys.add("vault", b"k" * 32)
    done = rotation.rotate("vault")
    assert (done["resumed"], done["version"], done["moved"]) == (True, 2, 1)


def test_a_version_that_something_needs_is_not_retired(keys, ana_values):
    keys.add("files", b"k" * 32)
    assert rotation.retire("files") == {"key": "files", "retired": [], "kept": [1, 2]}


def test_links_of_an_older_seal_are_followed_and_its_key_stays(keys, proved):
    rotation.rotate("seal")
    assert verifying.look().findings == ()
    assert rotation.retire("seal")["kept"] == [1, 2]


def test_a_version_that_is_gone_opens_nothing(keys, ana_values):
    keys.add("vault", b"k" * 32)
    keys.retire("vault", {1})
    with pytest.raises(aead.CannotOpen):
        vault.reveal([ana_values[1]["phone"]], **WHY)


def test_another_process_takes_up_a_new_version_at_once(keys):
    other = Keys(keys.source)
    assert other["vault"] == keys["vault"]
    keys.add("vault", b"n" * 32)
    assert other["vault"] == b"n" * 32


def test_keys_of_the_environment_are_rotated_by_whoever_sets_them(settings):
    plain = {name: base64.b64encode(name.encode().ljust(32)).decode() for name in ("vault", "seal")}
    keys = Keys(sources.Given(json.dumps(plain)))
    with pytest.raises(ReadOnly):
        keys.add("vault", bytes(32))


def test_a_key_alone_and_a_key_with_versions_are_read(settings):
    one, two = (base64.b64encode(letter * 32).decode() for letter in (b"1", b"2"))
    table = sources.loads(json.dumps({"seal": one, "vault": {"primary": 2, "1": one, "2": two}}))
    assert (table["seal"].primary, table["vault"].of(1), table["vault"].of(2)) == (1, b"1" * 32, b"2" * 32)
