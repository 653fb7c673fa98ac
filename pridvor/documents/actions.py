"""The verbs on documents: begin, receive, take, insist, remove, send, withdraw; and screening.py's for the worker.

Bytes are written to the store before the transaction that makes them count, and deleted after the one that makes
them not count; all of one file lies under one prefix, so that a crash between the two leaves nothing that cannot be
found. Every transaction that records an event locks the case first.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from procrastinate.contrib.django import app

from pridvor.accounts.sight import whole
from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.documents import arriving, kinds, sealing
from pridvor.documents.arriving import Arrival, Arrived, Source
from pridvor.documents.arriving import TooLong as TooLong
from pridvor.documents.kinds import Refused
from pridvor.documents.models import Document, File, Part
from pridvor.documents.queries import SOON
from pridvor.documents.screening import read as read
from pridvor.documents.screening import scan as scan
from pridvor.documents.screening import sweep as sweep
from pridvor.documents.storage import store
from pridvor.lib import trace
from pridvor.lib.actor import Actor
from pridvor.lib.ids import uuid7
from pridvor.vault import actions as vault

FILES = 20  # alive in one document
ROWS = 3 * FILES  # with refused and removed ones
LEASE = timedelta(minutes=2)  # a writer that holds a file for longer may be overtaken
ALIVE = (File.State.RECEIVING, File.State.QUARANTINED, File.State.CLEAN)
KEPT = (File.State.QUARANTINED, File.State.CLEAN)


class WrongOffset(Exception):
    """The upload stands at another byte than the client thinks; `offset` says at which."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Busy(Exception):
    """Somebody else writes this file at this moment, or took over meanwhile."""


class NotReceiving(Exception):
    """The file is whole, refused or removed: nothing more is taken for it."""


class CannotSend(Exception):
    """Items are not ready: `why` each is not, as a key of messages.MESSAGES (no-file, still-arriving)."""

    def __init__(self, why: Mapping[str, str]) -> None:
        super().__init__(dict(why))
        self.why = why


class CannotChange(Exception):
    """What was sent is frozen: a new version is collected instead."""


# -- arriving


@transaction.atomic
def begin(
    case: Case,
    step: str,
    item: str,
    *,
    name: str,
    declared_type: str,
    length: int,
    actor: Actor,
    now: datetime,
    insist: bool = False,
) -> File:
    """This will open a resumable upload. Raises Refused for its name, type, length or number; then nothing is kept."""
    shown = kinds.check_name(name, declared_type)
    kinds.check_length(length, settings.MAX_UPLOAD)
    _lock(case)
    document = _collecting(case, step, item, now=now)
    file = _new_file(
        document, uuid7(), shown, declared_type, length=length, actor=actor, now=now, insist=insist
    )
    cases.touch(case, now=now)
    return file


def receive(file: File, offset: int, source: Source, *, now: datetime) -> int:
    """This will add what arrives at this offset and return the new one; the last byte completes the file.

    What came before a broken connection is kept. Raises WrongOffset, Busy, NotReceiving, TooLong. A file that is
    refused once it is whole raises nothing: its `state` and `refusal` say so.
    """
    lease = _take_lease(file, offset, now=now)
    path = f"{file.prefix}{offset:012d}.{lease}"
    try:
        size = _write_part(file, path, source, room=file.length - offset)
        if size and offset + size < file.length:
            _keep_part(file, lease, Part(file=file, start=offset, size=size, path=path))
        elif size:
            _complete(file, lease, Part(file=file, start=offset, size=size, path=path), now=now)
    except BaseException:
        store().delete(path)
        raise
    finally:
        File.objects.filter(pk=file.pk, lease=lease).update(lease="", lease_until=None)
    file.refresh_from_db()
    return file.offset


def take(
    case: Case,
    step: str,
    item: str,
    *,
    arrivals: Sequence[Arrival],
    actor: Actor,
    now: datetime,
    insist: bool = False,
) -> list[File]:
    """This will keep the files of a classic form (intake.EncryptingHandler has encrypted them); refused ones say why."""
    with transaction.atomic():
        _lock(case)
        document = _collecting(case, step, item, now=now)
        files = [_take_one(document, arrival, actor=actor, now=now, insist=insist) for arrival in arrivals]
        cases.touch(case, now=now)
    return files


@transaction.atomic
def insist(file: File, *, actor: Actor, now: datetime) -> File:
    """This will take a file that was refused because the same bytes were sent before, and mark it for a person. Raises CannotChange."""
    _lock(file.document.case)
    file = File.objects.select_related("document__case").get(pk=file.pk)
    _must_collect(file.document)
    if file.state != File.State.REFUSED or file.refusal != "same-file":
        raise CannotChange
    file.state, file.refusal, file.insist = File.State.QUARANTINED, "", True
    file.remarks = ["same-file-again"]
    file.save(update_fields=["state", "refusal", "insist", "remarks"])
    _received(file, actor=actor, now=now)
    said = {"step": file.document.step, "item": file.document.item}
    cases.record(file.document.case, "item.insisted", actor=actor, now=now, data=said)
    return file


# -- before and after sending


