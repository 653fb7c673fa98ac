"""A file's way from the first byte to a page on the screen, over the resumable door."""

import hashlib
import io
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.documents import actions, clamd, queries, sandbox, screening, sealing, storage, tasks
from pridvor.documents.kinds import Refused
from pridvor.documents.models import Document, File, Part
from pridvor.vault import actions as vault
from tests.conftest import CARMEN, NOW, actor_of, client_of, partner_registration
from tests.documents import corpus, pki

pytestmark = pytest.mark.django_db
PDF = corpus.typeset()


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"
    return settings.DOCUMENTS


@pytest.fixture
def case(ana):
    return cases.open_case(
        partner_registration(), client_of(ana), ana, language="ro", actor=actor_of(ana), now=NOW
    )


def begin(
    case,
    content=PDF,
    name="Certificat ONRC.pdf",
    declared="application/pdf",
    item="registration-certificate",
    **more,
):
    given = {
        "name": name,
        "declared_type": declared,
        "length": len(content),
        "actor": actor_of(case.person),
        "now": NOW,
        **more,
    }
    return actions.begin(case, "collect", item, **given)


def upload(case, content=PDF, **more):
    file = begin(case, content, **more)
    actions.receive(file, 0, io.BytesIO(content), now=NOW)
    return file


def cleared(case, content=PDF, **more):
    file = upload(case, content, **more)
    screening.scan(file.pk, now=NOW)
    screening.read(file.pk, now=NOW)
    file.refresh_from_db()
    return file


class Broken(io.BytesIO):
    """A connection that is cut after so many bytes."""

    def __init__(self, content, after):
        super().__init__(content[:after])

    def read(self, size=-1):
        piece = super().read(size)
        if not piece:
            raise OSError("cut")
        return piece


def test_a_file_is_received_scanned_read_and_shown(case):
    file = upload(case)
    assert (file.state, file.kind, file.sha256) == ("quarantined", "pdf", hashlib.sha256(PDF).hexdigest())
    jobs = ProcrastinateJob.objects.filter(task_name="documents.scan")
    assert [job.args for job in jobs] == [{"file_id": file.pk, "trace": ""}]
    tasks.scan(file_id=file.pk)
    tasks.read(file_id=file.pk)
    view = queries.current(case)["registration-certificate"]
    assert (view.is_clean, view.pages, view.looks_like, view.remarks) == (
        True,
        1,
        "registration-certificate",
        (),
    )
    assert view.files[0].name == "Certificat ONRC.pdf"
    assert "CERTIFICAT" in queries.text(view)[0].text
    file.refresh_from_db()
    assert queries.page_image(file, 0, width=300)[8:12] == b"WEBP"
    reader, size, name = queries.open_copy(file)
    with reader:
        assert (reader.read(), size, name) == (PDF, len(PDF), "Certificat ONRC.pdf")
    kinds = list(
        Event.objects.filter(case=case, kind__startswith="document.")
        .order_by("id")
        .values_list("kind", flat=True)
    )
    assert kinds == ["document.received", "document.cleared", "document.read"]
    assert "Certificat" not in str(list(Event.objects.values_list("data", flat=True)))


def test_an_upload_cut_at_sixty_percent_resumes_to_the_same_content(case, monkeypatch):
    content = corpus.encoded(corpus.sheet(), "PNG", compress_level=0)
    file = begin(case, content, name="foto.png", declared="image/png")
    cut = len(content) * 6 // 10
    assert actions.receive(file, 0, Broken(content, cut), now=NOW) == cut
    with pytest.raises(actions.WrongOffset) as error:
        actions.receive(file, 0, io.BytesIO(content), now=NOW)
    assert error.value.offset == cut
    actions.receive(file, cut, io.BytesIO(content[cut:]), now=NOW)
    assert (file.state, file.sha256) == ("quarantined", hashlib.sha256(content).hexdigest())
    assert not Part.objects.exists()
    assert b"".join(sealing.chunks(file.subject, file.whole)) == content


def test_more_than_announced_is_not_taken(case, kept):
    file = begin(case, PDF)
    with pytest.raises(actions.TooLong):
        actions.receive(file, 0, io.BytesIO(PDF + b"x"), now=NOW)
    file.refresh_from_db()
    assert (file.offset, file.lease, file.state) == (0, "", "receiving")
    assert [path for path in kept.rglob("*") if path.is_file()] == []


def test_a_file_that_is_being_written_is_busy_until_the_lease_ends(case):
    file = begin(case)
    File.objects.update(lease="other", lease_until=NOW + timedelta(seconds=30))
    with pytest.raises(actions.Busy):
        actions.receive(file, 0, io.BytesIO(PDF), now=NOW)
    assert actions.receive(file, 0, io.BytesIO(PDF), now=NOW + timedelta(minutes=1)) == len(PDF)
    with pytest.raises(actions.NotReceiving):
        actions.receive(file, len(PDF), io.BytesIO(b"x"), now=NOW)


