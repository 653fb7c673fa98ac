"""The worker's verbs: scan what is in quarantine, read what is clean, sweep what was left lying."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.company import systems
from pridvor.documents import clamd, reading, sandbox, sealing, signature_checks
from pridvor.documents.models import Document, File, Part
from pridvor.documents.storage import store
from pridvor.lib import trace
from pridvor.lib.actor import machine
from pridvor.vault import actions as vault

SCANNER = machine("scanner")
SECONDS = 60.0  # for the embedded scanner on one file
ATTEMPTS = 4  # without a verdict before a file counts as unscannable
ABANDONED = timedelta(hours=24)  # an upload that nobody finished
STUCK = timedelta(minutes=30)  # a file that should have been scanned or read by now


class NoVerdict(Exception):
    """The scanner crashed, hung or was not reachable. The file stays in quarantine; the job is to be run again."""


def scan(file_id: int, *, now: datetime) -> None:
    """This will clear a quarantined file or refuse it. Raises NoVerdict: the file stays where it is."""
    file = _file(file_id, File.State.QUARANTINED)
    if file is None:
        return
    try:
        codes, details, pages = _embedded(file)
        scanner = systems.address("scanner")
        if not codes and scanner and (found := clamd.scan(scanner, sealing.chunks(file.subject, file.whole))):
            codes, details = ["malware"], [found]
    except clamd.Unavailable as error:
        raise NoVerdict("clamd") from error
    except sandbox.Failed as error:
        _count_failure(file, now=now)
        raise NoVerdict("embedded scanner") from error
    except vault.Erased:
        return
    if codes:
        _refuse(file, codes[0], details, now=now)
    else:
        _clear(file, pages, now=now)


def read(file_id: int, *, now: datetime) -> None:
    """This will read a clean file's pages, keep their text sealed beside it, and note what an applicant should know."""
    file = _file(file_id, File.State.CLEAN)
    if file is None or file.read_at:
        return
    try:
        found = reading.read(sealing.chunks(file.subject, file.whole), file.kind, ocr=settings.OCR != "off")
    except sandbox.Failed:
        found = reading.Reading(
            [reading.Page(number, "", "none") for number in range(file.pages or 1)], ["unreadable"]
        )
    except vault.Erased:
        return
    with sealing.writing(file.subject, file.text) as encryptor:
        encryptor.write(json.dumps([page.as_json() for page in found.pages]).encode())
        encryptor.finish()
    _note(file, found, signature_checks.noted(file), now=now)


def sweep(*, now: datetime) -> int:
    """This will remove uploads that nobody finished and enqueue again what got stuck; returns how many."""
    abandoned = File.objects.filter(state=File.State.RECEIVING, begun_at__lt=now - ABANDONED).exclude(
        lease_until__gt=now
    )
    count = 0
    for file in abandoned[:500]:
        count += _abandon(file, now=now)
    for name, stuck in (
        ("documents.scan", File.objects.filter(state=File.State.QUARANTINED, received_at__lt=now - STUCK)),
        (
            "documents.read",
            File.objects.filter(state=File.State.CLEAN, read_at=None, cleared_at__lt=now - STUCK),
        ),
    ):
        for file_id in stuck.values_list("pk", flat=True)[:500]:
            if not _is_enqueued(name, file_id):
                app.configure_task(name, queue="documents").defer(file_id=file_id, trace=trace.current())
                count += 1
    return count


def _file(file_id: int, state: File.State) -> File | None:
    return File.objects.select_related("document__case").filter(pk=file_id, state=state).first()


def _is_enqueued(task: str, file_id: int) -> bool:
    waiting = ProcrastinateJob.objects.filter(
        task_name=task, args__file_id=file_id, status__in=["todo", "doing"]
    )
    return waiting.exists()


def _embedded(file: File) -> tuple[list[str], list[str], int]:
    reply = sandbox.run(
        "scan", sealing.chunks(file.subject, file.whole), seconds=SECONDS, options={"kind": file.kind}
    )
    return list(reply.found["codes"]), list(reply.found["details"]), int(reply.found["pages"])


def _count_failure(file: File, *, now: datetime) -> None:
    File.objects.filter(pk=file.pk).update(scans=F("scans") + 1)
    if file.scans + 1 >= ATTEMPTS:
        _refuse(file, "unscannable", [], now=now)


@transaction.atomic
def _refuse(file: File, code: str, details: Sequence[str], *, now: datetime) -> None:
    _lock(file)
    quarantined = File.objects.filter(pk=file.pk, state=File.State.QUARANTINED)
    if quarantined.update(state=File.State.REFUSED, refusal=code):
        data = {**_about(file), "code": code, "details": list(details)}
        cases.record(file.document.case, "document.refused", actor=SCANNER, now=now, data=data)
        prefix = file.prefix
        transaction.on_commit(lambda: store().delete(prefix))


@transaction.atomic
def _clear(file: File, pages: int, *, now: datetime) -> None:
    _lock(file)
    quarantined = File.objects.filter(pk=file.pk, state=File.State.QUARANTINED)
    if quarantined.update(state=File.State.CLEAN, pages=pages, cleared_at=now):
        cases.record(
            file.document.case,
            "document.cleared",
            actor=SCANNER,
            now=now,
            data={**_about(file), "pages": pages},
        )
        app.configure_task("documents.read", queue="documents").defer(file_id=file.pk, trace=trace.current())


@transaction.atomic
def _note(file: File, found: reading.Reading, signatures: list[dict[str, str]], *, now: datetime) -> None:
    _lock(file)
    current = File.objects.select_for_update(no_key=True).filter(pk=file.pk, state=File.State.CLEAN).first()
    if current is None:
        store().delete(file.text)
        return
    unread = ["not-machine-readable"] if any(page.source == "none" for page in found.pages) else []
    current.remarks = sorted({*current.remarks, *found.remarks, *unread})
    current.looks_like = reading.looks_like("\n".join(page.text for page in found.pages)) or ""
    current.read_at, current.signatures = now, signatures
    current.save(update_fields=["remarks", "looks_like", "signatures", "read_at"])
    Document.objects.filter(pk=file.document_id).update(profile=_profile(file.document))
    data = {**_about(file), "remarks": current.remarks, "looks_like": current.looks_like}
    cases.record(file.document.case, "document.read", actor=SCANNER, now=now, data=data)


def _profile(document: Document) -> dict[str, object]:
    """What is known of the whole document; of several likenesses the asked-for one counts."""
    files = list(File.objects.filter(document=document, state=File.State.CLEAN).order_by("position"))
    likenesses = [file.looks_like for file in files if file.looks_like]
    return {
        "pages": sum(file.pages or 0 for file in files),
        "remarks": sorted({remark for file in files for remark in file.remarks}),
        "looks_like": document.item if document.item in likenesses else next(iter(likenesses), ""),
    }


@transaction.atomic
def _abandon(file: File, *, now: datetime) -> int:
    abandoned = File.objects.filter(pk=file.pk, state=File.State.RECEIVING).exclude(lease_until__gt=now)
    changed = abandoned.update(state=File.State.REMOVED, sealed_name=b"")
    if changed:
        Part.objects.filter(file=file).delete()
        prefix = file.prefix
        transaction.on_commit(lambda: store().delete(prefix))
    return changed


def _lock(file: File) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=file.document.case_id)


def _about(file: File) -> dict[str, object]:
    return {"item": file.document.item, "number": file.document.number, "file": str(file.public_id)}