@transaction.atomic
def remove(file: File, *, actor: Actor, now: datetime) -> None:
    """This will take a file out of a document that is still being collected, and destroy its bytes and its name."""
    case = file.document.case
    _lock(case)
    _must_collect(Document.objects.get(pk=file.document_id))
    changed = (
        File.objects.filter(pk=file.pk)
        .exclude(state=File.State.REMOVED)
        .update(state=File.State.REMOVED, sealed_name=b"")
    )
    if changed:
        Part.objects.filter(file=file).delete()
        cases.record(case, "document.removed", actor=actor, now=now, data=_about(file))
        _delete_later(file.prefix)


@transaction.atomic
def send(case: Case, items: Iterable[str], *, actor: Actor, now: datetime) -> list[Document]:
    """This will freeze what was collected for these items; what was sent for them earlier is superseded.

    An item already sent and not collected anew stays as it is. Raises CannotSend.
    """
    _lock(case)
    ready, missing = [], {}
    for item in items:
        document = Document.objects.filter(case=case, item=item, state=Document.State.COLLECTING).first()
        alive = list(File.objects.filter(document=document, state__in=ALIVE)) if document else []
        if any(file.state == File.State.RECEIVING for file in alive):
            missing[item] = "still-arriving"
        elif document and alive:
            ready.append(document)
        elif not Document.objects.filter(case=case, item=item, state=Document.State.SENT).exists():
            missing[item] = "no-file"
    if missing:
        raise CannotSend(missing)
    return [_freeze(document, actor=actor, now=now) for document in ready]


@transaction.atomic
def withdraw_item(case: Case, item: str, *, actor: Actor, now: datetime) -> list[Document]:
    """This will take back what was collected or sent for an item; it stays in the history and counts no more."""
    _lock(case)
    taken_back = list(
        Document.objects.filter(
            case=case, item=item, state__in=[Document.State.COLLECTING, Document.State.SENT]
        )
    )
    for document in taken_back:
        document.state = Document.State.WITHDRAWN
        document.save(update_fields=["state"])
        cases.record(
            case, "document.withdrawn", actor=actor, now=now, data={"item": item, "number": document.number}
        )
    return taken_back


@transaction.atomic
def note_validity(case: Case, item: str, until: date | None, *, actor: Actor, now: datetime) -> None:
    """This will note the last day on which a document that was sent counts; None takes that back."""
    _lock(case)
    document = Document.objects.select_for_update().get(case=case, item=item, state=Document.State.SENT)
    document.valid_until = until
    document.save(update_fields=["valid_until"])
    data = {"item": item, "number": document.number, "until": until.isoformat() if until else ""}
    cases.record(case, "document.dated", actor=actor, now=now, data=data)


# -- how


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _must_collect(document: Document) -> None:
    if document.state != Document.State.COLLECTING:
        raise CannotChange


def _collecting(case: Case, step: str, item: str, *, now: datetime) -> Document:
    found = Document.objects.filter(case=case, item=item, state=Document.State.COLLECTING).first()
    if found:
        return found
    latest = Document.objects.filter(case=case, item=item).aggregate(latest=Max("number"))["latest"] or 0
    return Document.objects.create(case=case, step=step, item=item, number=latest + 1, created_at=now)


def _new_file(
    document: Document,
    file_id: UUID,
    name: str,
    declared_type: str,
    *,
    length: int,
    actor: Actor,
    now: datetime,
    insist: bool,
) -> File:
    rows = File.objects.filter(document=document)
    if rows.filter(state__in=ALIVE).count() >= FILES or rows.count() >= ROWS:
        raise Refused("too-many-files")
    return File.objects.create(
        public_id=file_id,
        document=document,
        position=(rows.aggregate(latest=Max("position"))["latest"] or 0) + 1,
        sealed_name=vault.seal(document.case.subject, f"file-name:{file_id}", name.encode()),
        declared_type=declared_type[:100],
        length=length,
        insist=insist,
        begun_at=now,
        by_kind=actor.kind,
        by_id=actor.id,
        by_role=actor.role,
    )


def _take_lease(file: File, offset: int, *, now: datetime) -> str:
    """Compare and swap: the file stands at this offset and nobody writes it, or whoever did is overdue."""
    lease = secrets.token_hex(8)
    free = Q(lease="") | Q(lease_until__lt=now)
    standing = File.objects.filter(free, pk=file.pk, state=File.State.RECEIVING, offset=offset)
    if not standing.update(lease=lease, lease_until=now + LEASE):
        file.refresh_from_db()
        if file.state != File.State.RECEIVING:
            raise NotReceiving
        if file.offset != offset:
            raise WrongOffset(file.offset)
        raise Busy
    return lease


def _write_part(file: File, path: str, source: Source, *, room: int) -> int:
    with arriving.into(file.subject, path, largest=room) as intake:
        for piece in arriving.pieces(source):
            intake.write(piece)
        return intake.finish().size


def _hold(file: File, lease: str) -> File:
    """The file's row, locked, if the lease is still ours. Raises Busy."""
    held = (
        File.objects.select_for_update(no_key=True)
        .filter(pk=file.pk, lease=lease, state=File.State.RECEIVING)
        .first()
    )
    if held is None:
        raise Busy
    return held


