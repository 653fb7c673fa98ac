"""Every sentence is there in Romanian, with the same places to fill in and the right letters."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests import strings

CATALOGUE = read_po((strings.ROOT / "locale" / "ro" / "LC_MESSAGES" / "django.po").open("rb"))
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")
ROMANIAN = [
    CATALOGUE,
    *sorted((strings.ROOT / "journeys").glob("*.yaml")),
    *sorted((strings.ROOT / "pridvor").glob("*/templates/mail/ro/*.txt")),
]


def forms(message):
    return (
        (message.id, message.string) if isinstance(message.id, tuple) else ((message.id,), (message.string,))
    )


def test_every_sentence_has_a_romanian_one():
    translated = {
        (message.context or "", forms(message)[0][0])
        for message in CATALOGUE
        if message.id and all(forms(message)[1]) and not message.fuzzy
    }
    missing = {said: place for said, place in strings.used().items() if said not in translated}
    assert missing == {}


@pytest.mark.parametrize("message", [m for m in CATALOGUE if m.id], ids=lambda m: forms(m)[0][0][:40])
def test_a_translation_keeps_the_places_to_fill_in(message):
    english, romanian = forms(message)
    wanted = set(PLACE.findall(english[-1]))
    assert all(set(PLACE.findall(text)) <= wanted for text in romanian)
    assert len(english) == 1 or len(romanian) == 3
    if len(english) == 1:
        assert set(PLACE.findall(romanian[0])) == wanted


def test_romanian_is_written_with_comma_letters():
    texts = [text for message in CATALOGUE for text in forms(message)[1] if text]
    texts += [path.read_text("utf-8") for path in ROMANIAN if isinstance(path, Path)]
    assert [text for text in texts if set("şţŞŢ") & set(text)] == []
