"""The reads on documents: frozen views for pages, text for checks, images and copies for people. No SQL after return."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from pridvor.cases.models import Attempt, Case
from pridvor.documents import sandbox, sealing, signature_checks
from pridvor.documents.models import Document, File
from pridvor.documents.reading import Page
from pridvor.documents.signature_reports import SignatureReport
from pridvor.vault import actions as vault

IMAGE_TYPE = "image/webp"
WIDTHS = (320, 800, 1600)  # pixels: a thumbnail, a page on a screen, a page to look at closely
IMAGE_SECONDS = 20.0


class NotClean(Exception):
    """The file is not cleared (or not any more): nothing of it is shown."""


Erased = vault.Erased  # for doors, which do not import the vault


@dataclass(frozen=True)
class FileView:
    """A file as pages show it. `name` is None when the subject was erased. Codes are keys of messages.MESSAGES."""

    id: UUID
    name: str | None
    size: int
    arrived: int
    kind: str
    pages: int
    state: str
    refusal: str
    remarks: tuple[str, ...]
    looks_like: str
    is_read: bool
    received_at: datetime | None
    signatures: tuple[tuple[str, str], ...] = ()  # verdict and level of each, in the order of signing

    @property
    def is_clean(self) -> bool:
        return self.state == File.State.CLEAN

    @property
    def is_alive(self) -> bool:
        return self.state in (File.State.RECEIVING, File.State.QUARANTINED, File.State.CLEAN)

    @property
    def can_insist(self) -> bool:
        return self.refusal == "same-file" and self.state == File.State.REFUSED


@dataclass(frozen=True)
class DocumentView:
    """One version of one item. `remarks` are those of its files and `looks-like-another`."""

    id: UUID
    item: str
    step: str
    number: int
    state: str
    sent_at: datetime | None
    valid_until: date | None
    pages: int
    looks_like: str
    remarks: tuple[str, ...]
    files: tuple[FileView, ...]

    @property
    def is_sent(self) -> bool:
        return self.state == Document.State.SENT

    @property
    def is_clean(self) -> bool:
        """Every file that counts is cleared, and there is one."""
        alive = [file for file in self.files if file.is_alive]
        return bool(alive) and all(file.is_clean for file in alive)

    @property
    def is_checking(self) -> bool:
        return any(
            file.state == File.State.QUARANTINED or (file.is_clean and not file.is_read)
            for file in self.files
        )


SOON = timedelta(days=30)  # before its last day a document is said to expire soon


@dataclass(frozen=True)
class Held:
    """A document as lists of many show it, without the name of its file."""

    case_id: int
    item: str
    number: int
    sent_at: datetime
    valid_until: date | None
    file: UUID | None  # the first clean one
    pages: int

    def validity(self, today: date) -> str:
        """expired, soon, or nothing to be said."""
        if self.valid_until is None:
            return ""
        if self.valid_until < today:
            return "expired"
        return "soon" if self.valid_until <= today + SOON else ""


def current(case: Case, *, sent_only: bool = False) -> dict[str, DocumentView]:
    """By item: the version being collected, else the one sent. For staff, `sent_only`: what was sent."""
    states = [Document.State.SENT] if sent_only else [Document.State.SENT, Document.State.COLLECTING]
    documents = _documents(case, states)
    return {view.item: view for view in documents}  # the later number overwrites: collecting comes after sent


def history(case: Case) -> list[DocumentView]:
    """Every version of every item that was asked for, oldest first, superseded and withdrawn ones too."""
    return _documents(case, [state for state in Document.State if state != Document.State.DELIVERED])


def held(found: Iterable[Case]) -> list[Held]:
    """The documents sent in these cases, the newest first: one question for all, and nothing is decrypted."""
    clean = Prefetch("files", File.objects.filter(state=File.State.CLEAN).order_by("position"))
    rows = Document.objects.filter(case__in=list(found), state=Document.State.SENT)
    return [_held(row) for row in rows.order_by("-sent_at", "item").prefetch_related(clean)]


def asked(attempt: Attempt) -> list[str]:
    """The documents for which this upload is there."""
    journey = attempt.case.journey
    return [name for name in journey.steps[attempt.step].uses if name in journey.documents]


def wanted(attempt: Attempt) -> list[str]:
    """Those of them that are to be sent now: after a rejection, what was rejected."""
    every = asked(attempt)
    return [name for name in every if name in attempt.wanted] or every


def find_file(case: Case, file_id: UUID) -> File:
    """The file of this case; of another case it does not exist. Raises File.DoesNotExist."""
    return File.objects.select_related("document__case").get(public_id=file_id, document__case=case)


def text(document: Document | DocumentView) -> list[Page]:
    """The pages of all its clean files in order, numbered through from 0; files not read yet, or erased, are left out."""
    files = _clean_files(document)
    try:
        pages = [page for file in files.exclude(read_at=None).order_by("position") for page in _pages(file)]
    except vault.Erased:
        return []
    return [Page(number, page["text"], page["source"]) for number, page in enumerate(pages)]


def signatures(document: Document | DocumentView) -> list[SignatureReport]:
    """The signatures of its clean PDFs; one «unsigned» report for each PDF without any. Takes a second: for workers.

    Raises vault.Erased, sandbox.Failed.
    """
    files = _clean_files(document).filter(kind=File.Kind.PDF).order_by("position")
    return [report for file in files for report in signature_checks.of_file(file)]


def page_image(file: File, page: int, *, width: int) -> bytes:
    """The page (from 0) as a fresh WebP of one of WIDTHS. Raises NotClean, vault.Erased, sandbox.Failed."""
    _must_be_clean(file)
    fitting = next((offered for offered in WIDTHS if offered >= width), WIDTHS[-1])
    options = {"kind": file.kind, "page": page, "width": fitting}
    return sandbox.run(
        "image", sealing.chunks(file.subject, file.whole), seconds=IMAGE_SECONDS, options=options
    ).made


def open_copy(file: File) -> tuple[BinaryIO, int, str]:
    """A reader of the file as it was sent, its size in bytes and its name. Raises NotClean, vault.Erased."""
    _must_be_clean(file)
    reader = sealing.opened(file.subject, file.whole)
    return cast(BinaryIO, reader), reader.size, _name(file, file.subject) or "document"


def _clean_files(document: Document | DocumentView) -> QuerySet[File]:
    public_id = document.public_id if isinstance(document, Document) else document.id
    files = File.objects.select_related("document__case")
    return files.filter(document__public_id=public_id, state=File.State.CLEAN)


def _must_be_clean(file: File) -> None:
    if not File.objects.filter(pk=file.pk, state=File.State.CLEAN).exists():
        raise NotClean


def _pages(file: File) -> list[dict[str, Any]]:
    return json.loads(b"".join(sealing.chunks(file.subject, file.text)))


def _documents(case: Case, states: Iterable[str]) -> list[DocumentView]:
    files = Prefetch("files", File.objects.exclude(state=File.State.REMOVED).order_by("position"))
    documents = (
        Document.objects.filter(case=case, state__in=states)
        .order_by("number", "item")
        .prefetch_related(files)
    )
    return [
        _view(document, [file_view(file, case.subject) for file in document.files.all()])
        for document in documents
    ]


def _view(document: Document, files: list[FileView]) -> DocumentView:
    alive = [file for file in files if file.is_alive]
    likenesses = [file.looks_like for file in alive if file.looks_like]
    looks_like = document.item if document.item in likenesses else next(iter(likenesses), "")
    remarks = {remark for file in alive for remark in file.remarks}
    if looks_like and looks_like != document.item:
        remarks.add("looks-like-another")
    return DocumentView(
        id=document.public_id,
        item=document.item,
        step=document.step,
        number=document.number,
        state=document.state,
        sent_at=document.sent_at,
        valid_until=document.valid_until,
        pages=sum(file.pages for file in alive),
        looks_like=looks_like,
        remarks=tuple(sorted(remarks)),
        files=tuple(files),
    )


def _held(row: Document) -> Held:
    assert row.sent_at is not None  # the database sees to it
    files = list(row.files.all())
    return Held(
        row.case_id,
        row.item,
        row.number,
        row.sent_at,
        row.valid_until,
        files[0].public_id if files else None,
        sum(file.pages or 0 for file in files),
    )


def file_view(file: File, subject: UUID) -> FileView:
    """A file as pages show it; `subject` is whose key seals its name."""
    return FileView(
        id=file.public_id,
        name=_name(file, subject),
        size=file.length,
        arrived=file.offset,
        kind=file.kind,
        pages=file.pages or 0,
        state=file.state,
        refusal=file.refusal,
        remarks=tuple(file.remarks),
        looks_like=file.looks_like,
        is_read=file.read_at is not None,
        received_at=file.received_at,
        signatures=tuple((one["verdict"], one["level"]) for one in file.signatures),
    )


def _name(file: File, subject: UUID) -> str | None:
    try:
        return vault.unseal(subject, f"file-name:{file.public_id}", bytes(file.sealed_name)).decode()
    except vault.Erased:
        return None
