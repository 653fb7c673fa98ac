"""A system described in a file and not programmed: what it is asked, and what its answers mean.

The file is YAML, read as strictly as a journey, and judged whole before anything is sent: a message names the line.
docs/connectors.md shows one of each kind; `pridvor connector schema` prints the JSON Schema, for editors.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pridvor.connectors.contract import Forgetting
from pridvor.connectors.products import placeholders
from pridvor.journeys.source import BadSource, StrictLoader

NAME = r"[a-z][a-z0-9_-]{0,29}"
LINE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/[^\s?#]*)")
TRY_AGAIN = (408, 425, 429)  # of the 4xx: not now
LONGEST = 100_000  # characters


class BadDescription(ValueError):
    """The file describes no system; each message names its line and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _statuses(given: Any) -> Any:
    """200, «200-299», and lists of both."""
    if isinstance(given, frozenset):
        return given
    pieces = given if isinstance(given, list) else [given]
    found: set[int] = set()
    for piece in pieces:
        match = re.fullmatch(r"([1-5]\d\d)(?:-([1-5]\d\d))?", str(piece))
        if not match:
            raise ValueError(f"{piece}: a status is a number such as 404, or a span such as 200-299")
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(found)


def _filled(given: Any) -> Any:
    if wrong := placeholders.unknown(given):
        raise ValueError(
            f"{{{wrong[0]}}}: no such name; `pridvor connector names` lists them, such as {{client.name}}"
        )
    return given


def _of_statuses(schema: dict[str, Any]) -> None:
    schema.clear()
    one = {"type": ["integer", "string"], "pattern": "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$"}
    schema |= {"anyOf": [one, {"type": "array", "items": one}]}


Statuses = Annotated[frozenset[int], BeforeValidator(_statuses), Field(json_schema_extra=_of_statuses)]
Template = Annotated[Any, BeforeValidator(_filled)]
Name = Annotated[str, Field(pattern=f"^{NAME}$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(Part):
    """`request`: method and path, such as `POST /accounts`; what stands behind a `?` is `query`.

    A path in an answer is dotted: `items.0.id`.
    """

    request: Annotated[str, BeforeValidator(_filled), Field(pattern=f"^{LINE.pattern}$")]
    query: Annotated[dict[str, str], BeforeValidator(_filled)] = Field(default_factory=dict)
    headers: Annotated[dict[str, str], BeforeValidator(_filled)] = Field(default_factory=dict)
    body: Template = None
    reference: str = Field("", description="where the answer says under which number it keeps the record")

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.request.partition(" ")[2]

    def names(self) -> set[str]:
        return placeholders.used([self.request, self.query, self.headers, self.body])


class Find(Request):
    """How the effect is looked for. It has no effect itself, and finds nothing where `reference` stands empty."""

    nothing: Statuses = frozenset({404})

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.reference:
            raise ValueError("`reference`: say where the answer names the record, such as items.0.id")
        return self


class Effect(Request):
    """How the effect is made, and what the statuses of the answer mean; any other status leaves it uncertain."""

    done: Statuses = frozenset(range(200, 300))
    refused: Statuses = frozenset(set(range(400, 500)) - set(TRY_AGAIN))
    again: Statuses = frozenset({*TRY_AGAIN, *range(500, 600)})
    refused_with: str = Field("", description="a path: where anything stands there, a 2xx is a refusal")
    words: str = Field("", description="a path: where a refusal explains itself")

    @model_validator(mode="before")
    @classmethod
    def _one_meaning_each(cls, given: Any) -> Any:
        """What the file names wins over what is usual."""
        if not isinstance(given, dict):
            return given
        named = {key: _statuses(given[key]) for key in ("done", "refused", "again") if key in given}
        for one, other in (("done", "refused"), ("done", "again"), ("refused", "again")):
            if twice := named.get(one, frozenset()) & named.get(other, frozenset()):
                raise ValueError(f"{min(twice)} is both `{one}` and `{other}`")
        taken = frozenset().union(*named.values())
        usual = {key: cls.model_fields[key].default - taken for key in ("done", "refused", "again")}
        return {**given, **usual, **named}


class Outcome(Part):
    """A step may end with what the answer says: `at` a path stands one word of `of`; nothing found: `absent`."""

    at: str = ""
    of: tuple[Name, ...] = ()
    absent: Name | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.of, *([self.absent] if self.absent else [])}) - {"ok"}


class Verb(Part):
    """`find` and `make`: a record of its own; `find` and `change`: one that is there; `find` alone: a question."""

    find: Find | None = None
    make: Effect | None = None
    change: Effect | None = None
    outcome: Outcome | None = None
    values: dict[Name, str] = Field(
        default_factory=dict, description="values of the case: the paths at which the answer holds them"
    )

    @model_validator(mode="after")
    def _repeatable(self) -> Self:
        """What is tried twice must have one effect: so it is found first, or the system itself sees to it."""
        if (self.make and self.change) or not (self.find or self.make or self.change):
            raise ValueError("a verb has `make` or `change`, or `find` alone")
        if self.change and not self.find:
            raise ValueError("`change`: say with `find` which record is meant")
        if self.make and placeholders.FOUND in self.make.names():
            raise ValueError("`make`: {reference} is of a record that is there; write `change`")
        if self.make and not self.find and not _is_idempotent(self.make):
            raise ValueError(
                "`make` would be done again after a lost answer: add `find`, a PUT to a path with {case.reference}, "
                "or the header Idempotency-Key with {case.reference}"
            )
        if self.make is None and self.change is None and self.outcome is None:
            raise ValueError("`find` alone answers a question: say with `outcome` what it asks")
        return self

    def names(self) -> set[str]:
        return set().union(*(part.names() for part in (self.find, self.make, self.change) if part))


