"""Documents: uploaded as they come, encrypted on the way; looked at; sent."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext_lazy
from ninja import Query, Router, Status

from pridvor.accounts.models import Scope
from pridvor.api import cases as shared
from pridvor.api.door import MachineKey, caller_of, case_of, purpose_of
from pridvor.api.problems import REFUSALS, Problem, too_large
from pridvor.api.shapes import CaseShown, Documents, FileShown
from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Case
from pridvor.clients import actions as clients
from pridvor.documents import actions, kinds
from pridvor.documents import queries as documents
from pridvor.documents.arriving import TooLong
from pridvor.documents.messages import message
from pridvor.documents.models import File
from pridvor.documents.queries import DocumentView, FileView
from pridvor.lib import clock

router = Router(tags=["documents"])
files = Router(tags=["documents"])  # whose bodies are files: taken piece by piece
READ, WRITE = MachineKey(Scope.CASES_READ), MachineKey(Scope.DOCUMENTS_WRITE)
_NO_LENGTH = gettext_lazy("Say in Content-Length how many bytes the file has: one in chunks is not taken.")
_NOT_NOW = gettext_lazy("This document is not asked for now: what was sent of it stands.")
BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
FILE = {
    "responses": {
        200: {
            "description": "The file",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get(
    "/{uuid:case}/documents/", response={200: Documents, **REFUSALS}, auth=READ, operation_id="listDocuments"
)
def list_documents(request: HttpRequest, case: UUID) -> Any:
    """Every version of every document that was asked for, oldest first. Names of files are not told."""
    return {"documents": [_shown(view) for view in documents.history(case_of(case))]}


@files.post(
    "/{uuid:case}/steps/{slug:step}/documents/{slug:item}/",
    response={201: FileShown, **REFUSALS},
    auth=WRITE,
    operation_id="uploadDocument",
    openapi_extra=BYTES,
)
def upload(
    request: HttpRequest,
    case: UUID,
    step: str,
    item: str,
    name: Annotated[str, Query(min_length=1, max_length=255)],
) -> Any:
    """Takes one file of a document: the body is its bytes. The same bytes again are refused as same-file."""
    found, now = case_of(case), clock.now()
    attempt = _asking(found, step)
    if item not in documents.wanted(attempt):
        known = item in documents.asked(attempt)
        raise (
            Problem("refused", reason="not-asked-now", case=case, way_out=_NOT_NOW)
            if known
            else Problem("not-found")
        )
    try:
        file = actions.begin(
            found,
            attempt.step,
            item,
            name=name,
            declared_type="",
            length=_length(request),
            actor=caller_of(request).actor,
            now=now,
        )
        actions.receive(file, 0, request, now=now)
    except kinds.Refused as refused:
        raise _refused(refused.code) from None
    except TooLong:
        raise too_large(settings.MAX_UPLOAD) from None
    file.refresh_from_db()
    return Status(201, _whole(file))


@router.post(
    "/{uuid:case}/steps/{slug:step}/send/",
    response={200: CaseShown, **REFUSALS},
    auth=WRITE,
    operation_id="sendDocuments",
)
def send(request: HttpRequest, case: UUID, step: str) -> Any:
    """Sends what was uploaded for a step: the documents are frozen and the case goes on, both or neither."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    attempt = _asking(found, step)

    @transaction.atomic
    def go() -> None:
        try:
            actions.send(found, documents.wanted(attempt), actor=me, now=now)
        except actions.CannotSend as cannot:
            missing, first = [(item, "required") for item in cannot.why], next(iter(cannot.why.values()))
            raise Problem("documents-missing", reason=first, fields=missing) from None
        cases.complete(attempt, "done", actor=me, now=now)

    return shared.done(found, go)


