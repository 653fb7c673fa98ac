"""The Romanian catalogue: whole, with comma letters, and with every placeholder of the original."""

import re

import pytest
from babel.messages.pofile import read_po

from tests.conftest import ROOT

CATALOGUE = ROOT / "locale" / "ro" / "LC_MESSAGES" / "django.po"
PLACE = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def messages():
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file, locale="ro") if message.id]


def strings(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_nothing_is_left_untranslated_or_guessed(messages):
    assert [message.id for message in messages if message.fuzzy or not all(strings(message))] == []


def test_letters_are_written_with_commas(messages):
    assert [message.id for message in messages if re.search("[şţŞŢ]", " ".join(strings(message)))] == []


def test_every_placeholder_is_known_to_the_original(messages):
    for message in messages:
        original = message.id if isinstance(message.id, str) else " ".join(message.id)
        assert set(PLACE.findall(" ".join(strings(message)))) <= set(PLACE.findall(original)), original


def test_every_word_of_the_clients_pages_is_in_the_catalogue(messages):
    known = {text for message in messages for text in ([message.id] if isinstance(message.id, str) else message.id)}
    asked = set()
    for path in (ROOT / "pridvor" / "portal").rglob("*.html"):
        asked |= set(re.findall(r'{% translate "((?:[^"])*)"', path.read_text(encoding="utf-8")))
    assert asked - known == set()
