"""The journey language as a JSON Schema (2020-12), made from the tables that the reader uses, so that the two agree.

An editor that knows it completes words and marks mistakes while an author types. What needs more than one part to judge
(names, order, conditions) is the reader's and the proof's.
"""

from collections.abc import Iterable
from typing import Any

from pridvor.journeys import forms, language, measures, scorecards, shape, suites
from pridvor.journeys.model import KINDS, Kind

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
SCALAR: Schema = {"type": ["string", "integer"]}
BY_NAME = {"type": "object"}

SORTS: dict[str, Schema] = {
    "word": {"type": "string", "minLength": 1},
    "words": {"oneOf": [TEXT, {"type": "array", "items": TEXT}]},
    "text": {"type": "object", "additionalProperties": TEXT},
    "texts": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}},
    "names": {"type": "object", "additionalProperties": TEXT},
    "span": SCALAR,
    "spans": {"oneOf": [SCALAR, {"type": "array", "items": SCALAR}]},
    "budget": {"oneOf": [SCALAR, {"type": "object", "additionalProperties": SCALAR}]},
    "question": {"type": ["string", "boolean"]},
    "questions": {"type": "object", "additionalProperties": {"type": ["string", "boolean"]}},
    "yes or no": {"type": "boolean"},
    "number": {"type": "integer"},
    "parts": BY_NAME,
    "bodies": {"type": "object", "additionalProperties": {"type": "object"}},
    "count": {
        "oneOf": [
            {"enum": ["one", "all"]},
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": "^[0-9]+$"},
        ]
    },
}


def schema() -> Schema:
    """The whole language."""
    parts, defs = forms.schemas()
    suite, of_suites = suites.schema()
    measure, of_measures = measures.schema()
    card, of_cards = scorecards.schema()
    head = _of_words(language.HEAD)
    head |= {
        "journey": {"type": "string", "pattern": f"^{shape.NAME.pattern}$"},
        "stages": _named({"$ref": "#/$defs/stage"}),
        "forms": _named({"type": "object", "additionalProperties": parts["page"]}, any_name=True),
        "documents": _named(parts["document"], any_name=True),
        "suites": _named(suite),
        "measures": _named(measure),
        "scorecards": _named(card),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A journey",
        "type": "object",
        "properties": head,
        "required": ["journey", "stages"],
        "additionalProperties": False,
        "$defs": {
            "stage": _stage(),
            "step": _step(),
            "route": _route(),
            "criterion": _criterion(),
            **defs,
            **of_suites,
            **of_measures,
            **of_cards,
        },
    }


def _stage() -> Schema:
    steps = {part: _named({"$ref": "#/$defs/step"}) for part in ("steps", "exceptions")}
    doors = {
        door: {"type": "object", "additionalProperties": {"$ref": "#/$defs/criterion"}}
        for door in ("enter", "exit")
    }
    return _closed(_of_words(language.STAGE_WORDS) | steps | doors)


def _criterion() -> Schema:
    return _closed(_of_words(language.CRITERION_WORDS))


def _step() -> Schema:
    """Exactly one kind, and of the outcomes only those that the kind knows; what it must route, it routes."""
    own = dict.fromkeys(KINDS, SORTS["words"])
    return {
        "type": "object",
        "properties": _of_words(language.STEP_WORDS) | own,
        "patternProperties": {"^if ": {"$ref": "#/$defs/route"}},
        "additionalProperties": False,
        "oneOf": [_kind(name, kind) for name, kind in KINDS.items()],
    }


def _kind(name: str, kind: Kind) -> Schema:
    rules: Schema = {"required": [name]}
    if not kind.free:
        outcomes = "|".join((*kind.going, *kind.routed))
        rules["propertyNames"] = {"pattern": f"^(?!if )|^if ({outcomes})$"}
    rules["required"] += [  # late is only what says `within:`
        f"if {outcome}" for outcome in kind.routed if outcome != "late"
    ]
    return rules


def _route() -> Schema:
    words = _of_words(language.ROUTE_WORDS) | {"limit": {"type": "integer", "minimum": 1}, "tell": TEXT}
    verbs: list[Schema] = [{"required": [verb]} for verb in ("open", "close")]
    verbs += [{"required": [verb, "limit"]} for verb in ("redo", "fix", "back")]
    return {"oneOf": [{"const": "go on"}, _closed(words) | {"anyOf": verbs}]}


def _of_words(words: Iterable[str]) -> Schema:
    return {word: SORTS[shape.WORDS[word]] if word in shape.WORDS else {} for word in sorted(words)}


def _named(part: Schema, *, any_name: bool = False) -> Schema:
    """Parts by name; names of stages and steps are those that addresses can carry."""
    names = {} if any_name else {"propertyNames": {"pattern": f"^{shape.NAME.pattern}$"}}
    return {"type": "object", "additionalProperties": part, **names}


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
