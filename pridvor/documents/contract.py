"""Contracts set in type: a template of `contracts/`, filled with data, as PDF/A (ISO 19005).

What is printed and signed by hand is PDF/A-2b. What is signed online is PDF/A-3a and PDF/UA-1: it carries files, and
its structure is there for screen readers. Data goes in as JSON and comes out as text: nothing in it is markup. PDF/A
makes a letter that the typeface lacks an error instead of an empty box on a signed page. The same data and date give
the same bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date

from pridvor.lib.typesetting import typeset

TEMPLATES = Path(__file__).parent / "contracts"
LANGUAGES = ("ro", "en")
PARTY = ("name", "tax_number", "registry_number", "address", "iban", "representative", "capacity")
LONGEST = 300  # characters of one value
MISSING = re.compile(r"the text `?\"([^\"]+)\"`? could not be displayed")


class CannotSet(Exception):
    """The data does not make a contract; the message names the field."""


class MissingGlyph(CannotSet):
    """The typeface lacks some letters of the data; `letters` are those, `fields` where they stand."""

    def __init__(self, letters: str, fields: tuple[str, ...]) -> None:
        super().__init__(f"no glyph for {letters} in {', '.join(fields)}")
        self.letters, self.fields = letters, fields


@dataclass(frozen=True)
class Attachment:
    """A file that a contract carries. `relationship` is PDF's word for what it is to the contract: data, source."""

    name: str
    type: str
    description: str
    content: bytes
    relationship: str = "data"


@dataclass(frozen=True)
class Online:
    """What a contract has beyond its text when it is signed online: who is to sign, in order, and later the record of it.

    `record` has `statement`, `sha256`, `signatures` (each `name` and `facts`, pairs of words) and `notes`.
    """

    signatories: tuple[str, ...]
    attachments: tuple[Attachment, ...] = ()
    record: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Said:
    """A piece of a contract's text, in the order of the page: title, party, fact, paragraph, article or clause."""

    kind: str
    text: str


def render_contract(
    data: Mapping[str, Any],
    language: str,
    *,
    template: str = "partner-contract",
    online: Online | None = None,
) -> bytes:
    """The contract as PDF/A-2b, or as PDF/A-3a and PDF/UA-1 when it is signed online.

    `data`: number, date (datetime.date), provider and partner; each of these a mapping of PARTY, where `name` is
    required and an empty value leaves a line to write on. Raises CannotSet, MissingGlyph.
    """
    content = _content(data, language, online)
    try:
        return typeset(
            TEMPLATES / f"{template}.typ",
            content,
            at=datetime.combine(data["date"], time.min, UTC),
            pdf_standards=["a-3a", "ua-1"] if online else "a-2b",
        )
    except typst.TypstError as error:
        raise _explained(str(error), content) from error


def contract_text(
    data: Mapping[str, Any],
    language: str,
    *,
    template: str = "partner-contract",
    online: Online | None = None,
) -> list[Said]:
    """The words of the same contract from the same source, for pages that give it as text. Raises CannotSet."""
    content = _content(data, language, online)
    compiler = typst.Compiler(
        input=str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=typst.Fonts(include_system_fonts=False),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
    )
    try:
        return [Said(**row) for row in json.loads(compiler.query("<said>", field="value"))]
    except typst.TypstError as error:
        raise _explained(str(error), content) from error


def _content(data: Mapping[str, Any], language: str, online: Online | None) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise CannotSet("language")
    if not isinstance(data.get("date"), date):
        raise CannotSet("date")
    return {
        "language": language,
        "number": _value(data, "number", required=True),
        "date": format_date(data["date"], "d MMMM y", locale=language),
        **{party: _party(data, party) for party in ("provider", "partner")},
        **(_online(online) if online else {}),
    }


def _online(online: Online) -> dict[str, Any]:
    attached = [{**vars(file), "bytes": list(file.content)} for file in online.attachments]
    for file in attached:
        del file["content"]
    record = {"record": dict(online.record)} if online.record else {}
    return {"signatories": list(online.signatories), "attachments": attached, **record}


def _party(data: Mapping[str, Any], party: str) -> dict[str, str]:
    given = data.get(party)
    if not isinstance(given, Mapping):
        raise CannotSet(party)
    return {field: _value(given, field, required=field == "name") for field in PARTY}


def _value(given: Mapping[str, Any], field: str, *, required: bool) -> str:
    value = " ".join(str(given.get(field) or "").split())
    if (required and not value) or len(value) > LONGEST:
        raise CannotSet(field)
    return value


def _explained(error: str, content: dict[str, Any]) -> CannotSet:
    values = {"number": content["number"]} | {
        f"{party}.{field}": value
        for party in ("provider", "partner")
        for field, value in content[party].items()
    }
    found = {match for group in MISSING.findall(error) for match in group if not match.isascii()}
    fields = tuple(name for name, value in values.items() if found & set(value))
    return MissingGlyph("".join(sorted(found)), fields) if found and fields else CannotSet(error)
