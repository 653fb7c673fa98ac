"""Suites: the tests of a client's interface, as a journey writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Given

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class BadSuite(ValueError):
    """A suite that cannot be read; the message names the place and the remedy."""


class _Auth(BaseModel):
    model_config = ConfigDict(extra="forbid")
    bearer: str = ""
    basic: tuple[str, str] | None = None
    header: str = ""
    secret: str = ""


class _Endpoint(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str] = {}
    method: Method = "GET"
    path: str = Given(pattern=r"^/[^\s#]*$")
    headers: dict[str, str] = {}
    body: Any = None
    status: int = Given(200, ge=100, le=599)
    answer: dict[str, Any] | None = None
    within: int = Given(2000, ge=1, le=15_000)


class _Suite(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: dict[str, str]
    base: str = Given(pattern=r"^[a-z0-9-]+\.[A-Za-z0-9_-]+$")
    auth: _Auth = _Auth()
    endpoints: dict[str, _Endpoint] = Given(min_length=1, max_length=40)


@dataclass(frozen=True)
class Auth:
    """How a suite proves who it is: `kind` is bearer, basic, header or nothing; `secrets` are fields of forms."""

    kind: str = ""
    secrets: tuple[str, ...] = ()
    header: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One call, and what is expected of its answer."""

    key: str
    title: Mapping[str, str]
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    status: int
    answer: Mapping[str, Any] | None  # JSON Schema (2020-12) of the answer's body
    within: int  # milliseconds


@dataclass(frozen=True)
class Suite:
    """The tests of one interface: where it lies (a form's step and field), how it is entered, its endpoints."""

    key: str
    title: Mapping[str, str]
    step: str
    field: str
    auth: Auth
    endpoints: tuple[Endpoint, ...]


def read(key: str, body: Any) -> Suite:
    """A suite from its YAML. Raises BadSuite."""
    try:
        given = _Suite.model_validate(body)
    except ValidationError as error:
        first: Mapping[str, Any] = error.errors()[0]
        where = ", ".join(map(str, first["loc"]))
        raise BadSuite(f"suite {key}: {where}: {first['msg'].lower()}") from None
    step, _, name = given.base.partition(".")
    endpoints = tuple(_endpoint(key, at, one) for at, one in given.endpoints.items())
    return Suite(key, given.title, step, name, _auth(key, given.auth), endpoints)


def schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """A suite as a JSON Schema, and the definitions that it refers to."""
    suite = _Suite.model_json_schema()
    return suite, suite.pop("$defs")


def _endpoint(suite: str, key: str, given: _Endpoint) -> Endpoint:
    if given.answer is not None:
        try:
            Draft202012Validator.check_schema(given.answer)
        except SchemaError as error:
            raise BadSuite(f"suite {suite}, {key}: answer: no JSON Schema: {error.message}") from None
        if not all(ref.startswith("#") for ref in _references(given.answer)):
            raise BadSuite(f"suite {suite}, {key}: answer: a `$ref` points within the schema: “#/$defs/…”")
    return Endpoint(key, **given.model_dump())


def _auth(suite: str, given: _Auth) -> Auth:
    ways = [
        Auth("bearer", (given.bearer,)) if given.bearer else None,
        Auth("basic", given.basic) if given.basic else None,
        Auth("header", (given.secret,), given.header) if given.header and given.secret else None,
    ]
    found = [way for way in ways if way]
    if len(found) > 1 or bool(given.header) != bool(given.secret):
        raise BadSuite(
            f"suite {suite}: auth: write {{bearer: x}}, {{basic: [x, y]}} or {{header: X, secret: y}}"
        )
    return found[0] if found else Auth()


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for value in part.values() for ref in _references(value)]
    return [ref for value in part for ref in _references(value)] if isinstance(part, list) else []
