"""Letters and reports as PDF: a title, and blocks of facts, paragraphs and tables, set in type by typst."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pridvor.company.reading import company
from pridvor.lib.typesetting import typeset

TEMPLATES = Path(__file__).parent / "letters"


@dataclass
class Sheet:
    """What is printed, from top to bottom; the methods add to it."""

    title: str
    language: str
    made_at: datetime
    footer: str = ""
    wide: bool = False
    blocks: list[dict[str, Any]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append({"kind": "heading", "text": text})

    def paragraph(self, text: str) -> None:
        self.blocks.append({"kind": "paragraph", "text": text})

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        self.blocks.append({"kind": "facts", "rows": [list(row) for row in rows]})

    def table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int] | None = None
    ) -> None:
        """`widths` are shares of the page; equal when not given."""
        shares = list(widths or [1] * len(head))
        self.blocks.append(
            {
                "kind": "table",
                "head": list(head),
                "widths": shares,
                "rows": [[str(cell) for cell in row] for row in rows],
            }
        )


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF; the same sheet gives the same bytes."""
    data = {
        "title": sheet.title,
        "language": sheet.language,
        "company": company().name,
        "footer": sheet.footer,
        "wide": sheet.wide,
        "blocks": sheet.blocks,
    }
    return typeset(TEMPLATES / "sheet.typ", data, at=sheet.made_at.replace(microsecond=0))