@router.get(
    "/{uuid:case}/files/{uuid:file}/",
    response=REFUSALS,
    auth=READ,
    operation_id="readFile",
    openapi_extra=FILE,
)
def read(
    request: HttpRequest, case: UUID, file: UUID, purpose: Annotated[str, Query(max_length=200)] = ""
) -> Any:
    """A file as it was sent, once it was found clean. Needs the scope personal:read and a purpose, kept with the look."""
    found, why = case_of(case), purpose_of(request, purpose)
    row = _file_of(found, file)
    try:
        reader, size, name = documents.open_copy(row)
    except (documents.NotClean, documents.Erased):
        raise Problem("not-found") from None
    clients.note_look(
        row.subject,
        [f"copy:{row.document.item}"],
        actor=caller_of(request).actor,
        purpose=why,
        now=clock.now(),
        case=found.reference,
    )
    answer = FileResponse(reader, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["Content-Length"] = str(size)
    return answer


@router.post(
    "/{uuid:case}/files/{uuid:file}/remove/",
    response={200: Documents, **REFUSALS},
    auth=WRITE,
    operation_id="removeFile",
)
def remove(request: HttpRequest, case: UUID, file: UUID) -> Any:
    """Takes a file back before its document is sent; its bytes are destroyed."""
    row = _file_of(case_of(case), file)
    _changed(lambda: actions.remove(row, actor=caller_of(request).actor, now=clock.now()), row)
    return list_documents(request, case)


@router.post(
    "/{uuid:case}/files/{uuid:file}/insist/",
    response={200: FileShown, **REFUSALS},
    auth=WRITE,
    operation_id="insistOnFile",
)
def insist(request: HttpRequest, case: UUID, file: UUID) -> Any:
    """Says of a file refused as same-file that it is the right one; a person looks at it."""
    row = _file_of(case_of(case), file)
    _changed(lambda: actions.insist(row, actor=caller_of(request).actor, now=clock.now()), row)
    row.refresh_from_db()
    return _whole(row)


# -- how


def _file_of(case: Case, file: UUID) -> File:
    try:
        return documents.find_file(case, file)
    except File.DoesNotExist:
        raise Problem("not-found") from None


def _changed(act: Callable[[], object], file: File) -> None:
    try:
        act()
    except actions.CannotChange:
        raise Problem("refused", reason="sent-already", case=file.document.case.public_id) from None


def _asking(case: Case, step: str) -> Attempt:
    """The open step that asks for documents."""
    known = case.journey.steps.get(step)
    if known is None or known.kind != "upload":
        raise Problem("not-found")
    attempt = case_queries.open_attempt(case, step)
    if attempt is None:
        raise Problem("no-longer-open", case=case.public_id)
    return attempt


def _refused(code: str) -> Problem:
    """Said in the words that the pages have for it."""
    return Problem("file-refused", reason=code, way_out=message(code))


def _length(request: HttpRequest) -> int:
    """What the body is announced to hold: without it nothing is taken."""
    said = request.headers.get("Content-Length", "")
    if not said.isdecimal():
        raise Problem("file-refused", reason="no-length", way_out=_NO_LENGTH)
    if int(said) == 0:
        raise _refused("empty")
    if int(said) > settings.MAX_UPLOAD:
        raise too_large(settings.MAX_UPLOAD)
    return int(said)


def _whole(file: File) -> dict[str, Any]:
    """A file that came whole or was refused. One that broke off is taken back: it is sent anew, from its beginning."""
    if file.state == File.State.RECEIVING:
        actions.remove(file, actor=file.by, now=clock.now())
        raise _refused("broken")
    view = FileView(
        file.public_id,
        None,
        file.length,
        file.offset,
        file.kind,
        file.pages or 0,
        file.state,
        file.refusal,
        tuple(file.remarks),
        file.looks_like,
        file.read_at is not None,
        file.received_at,
    )
    return _file(view)


def _shown(view: DocumentView) -> dict[str, Any]:
    named = {name: getattr(view, name) for name in ("item", "step", "state", "sent_at")}
    return {**named, "version": view.number, "files": [_file(file) for file in view.files]}


def _file(file: FileView) -> dict[str, Any]:
    named = {name: getattr(file, name) for name in ("id", "state", "refusal", "kind", "pages", "size")}
    return {**named, "message": message(file.refusal or file.state), "remarks": list(file.remarks)}
