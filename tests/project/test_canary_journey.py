"""Everything that a person hands over on a whole journey, looked for in clear in all places where it might have ended.

Database files, write-ahead log, documents, temporary files, logs, a dump. The strings are such as nobody else writes.
"""

import base64
import logging
import os
import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from pridvor.cases import actions as cases
from pridvor.documents import actions as documents
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from pridvor.privacy import incidents, requests
from pridvor.project import wiring
from tests.conftest import NOW, _empty_tables, person
from tests.desk.conftest import staff
from tests.documents.corpus import typeset
from tests.privacy.conftest import Story

CANARY = {
    "email": "zwgralbax@qirvelumno.example",
    "contact_name": "Zwgralbax Qirvelumno",
    "phone": "+40799135790",
    "iban": "RO09BCYP0000009753102468",
    "birthday": "1931-12-29 Brumqazliv",
    "note": "Jyxtorvaple said so on the telephone",
    "reason": "Kwebrindulot is not readable",
    "incident": "Hrumzapteliq lost the laptop",
    "file name": "Vexlorumptia.pdf",
    "in the file": "Gnarfelwuxit lives here",
}
WORDS = [word for said in CANARY.values() for word in (said, said.split()[0])]


@pytest.fixture(scope="module")
def way(tmp_path_factory, django_db_setup, django_db_blocker):
    """The journey, really committed; logs as loud as they can be. Returns the folder of files and the log."""
    place = tmp_path_factory.mktemp("canary")
    log = place / "log"
    handler = logging.FileHandler(log)
    root, level = logging.getLogger(), logging.getLogger().level
    kept = settings.DOCUMENTS, settings.SMTP_URL
    settings.DOCUMENTS, settings.SMTP_URL = place / "documents", "smtp://127.0.0.1:9"
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with django_db_blocker.unblock():
            wiring.connect()
            _journey()
            dumps = _dumped(place)
            time.sleep(1)  # the write-ahead log is written by a process of its own
            yield {"place": place, "log": log, "dumps": dumps}
            _empty_tables()
            connections.close_all()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        settings.DOCUMENTS, settings.SMTP_URL = kept


def _journey():
    story = Story(person(CANARY["email"], language="en"))
    values = {name: CANARY[name] for name in ("contact_name", "phone", "iban", "birthday")}
    cases.save_draft(story.case, "about", {"role": "x"}, now=NOW)
    cases.submit(story.open("about"), {"role": "x"}, values, actor=story.me, now=NOW)
    story.upload("passport", typeset(CANARY["in the file"]), CANARY["file name"])
    documents.send(story.case, ["passport"], actor=story.me, now=NOW)
    cases.complete(story.open("papers"), "done", actor=story.me, now=NOW)
    story.noted(CANARY["note"])
    story.approved()
    incidents.report(CANARY["incident"], author=staff("auditor"), now=NOW)
    requests.make_copy(requests.ask_copy(story.person, language="en", actor=story.me, now=NOW), now=NOW)
    for message in Message.objects.all():
        notifications.deliver(message.pk, now=NOW)


def _dumped(place):
    """Every row of both databases, as PostgreSQL copies them out."""
    made = []
    for alias in ("default", "vault"):
        path = place / f"{alias}.copy"
        with connections[alias].cursor() as cursor, path.open("wb") as file:
            cursor.execute("select tablename from pg_tables where schemaname = 'public'")
            for (table,) in cursor.fetchall():
                with cursor.copy(f'copy "{table}" to stdout') as rows:
                    file.writelines(bytes(piece) for piece in rows)
        made.append(path)
    return made


def holding(paths):
    """Which of the strings stand in which of the files, as they are, in base64 or in hexadecimal."""
    found = []
    for path in paths:
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # the database's own work removes files while we read
            continue
        found += [(path.name, word) for word in WORDS for form in _forms(word) if form in content]
    return found


def _forms(word):
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield base64.b64encode(plain)[: len(plain) // 3 * 4]
    yield word.encode("utf-16-le")


def files(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]


@pytest.mark.django_db  # that both databases are made; the journey commits by itself
def test_the_search_finds_what_is_there(tmp_path):
    (tmp_path / "leak").write_bytes(b"..." + CANARY["phone"].encode() + b"...")
    assert holding(files(tmp_path)) == [("leak", CANARY["phone"])] * 2


def test_a_dump_of_both_databases_holds_none_of_it(way):
    assert all(path.stat().st_size > 10_000 for path in way["dumps"])
    assert holding(way["dumps"]) == []


def test_no_file_of_the_database_and_no_write_ahead_log_holds_any_of_it(way):
    found = files(Path(os.environ["PRIDVOR_TEST_DATA"]) / "pg")
    if not found:
        pytest.skip("the database is not the tests' own")
    assert any("pg_wal" in path.parts for path in found)
    assert holding(found) == []


def test_no_document_and_no_copy_holds_any_of_it(way):
    kept = files(way["place"] / "documents")
    assert len(kept) >= 2
    assert holding(kept) == []


def test_no_line_of_the_log_holds_any_of_it(way):
    assert way["log"].stat().st_size > 100
    assert holding([way["log"]]) == []


def test_no_temporary_file_holds_any_of_it(way):
    mine = [
        path
        for path in Path(tempfile.gettempdir()).glob("*")
        if path.is_file()
        and path.stat().st_mtime >= way["log"].stat().st_ctime - 300
        and path.stat().st_uid == os.getuid()
    ]
    assert holding([path for path in mine if path.stat().st_size < 50_000_000]) == []