class Overtaken(io.BytesIO):
    """While this one still reads, another writer takes over."""

    def read(self, size=-1):
        File.objects.update(lease="other")
        return super().read(size)


def test_a_writer_that_was_overtaken_changes_nothing(case, kept):
    file = begin(case)
    with pytest.raises(actions.Busy):
        actions.receive(file, 0, Overtaken(PDF), now=NOW)
    file.refresh_from_db()
    assert (file.offset, file.lease) == (0, "other")
    assert not Part.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a.pdf.exe"}, "two-extensions"),
        ({"length": 0}, "empty"),
        ({"length": 50_000_001}, "too-large"),
        ({"declared": "text/html"}, "wrong-type"),
        ({"name": "noname"}, "bad-name"),
    ],
)
def test_what_can_be_seen_before_the_first_byte_is_refused_then(case, change, code):
    with pytest.raises(Refused) as error:
        begin(case, **change)
    assert error.value.code == code
    assert not File.objects.exists()


def test_content_that_contradicts_its_name_is_refused_and_destroyed(
    case, kept, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        file = upload(case, corpus.encoded(corpus.sheet()))
    assert (file.state, file.refusal) == ("refused", "mismatch")
    assert [path for path in kept.rglob("*") if path.is_file()] == []
    assert Event.objects.filter(kind="document.refused", data__code="mismatch").exists()


def test_the_same_file_again_is_refused_until_the_client_insists(case):
    upload(case)
    again = upload(case, name="alt nume.pdf")
    assert (again.state, again.refusal) == ("refused", "same-file")
    assert queries.current(case)["registration-certificate"].files[1].can_insist
    taken = actions.insist(again, actor=actor_of(case.person), now=NOW)
    screening.scan(taken.pk, now=NOW)
    taken.refresh_from_db()
    assert (taken.state, taken.remarks) == ("clean", ["same-file-again"])
    assert upload(case, insist=True).remarks == ["same-file-again"]


def test_the_same_file_for_another_item_is_taken(case):
    upload(case)
    assert upload(case, item="bank-letter").state == "quarantined"


def test_a_document_has_at_most_twenty_files(case, monkeypatch):
    monkeypatch.setattr(actions, "FILES", 2)
    begin(case)
    begin(case)
    with pytest.raises(Refused, match="too-many-files"):
        begin(case)


@pytest.mark.parametrize("program", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_scanner_that_dies_or_hangs_clears_nothing_and_is_asked_again(case, monkeypatch, program):
    file = upload(case)
    monkeypatch.setattr(screening, "SECONDS", 0.5)
    real = sandbox.run
    monkeypatch.setattr(
        sandbox,
        "run",
        lambda *given, **more: real(*given, **more, program=(sandbox.sys.executable, "-c", program)),
    )
    for _ in range(screening.ATTEMPTS):
        with pytest.raises(queries.NotClean):
            queries.open_copy(file)
        with pytest.raises(screening.NoVerdict):
            screening.scan(file.pk, now=NOW)
    file.refresh_from_db()
    assert (file.state, file.refusal) == ("refused", "unscannable")
    with pytest.raises(queries.NotClean):
        queries.page_image(file, 0, width=320)


def test_with_clamd_away_a_file_stays_in_quarantine(case, settings):
    settings.CLAMD = "127.0.0.1:1"
    file = upload(case)
    for _ in range(screening.ATTEMPTS + 1):
        with pytest.raises(screening.NoVerdict):
            screening.scan(file.pk, now=NOW)
    file.refresh_from_db()
    assert file.state == "quarantined"


def test_what_clamd_finds_is_refused(case, settings, monkeypatch):
    settings.CLAMD = "unix:/clamd"
    monkeypatch.setattr(clamd, "scan", lambda address, chunks: "Test" if b"".join(chunks) == PDF else None)
    file = upload(case)
    screening.scan(file.pk, now=NOW)
    file.refresh_from_db()
    assert (file.state, file.refusal) == ("refused", "malware")


def test_malware_is_refused_and_destroyed(case, kept, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        file = cleared(case, PDF + corpus.EICAR)
    assert (file.state, file.refusal) == ("refused", "malware")
    assert [path for path in kept.rglob("*") if path.is_file()] == []


def test_a_sent_document_is_frozen_and_the_next_one_is_a_new_version(case):
    actor = actor_of(case.person)
    first = cleared(case)
    actions.send(case, ["registration-certificate"], actor=actor, now=NOW)
    with pytest.raises(actions.CannotChange):
        actions.remove(first, actor=actor, now=NOW)
    upload(case, corpus.typeset("alt certificat"))
    view = queries.current(case)["registration-certificate"]
    assert (view.number, view.state) == (2, "collecting")
    assert queries.current(case, sent_only=True)["registration-certificate"].number == 1
    actions.send(case, ["registration-certificate"], actor=actor, now=NOW)
    assert [(one.number, one.state) for one in queries.history(case)] == [(1, "superseded"), (2, "sent")]


def test_nothing_is_sent_that_is_missing_or_still_arriving(case):
    actor = actor_of(case.person)
    with pytest.raises(actions.CannotSend, match="no-file"):
        actions.send(case, ["contract"], actor=actor, now=NOW)
    begin(case, item="contract")
    with pytest.raises(actions.CannotSend, match="still-arriving"):
        actions.send(case, ["contract"], actor=actor, now=NOW)
    assert not Document.objects.filter(state="sent").exists()


def test_a_removed_file_is_destroyed_with_its_name(case, kept, django_capture_on_commit_callbacks):
    file = cleared(case)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(file, actor=actor_of(case.person), now=NOW)
    file.refresh_from_db()
    assert (file.state, bytes(file.sealed_name)) == ("removed", b"")
    assert [path for path in kept.rglob("*") if path.is_file()] == []


def test_a_withdrawn_item_counts_no_more(case):
    cleared(case)
    actions.withdraw_item(case, "registration-certificate", actor=CARMEN, now=NOW)
    assert queries.current(case) == {}
    assert [one.state for one in queries.history(case)] == ["withdrawn"]


def test_the_sweep_removes_abandoned_uploads_and_wakes_stuck_files(
    case, kept, django_capture_on_commit_callbacks
):
    left = begin(case, item="contract")
    actions.receive(left, 0, io.BytesIO(PDF[:100]), now=NOW)
    stuck = upload(case)
    later = NOW + timedelta(hours=25)
    assert screening.sweep(now=NOW) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert screening.sweep(now=later) == 1  # its scan is still waiting in the queue
    left.refresh_from_db()
    assert left.state == "removed"
    assert not (kept / left.prefix).exists()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed'")
    assert screening.sweep(now=later) == 1
    assert ProcrastinateJob.objects.filter(args__file_id=stuck.pk, status="todo").count() == 1


def test_after_erasure_nothing_can_be_opened(case):
    file = cleared(case)
    vault.erase(case.subject, actor=CARMEN, reason="asked for it", now=NOW)
    with pytest.raises(vault.Erased):
        queries.open_copy(file)
    assert queries.current(case)["registration-certificate"].files[0].name is None


def test_photos_of_another_document_are_remarked(case):
    cleared(case, corpus.encoded(corpus.sheet()), name="IMG_1.jpg", declared="image/jpeg", item="bank-letter")
    view = queries.current(case)["bank-letter"]
    if view.looks_like:  # without tesseract nothing can be read off a photo
        assert "looks-like-another" in view.remarks
    else:
        assert "not-machine-readable" in view.remarks


def test_the_store_keeps_files_for_its_owner_alone(case, kept):
    upload(case)
    modes = {oct(path.stat().st_mode & 0o777) for path in kept.rglob("*") if path.is_file()}
    assert modes == {"0o600"}


@pytest.mark.parametrize("key", ["../x", "a//b", "a/../b", "", "a/\0"])
def test_the_store_takes_no_key_that_leads_out(kept, key):
    with pytest.raises(ValueError, match="key"), storage.Folder(kept).put(key):
        pass


def test_the_canary_is_found_nowhere_in_plain(case, kept, tmp_path, monkeypatch):
    canary = "CANARYPRIDVOR"
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    scan = corpus.encoded(corpus.sheet([canary, *corpus.LETTER]), "PDF", resolution=150)
    assert canary in queries_text(
        case, cleared(case, corpus.typeset(f"{canary} " * 40), name=f"{canary}.pdf")
    )
    cleared(case, scan + f"%{canary}\n%%EOF".encode(), name="scan.pdf", item="contract")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert not any(canary.encode() in path.read_bytes() for path in files)
    with connection.cursor() as cursor:
        for table in ("documents_file", "documents_document", "cases_event", "procrastinate_jobs"):
            cursor.execute(f"select coalesce(string_agg(t::text, ''), '') from {table} t")
            assert canary not in cursor.fetchone()[0]


def queries_text(case, file):
    return " ".join(page.text for page in queries.text(file.document))


def test_the_signatures_of_a_document_are_reported(case, settings, tmp_path):
    (tmp_path / "trust" / "between").mkdir(parents=True)
    for name, who in (("root.pem", "root"), ("between/b.pem", "between")):
        certificate = pki.cast()[who].x509.public_bytes(serialization.Encoding.PEM)
        (tmp_path / "trust" / name).write_bytes(certificate)
    settings.TRUST_FOLDER = str(tmp_path / "trust")
    signed = cleared(case, pki.sign(PDF, "ana"), item="contract")
    report = queries.signatures(signed.document)[0]
    assert (report.verdict, report.level, report.signer) == ("valid", "advanced", "Ana Țăranu")
    assert queries.signatures(cleared(case).document)[0].verdict == "unsigned"


def test_the_web_process_does_not_load_what_parses_files():
    program = (
        "import django; django.setup(); import sys; from pridvor.documents import intake, queries, tasks;"
        "print([m for m in ('pyhanko', 'yara_x', 'pikepdf', 'pypdfium2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
