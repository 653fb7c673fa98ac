"""What sort of value each word of the language takes: asked first, so that the reader never meets another sort."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
LONGEST_NAME = 60
RESERVED = {
    "gate",
    "enter",
    "exit",
    "self",
    "start",
}  # the engine's words for work no step asked for and of routes
MOST = {"stages": 60, "steps": 300, "facts": 100, "values": 1000}


class BadShape(ValueError):
    """A word was given a value of the wrong sort; the message names the place and what to write."""


def _text(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair)


def _words(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(part, str) for part in value)
    )


def _scalar(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _each(sort: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict) and all(isinstance(key, str) and sort(part) for key, part in value.items())
    )


def _mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


SORTS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "word": (lambda value: isinstance(value, str) and bool(value), "a word"),
    "words": (_words, "a word, or several in [brackets]"),
    "text": (_text, "a text in each language: {en: …, ro: …}"),
    "texts": (_each(_text), "names, each with a text: {name: {en: …, ro: …}}"),
    "names": (_text, "names, each with a word: {name: word}"),
    "span": (_scalar, "a time such as 8h, 3d or 30 days"),
    "spans": (
        lambda value: _scalar(value) or (isinstance(value, list) and all(map(_scalar, value))),
        "one or several times: [24h, 72h]",
    ),
    "budget": (lambda value: _scalar(value) or _each(_scalar)(value), "a time, or {us: 8h, client: 3d}"),
    "question": (lambda value: isinstance(value, (str, bool)), "a condition"),
    "questions": (_each(lambda value: isinstance(value, (str, bool))), "names, each with a condition"),
    "yes or no": (lambda value: isinstance(value, bool), "true or false"),
    "number": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a number"),
    "parts": (_mapping, "named parts: {name: {…}}"),
    "bodies": (_each(_mapping), "named parts: {name: {…}}"),
    "count": (
        lambda value: value in ("one", "all") or (_scalar(value) and str(value).isdigit()),
        "one, all, or a number",
    ),
}
WORDS = {
    "journey": "word",
    "title": "text",
    "intro": "text",
    "client": "word",
    "opens": "word",
    "target": "span",
    "expires": "span",
    "end": "word",
    "knows": "names",
    "facts": "questions",
    "tell": "names",
    "stages": "bodies",
    "forms": "bodies",
    "documents": "bodies",
    "suites": "bodies",
    "measures": "bodies",
    "scorecards": "bodies",
    "closed": "texts",
    "reasons": "texts",
    "reference": "word",
    "owner": "word",
    "sla": "budget",
    "after": "words",
    "with": "word",
    "when": "question",
    "unless": "question",
    "every": "span",
    "until": "question",
    "enter": "bodies",
    "exit": "bodies",
    "ends": "words",
    "approvers": "count",
    "signatories": "words",
    "items": "word",
    "steps": "parts",
    "exceptions": "parts",
    "by": "word",
    "optional": "yes or no",
    "about": "words",
    "other_than": "words",
    "second_person": "question",
    "remind": "spans",
    "then": "word",
    "undo": "word",
    "kept_until": "word",
    "scorecard": "word",
    "within": "span",
    "for": "word",
    "fields": "parts",
    "redo": "words",
    "fix": "word",
    "open": "word",
    "back": "word",
    "close": "word",
    "keep": "words",
}


def check(body: Mapping[Any, Any], where: str, **other: str) -> None:
    """Every known word of this part has a value of its sort; `other` gives sorts that hold here only. Raises BadShape."""
    for name, value in body.items():
        if not isinstance(name, str):
            raise BadShape(f"{where}: “{name}” is not a word; names are written in letters")
        sort = other.get(name) or WORDS.get(name)
        if sort and not SORTS[sort][0](value):
            raise BadShape(f"{where}: `{name}:` takes {SORTS[sort][1]}")


def check_names(names: Iterable[str], where: str) -> None:
    """Stages, steps and outcomes have names that addresses, conditions and the engine can carry. Raises BadShape."""
    for name in names:
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise BadShape(
                f"{where}: “{name}” is not a name; write small letters, digits and hyphens: first-look"
            )
        if name in RESERVED:
            raise BadShape(f"{where}: “{name}” has a meaning of its own; choose another name")


def check_values(names: Iterable[str], where: str) -> None:
    """What conditions ask for has a name that CEL can read. Raises BadShape."""
    for name in names:
        if not VALUE.fullmatch(name) or len(name) > LONGEST_NAME:
            raise BadShape(f"{where}: “{name}” cannot be asked for; write letters, digits and _: client.size")


def check_number(count: int, what: str) -> None:
    """No journey has more parts than one can be proved with. Raises BadShape."""
    if count > MOST[what]:
        raise BadShape(f"{what}: a journey has at most {MOST[what]}, not {count}; split it")