@transaction.atomic
def _keep_part(file: File, lease: str, part: Part) -> None:
    held = _hold(file, lease)
    part.save(force_insert=True)
    File.objects.filter(pk=held.pk).update(offset=part.start + part.size)


def _complete(file: File, lease: str, last: Part, *, now: datetime) -> None:
    """Join the parts into one file under the subject's key, then make it count; a crash between leaves the old offset."""
    parts = [*Part.objects.filter(file=file).order_by("start"), last]
    with arriving.into(file.subject, file.whole, largest=file.length) as intake:
        for part in parts:
            for chunk in sealing.chunks(file.subject, part.path):
                intake.write(chunk)
        arrived = intake.finish()
    with transaction.atomic():
        _lock(file.document.case)
        held = _hold(file, lease)
        Part.objects.filter(file=held).delete()
        _judge(held, arrived, actor=held.by, now=now)
    for part in parts:
        store().delete(part.path)


def _take_one(document: Document, arrival: Arrival, *, actor: Actor, now: datetime, insist: bool) -> File:
    size = arrival.arrived.size if arrival.arrived else 0
    name = kinds.shown(arrival.name) or "?"
    file = _new_file(
        document, arrival.id, name, arrival.declared_type, length=size, actor=actor, now=now, insist=insist
    )
    if arrival.arrived:
        _judge(file, arrival.arrived, actor=actor, now=now)
    else:
        _refuse(file, arrival.refusal, actor=actor, now=now)
    return file


def _judge(file: File, arrived: Arrived, *, actor: Actor, now: datetime) -> None:
    """Decide on a whole file: quarantined, with its scan enqueued, or refused. In the caller's transaction."""
    file.offset, file.sha256, file.received_at = arrived.size, arrived.sha256, now
    try:
        name = vault.unseal(file.subject, f"file-name:{file.public_id}", bytes(file.sealed_name)).decode()
        file.kind = kinds.agree(arrived.head, name, file.declared_type)
    except Refused as refused:
        _refuse(file, refused.code, actor=actor, now=now)
        return
    if _has_expired(file, now):
        _refuse(file, "expired-file", actor=actor, now=now)
        return
    if _was_sent(file) and not file.insist:
        _refuse(file, "same-file", actor=actor, now=now)
        return
    file.remarks = ["same-file-again"] if _was_sent(file) else []
    file.state = File.State.QUARANTINED
    file.save()
    _received(file, actor=actor, now=now)


def _was_sent(file: File) -> bool:
    same_item = File.objects.filter(
        document__case_id=file.document.case_id, document__item=file.document.item
    )
    return same_item.filter(sha256=file.sha256, state__in=KEPT).exclude(pk=file.pk).exists()


@whole()
def _has_expired(file: File, now: datetime) -> bool:
    """These very bytes are a paper of this client that no longer counts, or soon will not."""
    case = file.document.case
    same = File.objects.filter(
        sha256=file.sha256,
        state__in=KEPT,
        document__item=file.document.item,
        document__case__client_id=case.client_id,
        document__valid_until__lte=now.date() + SOON,
    )
    return same.exclude(document__case_id=case.pk).exists()


def _received(file: File, *, actor: Actor, now: datetime) -> None:
    data = {**_about(file), "sha256": file.sha256}
    cases.record(file.document.case, "document.received", actor=actor, now=now, data=data)
    app.configure_task("documents.scan", queue="documents").defer(file_id=file.pk, trace=trace.current())


def _refuse(file: File, code: str, *, actor: Actor, now: datetime) -> None:
    file.state, file.refusal = File.State.REFUSED, code
    file.save()
    cases.record(
        file.document.case, "document.refused", actor=actor, now=now, data={**_about(file), "code": code}
    )
    if code != "same-file":  # kept, in case the client insists
        _delete_later(file.prefix)


def _freeze(document: Document, *, actor: Actor, now: datetime) -> Document:
    Document.objects.filter(case_id=document.case_id, item=document.item, state=Document.State.SENT).update(
        state=Document.State.SUPERSEDED
    )
    discard_refused(document)
    document.state, document.sent_at = Document.State.SENT, now
    document.save(update_fields=["state", "sent_at"])
    data = {"item": document.item, "number": document.number}
    cases.record(document.case, "document.sent", actor=actor, now=now, data=data)
    return document


def discard_refused(document: Document) -> None:
    """This will destroy the files of a document that were not taken: they are no part of what is frozen."""
    for refused in File.objects.filter(document=document, state=File.State.REFUSED):
        _delete_later(refused.prefix)
        File.objects.filter(pk=refused.pk).update(state=File.State.REMOVED, sealed_name=b"")


def _about(file: File) -> dict[str, object]:
    """What the ledger says of a file: nothing personal, so not its name."""
    return {"item": file.document.item, "number": file.document.number, "file": str(file.public_id)}


def _delete_later(prefix: str) -> None:
    transaction.on_commit(lambda: store().delete(prefix))
