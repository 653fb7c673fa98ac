"""Files in a classic form: encrypted while Django parses it, and refused by every view that takes none."""

import io
from pathlib import Path

import pytest
from django.core.files import uploadhandler
from django.test import RequestFactory

from pridvor.cases import actions as cases
from pridvor.documents import intake, queries, screening
from tests.conftest import NOW, actor_of, client_of, partner_registration
from tests.documents import corpus

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


def sent(name="certificat.pdf", content=PDF, declared="application/pdf"):
    file = io.BytesIO(content)
    file.name, file.content_type = name, declared
    return file


def post(*files):
    return RequestFactory().post("/", {"note": "bună", "file": list(files)})


def take(case, *files, **more):
    request = post(*files)
    with intake.receiving(
        request, case, "collect", "bank-letter", actor=actor_of(case.person), now=NOW, **more
    ) as handler:
        assert request.POST["note"] == "bună"
        return handler.take()


def all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_files_of_a_form_are_taken_in_order(case):
    taken = take(case, sent(), sent("foto.png", corpus.encoded(corpus.sheet(), "PNG"), "image/png"))
    assert [(file.state, file.kind, file.position) for file in taken] == [
        ("quarantined", "pdf", 1),
        ("quarantined", "png", 2),
    ]
    for file in taken:
        screening.scan(file.pk, now=NOW)
    assert queries.current(case)["bank-letter"].is_clean


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (("x.pdf.exe",), "two-extensions"),
        (("gol.pdf", b""), "empty"),
        (("a.pdf", corpus.EXE), "wrong-type"),
        (("a.html", b"<html>", "text/html"), "wrong-type"),
        (("a.pdf", PDF + bytes(2_000_000)), "too-large"),
    ],
)
def test_a_refused_file_says_why_and_leaves_nothing(
    case, kept, settings, file, code, django_capture_on_commit_callbacks
):
    settings.MAX_UPLOAD = 1_000_000
    with django_capture_on_commit_callbacks(execute=True):
        taken = take(case, sent(*file))
    assert [(one.state, one.refusal) for one in taken] == [("refused", code)]
    assert all_files(kept) == []


def test_one_refused_file_does_not_spoil_the_others(case):
    assert [file.state for file in take(case, sent("a.exe"), sent())] == ["refused", "quarantined"]


def test_the_same_file_is_taken_when_the_form_insists(case):
    take(case, sent())
    assert take(case, sent())[0].refusal == "same-file"
    assert take(case, sent(), insist=True)[0].remarks == ["same-file-again"]


def test_what_the_view_did_not_take_is_destroyed(case, kept):
    request = post(sent())
    with intake.receiving(request, case, "collect", "bank-letter", actor=actor_of(case.person), now=NOW):
        assert len(request.FILES.getlist("file")) == 1
        assert len(all_files(kept)) == 1
    assert all_files(kept) == []


def test_a_broken_request_leaves_nothing(case, kept):
    whole = post(sent(content=PDF + bytes(500_000)))
    half = whole.read()[:250_000]
    broken = RequestFactory().generic("POST", "/", half, content_type=whole.headers["Content-Type"])
    with intake.receiving(broken, case, "collect", "bank-letter", actor=actor_of(case.person), now=NOW):
        assert len(broken.POST) <= 1
    assert all_files(kept) == []


def test_any_other_view_refuses_files_and_takes_forms(settings):
    assert settings.FILE_UPLOAD_HANDLERS == ["pridvor.documents.intake.RefuseFiles"]
    with pytest.raises(intake.UnexpectedFile):
        _ = post(sent()).FILES
    assert post().POST["note"] == "bună"


def test_djangos_own_spooling_never_happens(case, tmp_path, monkeypatch):
    """The canary in a form of two megabytes: in no file, and no temporary file is ever made."""
    canary = b"CANARYPRIDVOR"
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))

    def spooled(*given: object, **more: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", spooled)
    taken = take(case, sent(f"{canary.decode()}.pdf", PDF + canary * 200_000 + b"\n%%EOF"))
    screening.scan(taken[0].pk, now=NOW)
    screening.read(taken[0].pk, now=NOW)
    files = all_files(tmp_path)
    assert len(files) == 2
    assert not any(canary in path.read_bytes() for path in files)
