"""What a form asks now, given what was answered so far: pure, and the same for whoever fills it in.

A condition that cannot be answered yet asks nothing: its question waits until what it looks at is answered.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pridvor.journeys import entries
from pridvor.journeys.binding import count_of, sum_of
from pridvor.journeys.conditions import Condition, word
from pridvor.journeys.forms import TYPES
from pridvor.journeys.model import Field, Form, Page

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """The pages that are asked, and the names of the answers that stand. A page that repeats has all its questions."""

    pages: tuple[Page, ...]
    kept: frozenset[str]
    seen: Values  # what conditions see at the form's end

    def page(self, key: str) -> Page | None:
        return next((page for page in self.pages if page.key == key), None)


def asked(form: Form, answers: Values, known: Values) -> Asked:
    """What is asked of a form; `answers` by name, `known` what conditions see of the case."""
    seen, pages, kept = dict(known), [], set[str]()
    for page in form.pages:
        asks = _holds(page.when, seen)
        if page.repeat:
            found = entries.present(page.key, answers) if asks else []
            seen[count_of(page)] = len(found)
            kept |= {entries.name(page.key, number) for number in entries.removed(page.key, answers)}
            kept |= {name for number in found for name in _of_entry(page, number, answers, seen)}
        if not asks:
            continue
        if page.repeat is None:
            fields = _narrowed(page.fields, answers, seen, "form")
            kept |= {field.key for field in fields if _stands(field, answers.get(field.key))}
            page = replace(page, fields=fields)
        if page.fields:
            pages.append(page)
    return Asked(tuple(pages), frozenset(kept), seen)


def question_of(form: Form, name: str) -> Field | None:
    """The question that an answer's name belongs to; None for an entry's own name, and for what nobody asks."""
    place = entries.parts(name)
    if place is None:
        return next((field for field in form.fields if field.key == name), None)
    fields = next((page.fields for page in form.groups if page.key == place[0]), ())
    return next((field for field in fields if field.key == place[2]), None)


def belongs(form: Form, name: str) -> bool:
    """Whether this names an answer, or an entry, of the form."""
    place = entries.parts(name)
    own = place is not None and not place[2] and any(page.key == place[0] for page in form.groups)
    return own or question_of(form, name) is not None


def looked_at(page: Page) -> set[str]:
    """The questions of a page on whose answers others of the same page, or their options, depend."""
    conditions = [field.when for field in page.fields]
    conditions += [condition for field in page.fields for condition in field.offered.values()]
    names = {name for condition in conditions if condition for name in condition.variables}
    prefix = "entry" if page.repeat else "form"
    return {field.key for field in page.fields if f"{prefix}.{word(field.key)}" in names}


def digest(form: Form, name: str) -> str:
    """A question's label, type and options in one word: another one means that something else was asked."""
    field = question_of(form, name)
    if field is None:
        return ""
    said = {
        "label": dict(field.label),
        "type": field.type,
        "options": {k: dict(v) for k, v in field.options.items()},
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def of_entry(page: Page, answers: Values, seen: Values) -> tuple[Field, ...]:
    """The questions of one entry; `answers` are its own, by question."""
    return _narrowed(page.fields, answers, dict(seen), "entry")


def breaks_rule(page: Page, answers: Values, seen: Values) -> bool:
    """Whether the entries together are not as the page's rule wants them."""
    if page.repeat is None or page.repeat.holds is None:
        return False
    numbers = entries.present(page.key, answers)
    fields = [field for field in page.fields if TYPES[field.type] in ("int", "number") and not field.personal]
    sums = {sum_of(field.key): _sum(page, field, numbers, answers) for field in fields}
    return page.repeat.holds({**seen, **sums}) is False


# -- how


def _of_entry(page: Page, number: int, answers: Values, seen: Values) -> Iterable[str]:
    own = entries.answers_of(page.key, number, answers)
    yield entries.name(page.key, number)
    for field in of_entry(page, own, seen):
        if _stands(field, own.get(field.key)):
            yield entries.name(page.key, number, field.key)


def _narrowed(
    fields: Iterable[Field], answers: Values, seen: dict[str, Any], prefix: str
) -> tuple[Field, ...]:
    """The questions that are asked, with the options that are offered; what they answer is added to `seen`."""
    found = []
    for field in fields:
        if not _holds(field.when, seen):
            continue
        if field.offered:
            offers = {
                key: text for key, text in field.options.items() if _holds(field.offered.get(key), seen)
            }
            field = replace(field, options=offers)
        value = answers.get(field.key)
        if not field.personal and _stands(field, value) and (typed := _typed(field, value)) is not None:
            seen[f"{prefix}.{word(field.key)}"] = typed
        found.append(field)
    return tuple(found)


def _holds(condition: Condition | None, seen: Values) -> bool:
    return condition is None or condition(seen) is True


def _stands(field: Field, value: Any) -> bool:
    """A choice that is not offered any more is no answer."""
    return not field.options or value in (None, "") or value in field.options


def _typed(field: Field, value: Any) -> Any:
    """The answer as conditions take it; None for what is not there or is of another sort. An unticked box says no."""
    sort = TYPES[field.type]
    if sort == "bool":
        return value is True
    if sort == "text":
        return value if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if sort == "number" else value if isinstance(value, int) else None


def _sum(page: Page, field: Field, numbers: Iterable[int], answers: Values) -> float | int:
    """Over all entries, to a millionth: tenths and hundredths do not add up exactly in binary."""
    given = [_typed(field, answers.get(entries.name(page.key, number, field.key))) or 0 for number in numbers]
    return round(math.fsum(given), 6) if TYPES[field.type] == "number" else sum(given)
