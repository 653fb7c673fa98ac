"""Yes-or-no questions in CEL (Common Expression Language), typed when a journey is read and bounded when it runs.

The one module that knows the CEL library. A question that cannot be answered, because a value in it is not known yet,
gives None: it is never guessed.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cel_expr_python import cel

from pridvor.journeys import checked

TYPES = {
    "text": cel.Type.STRING,
    "int": cel.Type.INT,
    "number": cel.Type.DOUBLE,
    "bool": cel.Type.BOOL,
    "date": cel.Type.TIMESTAMP,
}
LONGEST = 500  # characters; the library bounds time, but not the memory of intermediate values
LONGEST_VALUE = 4096
COMPREHENSION = re.compile(r"\.(map|filter|all|exists|exists_one)\s*\(")
REFERENCE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class BadCondition(ValueError):
    """The question has a typing error, asks for something unknown, or is not a yes-or-no question."""


def word(key: str) -> str:
    """A step's or question's name as conditions write it: CEL would read a hyphen as minus."""
    return key.replace("-", "_")


class Conditions:
    """The questions of one journey, over its variables and its facts (named questions; one may use those above it)."""

    def __init__(self, variables: Mapping[str, str], facts: Mapping[str, str]) -> None:
        self._types = {name: TYPES[kind] for name, kind in variables.items()}
        self._facts: dict[str, Condition] = {}
        self._environment = cel.NewEnv(variables=self._types)
        for name, text in facts.items():
            try:
                self._facts[name] = self(text)
            except BadCondition as error:
                raise BadCondition(f"fact {name}: {error}") from None
            known = {**self._types, **dict.fromkeys(self._facts, cel.Type.BOOL)}
            self._environment = cel.NewEnv(variables=known)

    @property
    def facts(self) -> "Mapping[str, Condition]":
        return self._facts

    def __call__(self, text: str) -> "Condition":
        if len(text) > LONGEST:
            raise BadCondition(f"longer than {LONGEST} characters; name its parts as facts")
        if COMPREHENSION.search(LITERAL.sub("", text)):
            raise BadCondition("map, filter, all and exists are not available; name the cases one by one")
        try:
            compiled = self._environment.compile(text)
        except (RuntimeError, ValueError) as error:
            raise BadCondition(_readable(str(error), text)) from None
        if compiled.return_type() != cel.Type.BOOL:
            raise BadCondition(f"“{text}” is not a yes-or-no question")
        named = set(REFERENCE.findall(LITERAL.sub("", text)))
        facts = {name: fact for name, fact in self._facts.items() if name in named}
        own = frozenset(named & set(self._types))
        return Condition(text, compiled, facts, own)


class Condition:
    """One compiled question. `variables` are the values it looks at, those of the facts it names included."""

    def __init__(self, text: str, compiled: Any, facts: "dict[str, Condition]", own: frozenset[str]) -> None:
        self.text, self._compiled, self.facts, self._own = text, compiled, facts, own
        self.variables: frozenset[str] = own.union(*(fact.variables for fact in facts.values()))

    def __call__(self, values: Mapping[str, Any]) -> bool | None:
        return self._answer(values, {})

    @cached_property
    def tree(self) -> checked.Tree:
        """The question as it was parsed and typed; facts stand in it by name."""
        return checked.tree(self._compiled.serialize())

    def _answer(self, values: Mapping[str, Any], answered: "dict[str, bool | None]") -> bool | None:
        """Each fact is asked once, however many others name it."""
        data = {name: _bounded(values[name]) for name in self._own if values.get(name) is not None}
        for name, fact in self.facts.items():
            if name not in answered:
                answered[name] = fact._answer(values, answered)
            if answered[name] is not None:
                data[name] = answered[name]
        result = self._compiled.eval(data=data)
        if result.type() == cel.Type.ERROR:
            return None
        return bool(result.plain_value())


def _bounded(value: Any) -> Any:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value


def _readable(message: str, text: str) -> str:
    """The library's message without its internals: what is wrong in which question."""
    first = next(
        (line for line in message.splitlines() if "ERROR" in line or "rror" in line), message
    ).strip()
    first = re.sub(r"^.*?ERROR:\s*(?:<input>|:)?[:\d\s]*", "", first)
    return f"“{text}”: {first}"
