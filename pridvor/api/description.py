"""What the API offers, as OpenAPI 3.1, written by hand beside the operations it describes; tests hold it against them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from pridvor.accounts.access import declares

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "row": {"type": "integer"}},
}
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
                "400": _answers(ERROR, "not-json"),
                "401": _answers(ERROR, "no-such-key"),
                "413": _answers(ERROR, "too-large"),
                "422": _answers(ERROR, "a reading that cannot be right, and its row; none of them is kept"),
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
    return JsonResponse(
        {
            "openapi": "3.1.0",
            "info": {"title": "Pridvor", "version": "1"},
            "servers": [{"url": settings.PUBLIC_URL}],
            "paths": PATHS,
            "components": {"securitySchemes": {"caseKey": {"type": "http", "scheme": "bearer"}}},
        }
    )
