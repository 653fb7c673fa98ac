"""What was typed beside what each paper says: the table that a person decides by."""

from collections.abc import Iterator
from dataclasses import dataclass

from pridvor.checks import matching
from pridvor.checks.subject import Paper, Subject
from pridvor.lib import identifiers

FOUND = {matching.EXACT: "same", matching.CONFUSED: "hardly", matching.ABSENT: "absent"}


@dataclass(frozen=True)
class Cell:
    """`state`: same, hardly (only if letters may be misread), other (`found` says which), absent, none, unread.

    `none`: it does not stand there, and need not.
    """

    item: str
    state: str
    found: str = ""


@dataclass(frozen=True)
class Row:
    field: str  # cui | iban | name
    typed: str
    cells: tuple[Cell, ...]


def is_expected(field: str, item: str) -> bool:
    """Which value each paper must show: the account stands in the bank's letter, the fiscal code in the others."""
    return item == "bank-letter" if field == "iban" else field == "name" or item != "bank-letter"


def compare(subject: Subject) -> list[Row]:
    """One row for each value that papers repeat, one cell for each paper."""
    rows = []
    for field, typed in (("name", subject.name), ("cui", subject.cui), ("iban", subject.iban)):
        if typed:
            shown = identifiers.iban_spaced(typed) if field == "iban" else typed
            rows.append(Row(field, shown, tuple(_cells(subject, field, typed))))
    return rows


def _cells(subject: Subject, field: str, typed: str) -> Iterator[Cell]:
    for item, paper in subject.papers.items():
        yield Cell(item, "unread") if not paper.is_readable else _cell(paper, field, typed)


def _cell(paper: Paper, field: str, typed: str) -> Cell:
    if field == "name":
        return Cell(paper.item, FOUND[matching.contains_name(paper.text, typed)])
    found = (matching.contains_number if field == "cui" else matching.contains)(paper.text, typed)
    others = (matching.other_cuis if field == "cui" else matching.other_ibans)(paper.text, typed)
    if found == matching.ABSENT and others:
        return Cell(paper.item, "other", identifiers.iban_spaced(others[0]) if field == "iban" else others[0])
    state = FOUND[found]
    return Cell(paper.item, "none" if state == "absent" and not is_expected(field, paper.item) else state)
