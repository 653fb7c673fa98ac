"""A form that is sent whole: what is wrong with it, answer by answer; and as JSON Schema for whoever fills it. Pure.

Codes of what is wrong: required, not-asked, type, option, too-long, number, email, phone, date, too-few, too-many,
together. People's pages say the same at their own pace (portal.forms).
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pridvor.journeys import asking, entries
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Field, Form, Page
from pridvor.lib import figures, identifiers

LONGEST, LONGEST_TEXT = 200, 2000
Values = Mapping[str, Any]
Cleaner = Callable[[Any, str], Any]
SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "maxLength": LONGEST},
    "email": {"type": "string", "format": "email", "maxLength": LONGEST},
    "phone": {"type": "string", "maxLength": 30},
    "iban": {"type": "string", "maxLength": 60},
    "company number": {"type": "string", "maxLength": 30},
    "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "choice": {"type": "string"},
    "long text": {"type": "string", "maxLength": LONGEST_TEXT},
    "number": {"type": "number"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "secret": {"type": "string", "maxLength": LONGEST_TEXT, "writeOnly": True},
}


class Wrong(ValueError):
    """A value that cannot stand; the message is a code."""


@dataclass(frozen=True)
class Filled:
    """A form as it can be sent: plain answers and personal ones by name; `wrong` names what cannot, with its code."""

    plain: Values
    personal: Mapping[str, str]
    wrong: tuple[tuple[str, str], ...]


def fill(form: Form, given: Values, standing: Values, known: Values, country: str = "RO") -> Filled:
    """What was given for a form, judged whole.

    `standing` are earlier plain answers, and True for personal ones that stand sealed; `known` is what conditions see.
    """
    given = _with_entries(form, given)
    cleaned, wrong = dict(standing), list[tuple[str, str]]()
    for name, value in given.items():
        question = asking.question_of(form, name)
        try:
            cleaned[name] = _entry(form, name, value) if question is None else clean(question, value, country)
        except Wrong as code:
            wrong.append((name, str(code)))
    asked = asking.asked(form, cleaned, known)
    faulty = {name for name, _code in wrong}
    wrong += [
        (name, code)
        for page in asked.pages
        for name, code in _missing(page, cleaned, asked.seen)
        if name not in faulty
    ]
    wrong += [
        (name, "not-asked")
        for name in given
        if name not in asked.kept and name not in faulty and cleaned[name] not in (None, "")
    ]
    mine = {name: cleaned[name] for name in given if name in asked.kept and name not in faulty}
    personal = {
        name: "" if value is None else str(value) for name, value in mine.items() if _is_personal(form, name)
    }
    return Filled({n: v for n, v in mine.items() if n not in personal}, personal, tuple(wrong))


def clean(question: Field, value: Any, country: str = "RO") -> Any:
    """The value as it is kept. Raises Wrong."""
    if value in (None, ""):
        return None
    cleaner: Cleaner = CLEANERS.get(question.type, _text)
    kept = cleaner(value, country)
    if question.type == "choice" and kept not in question.options:
        raise Wrong("option")
    if isinstance(kept, str) and len(kept) > (SCHEMAS[question.type].get("maxLength") or LONGEST):
        raise Wrong("too-long")
    if question.is_number and not _is_within(question, kept):
        raise Wrong("bounds")
    return kept


def schema(journey: Journey, form: Form, language: str) -> dict[str, Any]:
    """The form as JSON Schema 2020-12. What is asked only sometimes is not required here; sending says whether it is."""
    properties: dict[str, Any] = {}
    required = []
    for page in form.pages:
        if page.repeat:
            properties[page.key] = _entries_schema(journey, page, language)
            continue
        properties |= {field.key: _field_schema(journey, field, language) for field in page.fields}
        required += [f.key for f in page.fields if f.required and not (page.depends or f.depends)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# -- how


def _with_entries(form: Form, given: Values) -> dict[str, Any]:
    """Pages that repeat may be given as lists: `owners: [{…}]` becomes `owners[1]` and its answers."""
    groups, flat = {page.key for page in form.groups}, dict[str, Any]()
    for name, value in given.items():
        if name not in groups or not isinstance(value, list):
            flat[name] = value
            continue
        for number, entry in enumerate(value[: entries.MOST], 1):
            flat[entries.name(name, number)] = True
            one = entry if isinstance(entry, dict) else {}
            flat |= {entries.name(name, number, key): said for key, said in one.items()}
    return flat


def _entry(form: Form, name: str, value: Any) -> bool:
    if not asking.belongs(form, name):
        raise Wrong("not-asked")
    if not isinstance(value, bool):
        raise Wrong("type")
    return value


def _missing(page: Page, values: Values, seen: Values) -> Iterator[tuple[str, str]]:
    """What an asked page lacks."""
    if page.repeat is None:
        yield from (
            (field.key, "required") for field in page.fields if field.required and _lacks(field, values)
        )
        return
    numbers = entries.present(page.key, values)
    if not page.repeat.least <= len(numbers) <= page.repeat.most:
        yield page.key, "too-few" if len(numbers) < page.repeat.least else "too-many"
    for number in numbers:
        own = entries.answers_of(page.key, number, values)
        for field in asking.of_entry(page, own, seen):
            if field.required and _lacks(field, own):
                yield entries.name(page.key, number, field.key), "required"
    if asking.breaks_rule(page, values, seen):
        yield page.key, "together"


def _lacks(field: Field, values: Values) -> bool:
    """A company that is named may have no number."""
    if field.type == "company number" and values.get("name"):
        return False
    return values.get(field.key) in (None, "") or (field.type == "bool" and values[field.key] is not True)


def _is_personal(form: Form, name: str) -> bool:
    question = asking.question_of(form, name)
    return question is not None and (question.personal or question.type == "secret")


def _is_within(question: Field, number: float) -> bool:
    """Between the bounds that the journey sets; in any case as many digits as conditions and pages count exactly."""
    least, most = question.least, question.most
    if abs(number) >= 10**figures.MOST_DIGITS:
        return False
    return (least is None or number >= least) and (most is None or number <= most)


def _field_schema(journey: Journey, field: Field, language: str) -> dict[str, Any]:
    said = {**SCHEMAS[field.type], "title": journey.text(field.label, language)}
    if hint := journey.text(field.hint, language):
        said["description"] = hint
    if field.options:
        said["enum"] = list(field.options)
    if field.least is not None:
        said["minimum"] = field.least
    if field.most is not None:
        said["maximum"] = field.most
    if field.personal:
        said["x-personal"] = True
    if field.depends:
        said["x-asked"] = "depends"
    return said


def _entries_schema(journey: Journey, page: Page, language: str) -> dict[str, Any]:
    assert page.repeat
    one = {
        "type": "object",
        "properties": {field.key: _field_schema(journey, field, language) for field in page.fields},
        "required": [field.key for field in page.fields if field.required and not field.depends],
        "additionalProperties": False,
    }
    title = journey.text(page.title, language)
    return {
        "type": "array",
        "title": title,
        "items": one,
        "minItems": 0 if page.depends else page.repeat.least,
        "maxItems": page.repeat.most,
    }


# -- a cleaner for each type


def _text(value: Any, country: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise Wrong("type")
    return value.strip()


def _email(value: Any, country: str) -> str:
    address = _text(value, country)
    try:
        validate_email(address)
    except ValidationError:
        raise Wrong("email") from None
    return address


def _identified(rule: Callable[[str], str], code: str, value: Any) -> str:
    try:
        return rule(_text(value, ""))
    except identifiers.WrongIdentifier:
        raise Wrong(code) from None


def _country(value: Any, country: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code := _text(value, country)):
        raise Wrong("option")
    return code


def _date(value: Any, country: str) -> str:
    try:
        return date.fromisoformat(_text(value, country)).isoformat()
    except ValueError:
        raise Wrong("date") from None


def _number(value: Any, country: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Wrong("type")
    return float(value)


def _int(value: Any, country: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong("type")
    return value


def _bool(value: Any, country: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong("type")
    return value


CLEANERS: dict[str, Cleaner] = {
    "email": _email,
    "phone": lambda value, country: _identified(
        lambda typed: identifiers.phone(typed, country), "phone", value
    ),
    "iban": lambda value, country: _identified(identifiers.iban, "number", value),
    "company number": lambda value, country: _identified(
        lambda typed: identifiers.company_number(typed).number, "number", value
    ),
    "country": _country,
    "date": _date,
    "number": _number,
    "int": _int,
    "bool": _bool,
}
