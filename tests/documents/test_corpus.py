"""Every hostile file gets the right code, every harmless one passes."""

import pytest

from pridvor.documents import kinds, messages, scanner
from tests.documents import corpus

HOSTILE = list(corpus.hostile())
HARMLESS = [*corpus.harmless(), *corpus.ordinary()]
LARGEST = 50_000_000


def judge(name: str, declared: str, content: bytes) -> str:
    """What a file meets on its way in: name, length, kind, then the scanner."""
    try:
        shown = kinds.check_name(name, declared)
        kinds.check_length(len(content), LARGEST)
        kind = kinds.agree(content[: kinds.HEAD], shown, declared)
    except kinds.Refused as refused:
        return refused.code
    return (*scanner.inspect(content, kind).codes, "")[0]


def test_the_corpus_is_large_enough():
    assert len(HOSTILE) >= 60
    assert len(HARMLESS) >= 200


@pytest.mark.parametrize(("name", "declared", "content", "code"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_a_hostile_file_is_refused_with_the_right_code(name, declared, content, code):
    assert judge(name, declared, content) == code
    assert messages.MESSAGES[code]


@pytest.mark.parametrize(("name", "declared", "content"), HARMLESS, ids=[case[0] for case in HARMLESS])
def test_a_harmless_file_passes(name, declared, content):
    assert judge(name, declared, content) == ""


def test_every_code_of_the_scanner_has_a_sentence_with_a_way_out():
    assert set(scanner.SEVERITY) <= messages.MESSAGES.keys()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/contract.pdf", "contract.pdf"),
        ("C:\\scan\\a b.pdf", "a b.pdf"),
        ("con\x00tract\r\n.pdf", "contract.pdf"),
        ("fac‮fdp.pdf", "facfdp.pdf"),
        ("ﬁșă.pdf", "ﬁșă.pdf"),
    ],
)
def test_names_lose_folders_and_what_cannot_be_seen(given, shown):
    assert kinds.check_name(given) == shown
