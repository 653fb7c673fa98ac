"""Every sentence of the project that can be translated, found in its modules and templates."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
    "npgettext": ((1, "c"), 2, 3),
}
Sentence = tuple[str, str]  # its context, mostly none, and the sentence


def used() -> dict[Sentence, str]:
    """Each message (of a plural form: its singular) with the file where it stands."""
    found: dict[Sentence, str] = {}
    for path in sorted((ROOT / "pridvor").rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            source = path.read_text("utf-8")
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            templated = templatize(path.read_text("utf-8"), origin=str(path))
            source = "\n".join(line.strip() for line in templated.splitlines())
        else:
            continue
        for message in _messages(source):
            found.setdefault(message, str(path.relative_to(ROOT)))
    return found


def _messages(source: str) -> Iterator[Sentence]:
    for _line, function, messages, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {}):
        if function not in KEYWORDS:
            continue
        given = messages if isinstance(messages, tuple) else (messages,)
        context, first = given[:2] if "pgettext" in function else ("", given[0])
        if isinstance(first, str) and first.strip():
            yield context, first
