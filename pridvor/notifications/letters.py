"""From a template to a letter: one text for each language, and from it the plain and the branded form.

A template in templates/mail/<language>/ is rendered as plain text and then read:

    Subject: …            the three head lines, in any order; Button is optional («words | address»)
    Title: …
    Button: … | …

    A paragraph.

    - an item | its why   a list
    > who acts next       the note beside the line
    # 123 456             a code to read off

Values cannot make structure: line breaks in them become spaces.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils import timezone, translation

from pridvor.company import accent
from pridvor.company.reading import company
from pridvor.ui import palette

FOLDER = Path(__file__).parent / "templates" / "mail"
DOUBLED = re.compile(r"(?<=[^.])\.\.(?=\s|$)", re.MULTILINE)  # «… Construct S.R.L..» at a sentence's end
KINDS = {"- ": "list", "> ": "note", "# ": "code"}


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Arch:
    """One stage in the row of arches: done, present, ahead or skipped."""

    state: str


@dataclass(frozen=True)
class Line:
    head: str
    rest: str = ""  # of a list's item: what follows the « | »


@dataclass(frozen=True)
class Block:
    kind: str  # paragraph | list | note | code
    lines: tuple[Line, ...]


def templates() -> frozenset[str]:
    """The names that journeys may use; each exists in every language."""
    return frozenset(path.stem for path in (FOLDER / "ro").glob("*.txt"))


def compose(template: str, language: str, context: Mapping[str, Any], arches: Sequence[Arch] = ()) -> Letter:
    """The letter in this language (Romanian where there is none in it)."""
    language = language if (FOLDER / language / f"{template}.txt").exists() else "ro"
    with translation.override(language), timezone.override(company().zone):
        given = {"company": company().words, **{name: _flat(value) for name, value in context.items()}}
        source = _engine().get_template(f"{language}/{template}.txt").render(Context(given, autoescape=False))
        head, blocks = _read(DOUBLED.sub(".", source))
        words, _, link = (part.strip() for part in head.get("button", "").partition("|"))
        dress = {
            "company": company().words,
            "language": language,
            "subject": head["subject"],
            "title": head["title"],
            "blocks": blocks,
            "words": words,
            "link": link,
            "arches": arches,
            "ink": {**_inks(), **accent.inks(company().accent)},
            "preview": next(
                (block.lines[0].head for block in blocks if block.kind in ("code", "paragraph")), ""
            ),
        }
        text = _engine().get_template("base.txt").render(Context(dress, autoescape=False))
        html = _engine().get_template("base.html").render(Context(dress))
    return Letter(head["subject"], _tidy(text), html)


def _read(source: str) -> tuple[dict[str, str], list[Block]]:
    top, _, body = source.strip().partition("\n\n")
    head = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in top.splitlines())
    }
    blocks = []
    for part in body.split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if not lines:
            continue
        kind = KINDS.get(lines[0][:2], "paragraph")
        if kind == "paragraph":
            blocks.append(Block(kind, (Line(" ".join(lines)),)))
        elif kind == "list":
            blocks.append(Block(kind, tuple(_item(line) for line in lines)))
        else:
            blocks.append(Block(kind, tuple(Line(line[2:]) for line in lines)))
    return head, blocks


def _item(line: str) -> Line:
    head, _, rest = line[2:].partition(" | ")
    return Line(head.removesuffix(" |"), rest)


def _flat(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {name: _flat(each) for name, each in value.items()}
    return [_flat(each) for each in value] if isinstance(value, (list, tuple)) else value


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept) + "\n"


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(FOLDER)], builtins=["django.templatetags.i18n"])


@cache
def _inks() -> dict[str, str]:
    """The house's colours as mail programs read them; names with an underscore for templates."""
    return {name.replace("-", "_"): value for name, value in palette.colours().items()}
