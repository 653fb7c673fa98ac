"""Every operation of /api/v1 in one place: its routes behind the door, and its part of the description."""

import copy
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from pridvor.accounts.models import Scope
from pridvor.api import (
    cases,
    documents,
    door,
    events,
    forms,
    journeys,
    links,
    lists,
    notes,
    people,
    problems,
    steps,
    webhooks,
)
from pridvor.api.problems import Problem

PREFIX = "/api/v1"
ROUTERS = [
    ("/key/", journeys.mine),
    ("/journeys/", journeys.router),
    ("/cases/", cases.router),
    ("/cases/", forms.router),
    ("/cases/", steps.router),
    ("/cases/", people.router),
    ("/cases/", lists.router),
    ("/cases/", notes.router),
    ("/cases/", documents.router),
    ("/cases/", documents.files),
    ("/links/", links.router),
    ("/events/", events.router),
    ("/webhooks/", webhooks.router),
]
STREAMS = {"upload"}  # views whose bodies are taken piece by piece
KEY_SCHEME = door.MachineKey.__name__
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Sent again with the same key within a day, the request happens once and gets the same answer",
}

api = NinjaAPI(
    title="Pridvor",
    version="1",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api-v1",
    auth=door.MachineKey(),
)
for _prefix, _router in ROUTERS:
    api.add_router(_prefix, _router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.response(problem)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    """Which fields are wrong, by where they stand in the request."""
    wrong = [(".".join(map(str, error["loc"][1:])), _code(error["type"])) for error in invalid.errors]
    return problems.response(
        Problem("wrong-fields", fields=[(_without_body(name), code) for name, code in wrong])
    )


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.response(Problem("not-json"))


def urls() -> list[URLPattern]:
    """The routes, each behind the door."""
    patterns: dict[str, URLPattern] = {}
    for pattern in api.urls[0]:
        if (
            isinstance(pattern, URLPattern)
            and pattern.name != "api-root"
            and str(pattern.pattern) not in patterns
        ):
            pattern.callback = door.guarded(pattern.callback, streams=pattern.name in STREAMS)
            patterns[str(pattern.pattern)] = pattern  # one view takes every method of its address
    return list(patterns.values())


def description() -> dict[str, Any]:
    """Paths and schemas of the operations, as OpenAPI 3.1 has them."""
    made: dict[str, Any] = copy.deepcopy(dict(api.get_openapi_schema(path_prefix=PREFIX)))
    made["paths"] = {path: dict(operations) for path, operations in made["paths"].items()}
    scopes = _scopes()
    for operations in made["paths"].values():
        for method, operation in operations.items():
            _tell(method, operation)
            operation["security"] = [{KEY_SCHEME: scopes[operation["operationId"]]}]
    return made


# -- how


def _scopes() -> dict[str, list[str]]:
    """The scopes that each operation takes, read off the operations themselves."""
    return {
        str(operation.operation_id): [str(scope) for key in operation.auth_callbacks for scope in _of(key)]
        for _prefix, router in ROUTERS
        for view in router.path_operations.values()
        for operation in view.operations
    }


def _of(key: Any) -> tuple[Scope, ...]:
    return key.scopes if isinstance(key, door.MachineKey) else ()


def _tell(method: str, operation: dict[str, Any]) -> None:
    """What ninja does not know: problems have a type of their own, and what changes something may be repeated."""
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            answer["description"] = "A problem (RFC 9457)"
            answer["content"] = {problems.TYPE: answer["content"].pop("application/json")}
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    if method == "post" and "application/octet-stream" not in str(operation.get("requestBody")):
        operation.setdefault("parameters", []).append(KEY)


def _code(kind: str) -> str:
    """Pydantic's names of what is wrong, as ours."""
    if kind == "missing":
        return "required"
    if kind == "extra_forbidden":
        return "not-asked"
    if kind in ("literal_error", "enum"):
        return "option"
    if kind.startswith(("less_than", "greater_than")):
        return "bounds"
    if kind.endswith("too_long"):
        return "too-long"
    return "type" if kind.endswith(("_type", "_parsing")) else "invalid"


def _without_body(name: str) -> str:
    """`body` and `payload` are names of ours, not of the request."""
    return name.removeprefix("body.") or "body"
