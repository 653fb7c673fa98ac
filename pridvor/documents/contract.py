"""Contracts set in type: a template of `contracts/`, filled with data, as PDF/A-2b (ISO 19005-2).

Data goes in as JSON and comes out as text: nothing in it is markup. PDF/A makes a letter that the typeface lacks an
error instead of an empty box on a signed page. The same data and date give the same bytes.
"""

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date

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


def render_contract(data: Mapping[str, Any], language: str, *, template: str = "partner-contract") -> bytes:
    """The contract as PDF/A-2b.

    `data`: number, date (datetime.date), provider and partner; each of these a mapping of PARTY, where `name` is
    required and an empty value leaves a line to write on. Raises CannotSet, MissingGlyph.
    """
    if language not in LANGUAGES:
        raise CannotSet("language")
    content = _content(data, language)
    try:
        made = _compiler().compile(
            input=str(TEMPLATES / f"{template}.typ"),
            format="pdf",
            sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
            pdf_standards="a-2b",
            timestamp=datetime.combine(data["date"], time.min, UTC),
        )
    except typst.TypstError as error:
        raise _explained(str(error), content) from error
    assert isinstance(made, bytes)  # one output format, one file
    return made


def _content(data: Mapping[str, Any], language: str) -> dict[str, Any]:
    if not isinstance(data.get("date"), date):
        raise CannotSet("date")
    return {
        "language": language,
        "number": _value(data, "number", required=True),
        "date": format_date(data["date"], "d MMMM y", locale=language),
        **{party: _party(data, party) for party in ("provider", "partner")},
    }


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


_local = threading.local()


def _compiler() -> typst.Compiler:
    """One for each thread: a Compiler cannot be shared. Its root holds templates and nothing else."""
    if not hasattr(_local, "compiler"):
        fonts = typst.Fonts(include_system_fonts=False)
        _local.compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True)
    return _local.compiler
