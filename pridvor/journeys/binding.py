"""The conditions of a form's questions, typed once all that they may look at is known.

A question looks only at what stands above it: `form.NAME` is an answer of the same form, `entry.NAME` one of the same
entry, `form.PAGE_count` the number of entries of a page that repeats. Personal answers are not seen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pridvor.journeys.conditions import BadCondition, Condition, Conditions, word
from pridvor.journeys.forms import TYPES, BadForm
from pridvor.journeys.model import Field, Form, Page, Repeat

SUM = re.compile(r"\bsum\(\s*([A-Za-z][A-Za-z0-9_]*)\s*\)")
Above = Mapping[str, str]


def bind(form: Form, body: Mapping[str, Any], known: Above, facts: Mapping[str, str]) -> Form:
    """The form with its conditions. Raises BadForm."""
    if not any(_asks(page) for page in body.values()):
        return form
    binder = _Binder(form.key, known, facts)
    return replace(form, pages=tuple(binder.page(page, body[page.key]) for page in form.pages))


def count_of(page: Page) -> str:
    """What conditions call the number of entries."""
    return f"form.{word(page.key)}_count"


def sum_of(field: str) -> str:
    """What a page's rule calls the sum of a number over all entries."""
    return f"sum.{word(field)}"


class _Binder:
    """Goes through a form from top to bottom; `above` is what has been asked so far."""

    def __init__(self, form: str, known: Above, facts: Mapping[str, str]) -> None:
        self.form, self.facts, self.above = form, facts, dict(known)

    def page(self, page: Page, body: Mapping[str, Any]) -> Page:
        where = f"form {self.form}, {page.key}"
        when = self._condition(body.get("when"), self.above, where)
        if page.repeat is None:
            fields, self.above = self._fields(page.fields, body["fields"], self.above, "form", where)
            return replace(page, when=when, fields=fields)
        fields, _ = self._fields(page.fields, body["fields"], self.above, "entry", where)
        self.above |= {count_of(page): "int"}
        return replace(page, when=when, fields=fields, repeat=self._rule(page, page.repeat, body, where))

    def _fields(
        self, fields: Iterable[Field], bodies: Mapping[str, Any], above: Above, prefix: str, where: str
    ) -> tuple[tuple[Field, ...], dict[str, str]]:
        bound, seen = [], dict(above)
        for field in fields:
            body, place = bodies[field.key], f"{where}, {field.key}"
            offered = {
                option: self._condition(text["when"], seen, f"{place}, option {option}")
                for option, text in (body.get("options") or {}).items()
                if "when" in text
            }
            when = self._condition(body.get("when"), seen, place)
            bound.append(replace(field, when=when, offered={key: c for key, c in offered.items() if c}))
            if not field.personal:
                seen[f"{prefix}.{word(field.key)}"] = TYPES[field.type]
        return tuple(bound), seen

    def _rule(self, page: Page, repeat: Repeat, body: Mapping[str, Any], where: str) -> Repeat:
        """What all entries must fulfil together: `sum(share) <= 100`."""
        if "check" not in body:
            return repeat
        sums = {
            sum_of(field.key): TYPES[field.type]
            for field in page.fields
            if TYPES[field.type] in ("int", "number") and not field.personal
        }
        text = SUM.sub(lambda match: sum_of(match[1]), body["check"]["rule"])
        holds = self._condition(text, {**self.above, **sums}, f"{where}, check")
        return replace(repeat, holds=holds, message=body["check"]["message"])

    def _condition(self, text: Any, above: Above, where: str) -> Condition | None:
        if not text:
            return None
        try:
            return Conditions(above, self.facts)(text)
        except BadCondition as error:
            raise BadForm(
                f"{where}: {error}; a question sees what is asked above it and is not personal"
            ) from None


def _asks(page: Mapping[str, Any]) -> bool:
    fields = page["fields"].values()
    return bool(
        page.get("when")
        or page.get("check")
        or any(field.get("when") for field in fields)
        or any("when" in text for field in fields for text in (field.get("options") or {}).values())
    )
