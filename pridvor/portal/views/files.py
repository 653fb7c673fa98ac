"""Resumable uploads, after tus 1.0 (core, creation, termination): create, ask where it stands, add, take back."""

import base64
import binascii
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pridvor.cases.models import Case
from pridvor.documents import actions, kinds
from pridvor.documents.arriving import TooLong
from pridvor.documents.messages import message
from pridvor.documents.models import File
from pridvor.portal import collecting, door
from pridvor.portal.views.documents import find

TUS = {"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Extension": "creation,termination"}


@require_http_methods(["OPTIONS", "POST"])
@door.own_case_or_phone
def create(request: HttpRequest, case: Case) -> HttpResponse:
    """A place for a file of this name and length."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=TUS)
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    if not door.may_do(request, case, told.get("step", "")):
        raise Http404
    attempt = collecting.attempt_of(case, told.get("step", ""))
    if attempt is None or collecting.one(case, attempt, told.get("item", ""), door.language()) is None:
        return _no(409, "no-longer-open", _("This document is not asked for any more. Reload the page."))
    try:
        file = actions.begin(
            case,
            attempt.step,
            told["item"],
            name=told.get("filename", ""),
            declared_type=told.get("filetype", ""),
            length=int(request.headers.get("Upload-Length", "0")),
            actor=door.doer(request, case),
            now=timezone.now(),
        )
    except kinds.Refused as refused:
        return _no(413 if refused.code == "too-large" else 422, refused.code, message(refused.code))
    except ValueError:
        return _no(400, "bad-request", message("broken"))
    place = reverse("portal:file", args=[case.public_id, file.public_id])
    return HttpResponse(status=201, headers={**TUS, "Location": place, "Upload-Offset": "0"})


@require_http_methods(["HEAD", "PATCH", "DELETE"])
@door.own_case_or_phone
def one(request: HttpRequest, case: Case, file_id: Any) -> HttpResponse:
    """Where it stands; more of it; or take it back."""
    file = find(request, case, file_id)
    if file.state == File.State.REMOVED:
        return HttpResponse(status=410, headers=TUS)
    if request.method == "PATCH":
        return _add(request, file)
    if request.method == "DELETE":
        return _take_back(request, case, file)
    return HttpResponse(headers={**TUS, **_standing(file), "Upload-Length": str(file.length)})


def _add(request: HttpRequest, file: File) -> HttpResponse:
    if request.content_type != "application/offset+octet-stream":
        return _no(415, "bad-request", message("broken"))
    try:
        offset = int(request.headers.get("Upload-Offset", ""))
        actions.receive(file, offset, request, now=timezone.now())
    except actions.WrongOffset as wrong:
        return HttpResponse(status=409, headers={**TUS, "Upload-Offset": str(wrong.offset)})
    except actions.Busy:
        return HttpResponse(status=423, headers={**TUS, "Retry-After": "2"})
    except actions.NotReceiving:
        return HttpResponse(status=410, headers=TUS)
    except (TooLong, ValueError):
        return _no(400, "bad-request", message("broken"))
    return HttpResponse(status=204, headers={**TUS, **_standing(file)})


def _take_back(request: HttpRequest, case: Case, file: File) -> HttpResponse:
    try:
        actions.remove(file, actor=door.doer(request, case), now=timezone.now())
    except actions.CannotChange:
        return HttpResponse(status=409, headers=TUS)
    return HttpResponse(status=204, headers=TUS)


def _standing(file: File) -> dict[str, str]:
    return {"Upload-Offset": str(file.offset), "Upload-State": file.state}


def _metadata(header: str) -> dict[str, str]:
    """The pairs of Upload-Metadata: a key, a blank, and its value in base64."""
    out = {}
    for pair in header.split(","):
        key, _sep, value = pair.strip().partition(" ")
        try:
            out[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return out


def _no(status: int, code: str, text: str) -> JsonResponse:
    return JsonResponse({"code": code, "text": text}, status=status, headers=TUS)
