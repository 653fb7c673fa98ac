"""What a file says, after it is known to be clean: its pages' text, its legibility, and what document it looks like."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pridvor.documents import sandbox
from pridvor.lib.text import fold

SECONDS = 300.0  # for one file: 20 scanned pages with room to spare

Source = Literal["text", "ocr", "none"]


@dataclass(frozen=True)
class Page:
    """`source` says how sure the text is: text of the file itself, read off an image, or not machine-readable."""

    number: int
    text: str
    source: Source

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Reading:
    pages: list[Page]
    remarks: list[str]


def read(chunks: Iterable[bytes], kind: str, *, ocr: bool) -> Reading:
    """The file's pages and remarks, from the sandbox process. Raises sandbox.Failed."""
    reply = sandbox.run("read", chunks, seconds=SECONDS, options={"kind": kind, "ocr": ocr})
    return Reading([Page(**page) for page in reply.found["pages"]], reply.found["remarks"])


# Words by which each asked-for document is known, folded (no case, no diacritics) and each with its weight.
# Three points make a likeness; the best one wins.
SIGNS: dict[str, tuple[tuple[str, int], ...]] = {
    "registration-certificate": (
        (r"certificat de (inregistrare|inmatriculare)", 3),
        (r"certificate of (registration|incorporation)", 3),
        (r"certificat constatator", 3),
        (r"oficiul (national al )?registrului comertului|onrc", 2),
        (r"cod unic de inregistrare|numar de ordine in registrul", 1),
        (r"\beuid\b|identificator unic la nivel european", 1),
    ),
    "bank-letter": (
        (r"extras de cont|confirmare( de)? cont|adeverinta bancara|scrisoare bancara", 3),
        (r"account (statement|confirmation)|bank (letter|confirmation|reference)|statement of account", 3),
        (r"titular(ul)? (de |al )?cont|account holder|titularul contului", 2),
        (r"\bro\d{2} ?[a-z]{4}", 1),
        (r"\biban\b", 1),
        (r"\bswift\b|\bbic\b|sold (initial|final)|rulaj", 1),
    ),
    "contract": (
        (
            r"\bcontract(ul)? (de|cadru|nr|comercial|privind)|acord de parteneriat|partner(ship)? agreement|\bagreement no",
            3,
        ),
        (r"partile (au convenit|contractante)|the parties|intre subsemnatii|incheiat intre", 2),
        (r"obiectul contractului|durata contractului|forta majora|force majeure|governing law", 2),
    ),
    "identity-card": (
        (r"carte de identitate|identity card|carte d.identite", 3),
        (r"idrou[a-z<]{3}", 3),
        (r"\bcnp\b|valabilitate|validity|loc nastere|domiciliu", 1),
        (r"\bseria\b.{0,6}\bnr\b", 1),
    ),
    "invoice": (
        (
            r"\bfactura( fiscala| proforma)?\b.{0,20}(nr|seria|numar)|\binvoice (no|number|date)|factura fiscala",
            3,
        ),
        (r"total (de plata|factura|general)|amount due|cota tva|valoare tva", 2),
        (r"\bcumparator\b|\bfurnizor\b|scadent|bill to", 1),
    ),
}
PATTERNS = {
    item: tuple((re.compile(sign, re.DOTALL), points) for sign, points in signs)
    for item, signs in SIGNS.items()
}
ENOUGH = 3


def looks_like(text: str) -> str | None:
    """The asked-for item that the text looks like («bank-letter»), or None when nothing is clear."""
    folded = fold(text)
    title = folded[:600]
    scores = {item: _score(folded, title, patterns) for item, patterns in PATTERNS.items()}
    best = sorted(scores, key=lambda item: scores[item], reverse=True)
    if scores[best[0]] < ENOUGH or scores[best[0]] == scores[best[1]]:
        return None
    return best[0]


def _score(folded: str, title: str, patterns: tuple[tuple[re.Pattern[str], int], ...]) -> int:
    """Each sign counts once, and its heading twice: contracts name invoices and accounts, but further down."""
    return sum(
        points * (2 if points == ENOUGH and sign.search(title) else 1)
        for sign, points in patterns
        if sign.search(folded)
    )
