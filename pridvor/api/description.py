"""What the API offers, as OpenAPI 3.1: made of the operations (offer.py), and written by hand for the few that are not
among them. Tests ask every operation for what it promises here."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from pridvor.accounts.access import declares
from pridvor.accounts.models import Scope
from pridvor.api import offer, problems

ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
PROBLEM = {"schema": {"$ref": "#/components/schemas/Refusal"}}
READING = {
    "type": "object",
    "required": ["measure", "at", "value"],
    "properties": {
        "measure": {"type": "string", "minLength": 1, "maxLength": 60},
        "at": {"type": "string", "format": "date-time"},
        "value": {"type": "number"},
    },
}


def _answers(schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


PATHS: dict[str, Any] = {
    "/api/v1/measures/": {
        "post": {
            "operationId": "handInMeasures",
            "summary": "Hand in readings of a case's service; the same reading again changes nothing",
            "security": [{"caseKey": []}],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["readings"],
                            "properties": {
                                "readings": {"type": "array", "items": READING, "maxItems": 10_000}
                            },
                        }
                    }
                },
            },
            "responses": {
                "200": _answers(
                    {
                        "type": "object",
                        "required": ["kept", "known"],
                        "properties": {"kept": {"type": "integer"}, "known": {"type": "integer"}},
                    },
                    "How many readings are new, and how many were known",
                ),
                **{
                    status: {"description": text, "content": {problems.TYPE: PROBLEM}}
                    for status, text in (
                        ("400", "not-json"),
                        ("401", "no-key"),
                        ("413", "too-large"),
                        ("422", "wrong-fields: the reading that cannot be right; none of them is kept"),
                    )
                },
            },
        }
    },
    "/api/v1/token": {
        "post": {
            "operationId": "getToken",
            "summary": "An access token for a client's id and secret (RFC 6749, 4.4); good for a quarter of an hour",
            "security": [{"client": []}],
            "requestBody": {
                "required": True,
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {
                            "type": "object",
                            "required": ["grant_type"],
                            "properties": {
                                "grant_type": {"const": "client_credentials"},
                                "scope": {"type": "string", "description": "With spaces between; none: all"},
                                "client_id": {"type": "string"},
                                "client_secret": {"type": "string"},
                            },
                        }
                    }
                },
            },
            "responses": {
                "200": _answers(
                    {
                        "type": "object",
                        "required": ["access_token", "token_type", "expires_in", "scope"],
                        "properties": {
                            "access_token": {"type": "string"},
                            "token_type": {"const": "Bearer"},
                            "expires_in": {"type": "integer"},
                            "scope": {"type": "string"},
                        },
                    },
                    "The token",
                ),
                **{
                    status: _answers(ERROR, "An error as RFC 6749, 5.2 names it")
                    for status in ("400", "401", "429")
                },
            },
        }
    },
    "/livez": {
        "get": {
            "operationId": "alive",
            "summary": "The process answers",
            "responses": {
                "200": {"description": "ok", "content": {"text/plain": {"schema": {"type": "string"}}}}
            },
        }
    },
    "/readyz": {
        "get": {
            "operationId": "ready",
            "summary": "Whether it can work, part by part",
            "responses": {
                code: _answers(
                    {
                        "type": "object",
                        "required": ["ready", "parts"],
                        "properties": {
                            "ready": {"type": "boolean"},
                            "parts": {"type": "object", "additionalProperties": {"enum": ["ok", "failed"]}},
                        },
                    },
                    text,
                )
                for code, text in (("200", "It can"), ("503", "An essential part fails"))
            },
        }
    },
}


@require_safe
@declares("anybody:the description of the API")
def openapi(request: HttpRequest) -> JsonResponse:
    """The whole description; it holds nothing of this installation but its address."""
    return JsonResponse({**whole(), "servers": [{"url": settings.PUBLIC_URL}]})


@cache
def whole() -> dict[str, Any]:
    """The same for every request."""
    made = offer.description()
    schemes = {
        "caseKey": {"type": "http", "scheme": "bearer", "description": "The key of a case's readings"},
        "client": {"type": "http", "scheme": "basic", "description": "Id and secret of an OAuth client"},
        offer.KEY_SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of the API, or a token of /api/v1/token. Scopes: "
            + ", ".join(Scope.values),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pridvor", "version": "1"},
        "paths": {**PATHS, **made["paths"]},
        "components": {**made["components"], "securitySchemes": schemes},
    }
