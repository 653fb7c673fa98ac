"""Does a page contain a value that was typed? Allowing what printing and reading do to it, and saying how sure it is.

Not «read the page and compare», which fails on each misread letter, but «is this value there?»: exactly, or only if
the usual confusions of optical reading are allowed (0/O, 1/I/l, 8/B, 5/S, 2/Z, 6/G).
"""

import re
from collections.abc import Iterator

from pridvor.lib import identifiers, text

EXACT, CONFUSED, ABSENT = "exact", "confused", "absent"
CONFUSIONS = str.maketrans("oilbszgqd", "011852600")
LEGAL_FORM = re.compile(
    r"\b(s\s?\.?\s?c\s?\.?|s\s?\.?\s?r\s?\.?\s?l\s?\.?( ?-? ?d)?|s\s?\.?\s?a\s?\.?|p\s?\.?f\s?\.?a\s?\.?|srl|gmbh|ltd|llc|kft|ood|eood|sarl|spa|bv)\b\.?"
)
IBAN_LIKE = re.compile(r"\b([A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8})\b")
SECOND_LEVEL = re.compile(r"(?P<label>[a-z0-9-]+)\.(?:[a-z]{2,}|(?:com?|org|net)\.[a-z]{2})")
CUI_LIKE = re.compile(
    r"(?:C\.?\s?U\.?\s?I\.?|C\.?\s?I\.?\s?F\.?|cod(?:ul)? (?:unic|fiscal)[^0-9]{0,40}|\bRO)\s*:?\s*(?:RO)?\s*(\d{2,10})\b",
    re.I,
)


def contains(page_text: str, value: str) -> str:
    """EXACT, CONFUSED or ABSENT; spacing, case and diacritics never matter."""
    wanted, page = text.compact(value), text.compact(page_text)
    if not wanted:
        return ABSENT
    if wanted in page:
        return EXACT
    return CONFUSED if wanted.translate(CONFUSIONS) in page.translate(CONFUSIONS) else ABSENT


def contains_number(page_text: str, digits: str) -> str:
    """Like `contains`, for a short number: it must stand by itself, not inside a longer one."""
    page = text.fold(page_text)
    if re.search(rf"(?<!\d){'[ .]?'.join(digits)}(?!\d)", page):
        return EXACT
    confused = page.translate(CONFUSIONS)
    return CONFUSED if re.search(rf"(?<!\d){'[ .]?'.join(digits)}(?!\d)", confused) else ABSENT


def contains_name(page_text: str, name: str) -> str:
    """Like `contains`, for a company's name: its legal form may be written otherwise, or stand elsewhere."""
    return contains(page_text, bare_name(name)) if bare_name(name) else ABSENT


def bare_name(name: str) -> str:
    return " ".join(LEGAL_FORM.sub(" ", text.fold(name)).split()) or text.fold(name)


def is_own_domain(address: str, name: str) -> bool:
    """Whether a mailbox stands under the company's own name: ana@electro-instal.ro for «SC Electro Instal SRL».

    Letter by letter, but for hyphens and diacritics; never a likeness, and never a name of fewer than five letters,
    which many share. Whoever has a shorter or another domain proves it with a paper.
    """
    domain = SECOND_LEVEL.fullmatch(address.rpartition("@")[2].lower())
    own = re.sub(r"[^a-z0-9]", "", bare_name(name))
    return domain is not None and len(own) >= 5 and domain["label"].replace("-", "") == own


def other_ibans(page_text: str, iban: str) -> list[str]:
    """Valid IBANs on the page that are not this one."""
    return sorted({found for found in _ibans(page_text) if found != iban})


def other_cuis(page_text: str, cui: str) -> list[str]:
    """Valid fiscal codes that the page names as such and that are not this one."""
    found = set()
    for digits in CUI_LIKE.findall(page_text):
        try:
            found.add(identifiers.cui(digits))
        except identifiers.WrongIdentifier:
            continue
    return sorted(found - {cui})


def _ibans(page_text: str) -> Iterator[str]:
    for candidate in IBAN_LIKE.findall(page_text.upper()):
        compacted = candidate.replace(" ", "")
        for length in range(len(compacted), 14, -1):  # words that follow may have been taken for part of it
            try:
                yield identifiers.iban(compacted[:length])
                break
            except identifiers.WrongIdentifier:
                continue


def masked(number: str) -> str:
    """Enough of a number to recognise it by: its first four and last four characters."""
    return f"{number[:4]}…{number[-4:]}" if len(number) > 10 else number
