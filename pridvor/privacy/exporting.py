"""A copy of everything that is kept of a person (GDPR Art. 15 and 20): one zip, sealed under the person's own key.

`data.json` keeps to `schema.json`, `index.html` says the same to people, `files/` holds the documents as they were
sent, `manifest.json` the size and SHA-256 of everything else. Nothing of it touches a disk unencrypted.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from django.template.loader import render_to_string
from django.utils import translation

from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.clients.merging import described
from pridvor.clients.models import Person
from pridvor.company.reading import company
from pridvor.documents import queries as documents
from pridvor.documents import sealing, storage
from pridvor.documents.queries import DocumentView, FileView
from pridvor.lib.actor import machine
from pridvor.lib.stream import Sink
from pridvor.notifications import queries as letters
from pridvor.privacy import categories, looking, texts
from pridvor.privacy.models import Request
from pridvor.vault import actions as vault
from pridvor.vault import queries as vault_queries

ME = machine("export")
PURPOSE = "make a copy of one's own data"
FORMAT = "pridvor-export-1"
SCHEMA = Path(__file__).parent / "schemas" / "export.json"
CHUNK = 1 << 18
UNSAFE = re.compile(r"[^\w.\- ]+")


class Writable(Protocol):
    """What a zip is written into: it is never read back."""

    def write(self, data: Any, /) -> object: ...


def make(request: Request, *, now: datetime) -> int:
    """This will write the copy of a request into the store and return its size in bytes."""
    with sealing.writing(request.person.subject, request.path) as sink:
        _write(request, sink, now=now)
        size, _digest = sink.finish()
    return size


def chunks(request: Request) -> Iterator[bytes]:
    """The copy, opened piece by piece. Raises vault.Erased, storage.Missing."""
    return sealing.chunks(request.person.subject, request.path)


def gather(person: Person, *, now: datetime, language: str) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Everything as the schema has it, and the files that belong to it, each with its path in the archive."""
    values, files = _values(person, now=now), []
    plain = {ref: text for ref, (_field, text) in values.items()}
    told = []
    for case in case_queries.of_person(person):
        if case.person_id == person.pk:
            said, papers = _case(case, plain, language)
            told.append(said)
            files += papers
    data = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "company": company().name,
        "person": {
            "subject": str(person.subject),
            "language": person.language,
            "since": person.created_at.isoformat(),
            "values": [
                {"field": field, "category": categories.of_field(field), "value": text}
                for field, text in values.values()
            ],
        },
        "cases": told,
        "consents": [
            {
                "text": row.text.kind,
                "version": row.text.number,
                "given": row.given,
                "language": row.language,
                "at": row.at.isoformat(),
            }
            for row in texts.history(person)
        ],
        "looks": _looks(person),
    }
    return data, files


def remove(request: Request) -> None:
    """This will remove the copy from the store; nothing there is nothing to do."""
    storage.store().delete(f"{request.path.rpartition('/')[0]}/")


# -- how


class _OneWay(io.RawIOBase):
    """The encryptor as a stream that zipfile can write and not seek."""

    def __init__(self, sink: Writable) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._sink.write(bytes(data))
        return len(data)


class _Archive:
    """A zip that remembers size and digest of everything that was put into it."""

    def __init__(self, sink: Writable) -> None:
        self._zip = zipfile.ZipFile(cast(Any, _OneWay(sink)), "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.entries: list[dict[str, Any]] = []

    def put(self, name: str, pieces: Iterator[bytes] | list[bytes], *, packed: bool = True) -> None:
        digest, size, info = hashlib.sha256(), 0, zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.entries.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})

    def close(self) -> None:
        self.put("manifest.json", [_json({"format": FORMAT, "files": list(self.entries)})])
        self._zip.close()


def _write(request: Request, sink: Sink, *, now: datetime) -> None:
    person = request.person
    data, files = gather(person, now=now, language=request.language)
    archive = _Archive(sink)
    archive.put("data.json", [_json(data)])
    archive.put("schema.json", [SCHEMA.read_bytes()])
    with translation.override(request.language):
        page = render_to_string(
            "privacy/export.html", {"data": data, "language": request.language, "now": now}
        )
    archive.put("index.html", [page.encode()])
    for path, file in files:
        archive.put(path, _pieces(file), packed=False)  # PDF and photos are packed already
    archive.close()


def _pieces(file: Any) -> Iterator[bytes]:
    copy, _size, _name = documents.open_copy(file)
    with copy:
        while piece := copy.read(CHUNK):
            yield piece


def _values(person: Person, *, now: datetime) -> dict[Any, tuple[str, str]]:
    """Every value that may be shown, by id; credentials are used by machines only, and are not in it."""
    fields = {
        ref: field
        for ref, field in vault_queries.fields(person.subject).items()
        if field not in (vault.WRITE_ONLY, "internal_note")
    }
    opened = vault.reveal(list(fields), actor=ME, purpose=PURPOSE, now=now)
    vault.note_look(person.subject, ["export"], actor=ME, purpose=PURPOSE, now=now)
    return {ref: (fields[ref], opened[ref]) for ref in sorted(opened)}


def _case(case: Case, plain: dict[Any, str], language: str) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    answers = [
        {
            "step": row.step,
            "field": row.field,
            "question": row.label,
            "answer": plain.get(row.ref) if row.ref else row.value,
            "given_at": row.at.isoformat(),
        }
        for row in case_queries.given(case, language)
        if row.type != "secret"
    ]
    papers, files = [], []
    for view in documents.history(case):
        placed = [(_path(case, view, file), file) for file in view.files if file.is_clean and file.name]
        papers.append(_paper(view, [path for path, _file in placed]))
        files += [(path, documents.find_file(case, file.id)) for path, file in placed]
    said = {
        "reference": case.reference,
        "journey": case.journey.text(case.journey.title, language),
        "client": dict(described(case.client)),
        "opened_at": case.opened_at.isoformat(),
        "ended_at": _moment(case.ended_at),
        "state": case.end or case.state,
        "answers": answers,
        "documents": papers,
        "messages": [_message(row) for row in letters.of_case(case)],
        "events": [
            {"at": event.at.isoformat(), "kind": event.kind, "by": event.actor_kind}
            for event in case_queries.timeline(case)
        ],
    }
    return said, files


def _paper(view: DocumentView, paths: list[str]) -> dict[str, Any]:
    return {
        "item": view.item,
        "version": view.number,
        "state": view.state,
        "sent_at": _moment(view.sent_at),
        "files": paths,
    }


def _message(row: Any) -> dict[str, Any]:
    return {
        "message": row.template,
        "state": row.state,
        "owed_at": row.queued_at.isoformat(),
        "sent_at": _moment(row.sent_at),
    }


def _path(case: Case, view: DocumentView, file: FileView) -> str:
    """A path that no file system takes for another place; the id keeps two files of one name apart."""
    name = UNSAFE.sub("_", file.name or "").strip(". ") or "file"
    return f"files/{case.reference}/{view.item}-{view.number}/{str(file.id)[-6:]}-{name}"


def _looks(person: Person) -> list[dict[str, Any]]:
    rows = vault_queries.looks(person.subject)
    roles = looking.roles_of(rows)
    return [
        {
            "at": row.at.isoformat(),
            "by": roles.get(row.actor_id, row.actor_kind),
            "fields": list(row.fields),
            "purpose": row.purpose,
            "case": row.case,
        }
        for row in rows
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode()