class Told(Part):
    """A verb of a system that is told by a signed webhook, and answers at once or later (see webhook.py)."""

    body: Annotated[dict[str, Any], BeforeValidator(_filled)] = Field(default_factory=dict)
    outcomes: tuple[Name, ...] = ()
    values: tuple[Name, ...] = Field((), description="values of the case that its answer may set")

    def names(self) -> set[str]:
        return placeholders.used(self.body)


class Header(Part):
    header: str


class OAuth(Part):
    """Client credentials (RFC 6749, 4.4); the key of the settings is `id:secret`."""

    token: str = Field(pattern=r"^(/|https?://)", description="path or address of the token endpoint")
    scope: str = ""


class ByOAuth(Part):
    oauth: OAuth


class Remains(Part):
    """What erasing a person means there. `forget`: the request that does it, with {reference}."""

    means: Forgetting
    remains: str
    forget: Effect | None = None


class Head(Part):
    system: Name = Field(description="its name, in the settings and in journeys: SYSTEM.verb")
    name: str = ""
    plays: Name | None = Field(
        None, description="a role that others know, such as crm; then journeys name that"
    )
    erasure: Remains | None = None

    @model_validator(mode="after")
    def _can_begin_an_address(self) -> Self:
        """RFC 3986, 3.1: a scheme has no underscore."""
        if self.plays and "_" in self.system:
            raise ValueError(
                f"system: with `plays` the address begins with it: {self.system.replace('_', '-')}+https://…"
            )
        return self

    @property
    def role(self) -> str:
        return self.plays or self.system


class Rest(Head):
    kind: Literal["rest"]
    auth: Literal["bearer", "basic", "none"] | Header | ByOAuth = "bearer"
    probe: str = Field("GET /", pattern=f"^{LINE.pattern}$")
    verbs: dict[Name, Verb] = Field(min_length=1)


class Webhook(Head):
    kind: Literal["webhook"]
    verbs: dict[Name, Told] = Field(min_length=1)


Description = Rest | Webhook
KINDS: dict[str, type[Rest] | type[Webhook]] = {"rest": Rest, "webhook": Webhook}


def load(text: str) -> Description:
    """The system that a text describes. Raises BadDescription."""
    if len(text) > LONGEST:
        raise BadDescription([f"a description is at most {LONGEST:,} characters long"])
    try:
        loader = StrictLoader(text)
        node = loader.get_single_node()
        raw = loader.construct_document(node) if node else None
    except (BadSource, yaml.YAMLError) as error:
        raise BadDescription([str(error)]) from None
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if node is None or not isinstance(raw, dict) or kind not in KINDS:
        raise BadDescription(["line 1: a description says `kind: rest` or `kind: webhook`"])
    try:
        return KINDS[str(kind)].model_validate(raw)
    except ValidationError as error:
        raise BadDescription([_said(node, each) for each in error.errors()]) from None


def read(folder: Path) -> dict[str, Description]:
    """Every system that the files of a folder describe, by the file's name. Raises BadDescription, which names it too."""
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        with named(file.name):
            found[file.name] = load(file.read_text("utf-8"))
    return found


@contextmanager
def named(file: str) -> Iterator[None]:
    """What is wrong within is wrong in this file. Raises BadDescription."""
    try:
        yield
    except (BadDescription, UnicodeDecodeError) as error:
        raise BadDescription([f"{file}: {line}" for line in str(error).splitlines()]) from None


def schema() -> dict[str, Any]:
    """Both kinds as one JSON Schema (2020-12)."""
    kinds = [KINDS[name].model_json_schema(ref_template="#/$defs/{model}") for name in KINDS]
    defs: dict[str, Any] = {}
    for kind in kinds:
        defs |= kind.pop("$defs", {})
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A system that is described"}
    return {**head, "oneOf": kinds, "$defs": defs}


def _is_idempotent(effect: Effect) -> bool:
    key = "case.reference"
    by_header = any(
        name.casefold() == "idempotency-key" and key in placeholders.used(value)
        for name, value in effect.headers.items()
    )
    return by_header or (effect.method in ("PUT", "DELETE") and key in placeholders.used(effect.path))


def _said(root: yaml.Node, error: Mapping[str, Any]) -> str:
    path = [str(piece) for piece in error["loc"]]
    line, kept = _place(root, path)
    words = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        words = "no such word here"
    elif error["type"] == "string_pattern_mismatch" and path[-1] in ("request", "probe"):
        words = f"“{error['input']}”: write a method and a path, such as POST /accounts; `query` is apart"
    elif error["type"] == "string_pattern_mismatch":
        words = f"“{error['input']}” is not of the form that is wanted here"
    return f"line {line}: {'.'.join(kept) or 'the description'}: {words}"


def _place(node: yaml.Node, path: list[str]) -> tuple[int, list[str]]:
    """The line of the innermost part of a path that the file has; pydantic's names of alternatives are passed over."""
    line, kept = node.start_mark.line + 1, []
    for piece in path:
        inner = next(_inner(node, piece), None)
        if inner is not None:
            line, node = inner
            kept.append(piece)
        elif re.fullmatch(NAME, piece) and piece == path[-1]:
            kept.append(piece)
    return line, kept


def _inner(node: yaml.Node, piece: str) -> Iterator[tuple[int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.start_mark.line + 1, value) for key, value in node.value if key.value == piece)
    elif isinstance(node, yaml.SequenceNode) and piece.isdigit() and int(piece) < len(node.value):
        yield node.value[int(piece)].start_mark.line + 1, node.value[int(piece)]
