"""Delivering from the desk: gather, answer, hand over; who may, and what is told when it cannot be."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pridvor.accounts.models import Role
from pridvor.cases.models import Approver, Comment
from pridvor.documents import screening
from pridvor.documents.models import Delivery, Piece
from tests.content import Content
from tests.desk.conftest import Desk, staff
from tests.documents import corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def content(ana):
    return Content(ana)


@pytest.fixture
def editor(db):
    return Desk(staff(Role.EDITOR))


def at(content, verb=""):
    return f"/desk/cases/{content.case.public_id}/deliveries/content/{verb}"


def say(desk, content, verb, **said):
    return desk.post(at(content, verb), said, follow=True).content.decode()


def file(name="page.pdf"):
    return SimpleUploadedFile(name, corpus.typeset(), "application/pdf")


def scan():
    for row in Piece.objects.filter(kind="file"):
        screening.scan(row.file_id, now=row.at)
        screening.read(row.file_id, now=row.at)


def test_the_case_leads_to_what_is_to_be_delivered(editor, content):
    page = editor.text(f"/desk/cases/{content.case.public_id}/")
    assert at(content) in page
    assert "nothing delivered yet" in page


def test_a_file_a_link_and_a_text_become_the_first_version(editor, content):
    say(editor, content, "files/", file=file())
    say(editor, content, "words/", kind="link", words="https://preview.example/")
    say(editor, content, "words/", kind="text", words="A text")
    scan()
    assert "Version 1 is delivered." in say(editor, content, "deliver/")
    version = content.latest()
    assert [piece.kind for piece in version.pieces] == ["file", "link", "text"]
    assert version.pieces[0].file.name == "page.pdf"


def test_an_unscanned_file_waits_and_says_so(editor, content):
    say(editor, content, "files/", file=file())
    assert "still being checked" in say(editor, content, "deliver/")
    assert Delivery.objects.get().delivered_at is None


def test_a_file_that_is_none_of_ours_to_take_is_told_at_once(editor, content):
    assert "We cannot take this kind of file" in say(
        editor, content, "files/", file=SimpleUploadedFile("a.exe", b"MZ", "application/x-msdownload")
    )
    assert not Piece.objects.exists()


def test_what_was_added_by_mistake_is_taken_out(editor, content):
    say(editor, content, "words/", kind="text", words="A text")
    say(editor, content, f"{Piece.objects.get().public_id}/remove/")
    assert "nothing in this version" in say(editor, content, "deliver/")


def test_a_link_must_be_one(editor, content):
    assert "no address of a page" in say(editor, content, "words/", kind="link", words="javascript:alert(1)")


def test_each_comment_is_answered_with_the_next_version(editor, content):
    content.deliver()
    content.pin("Make it blue")
    content.vote("revise")
    page = editor.text(at(content))
    assert "Make it blue" in page
    assert "1 comment to answer" in editor.text(f"/desk/cases/{content.case.public_id}/")
    say(editor, content, "words/", kind="text", words="Better")
    row = Comment.objects.get()
    answer = {f"done-{row.public_id}": "not-done"}
    assert "Say why it was not done." in say(editor, content, "deliver/", **answer)
    answer[f"why-{row.public_id}"] = "Blue is not in your palette"
    assert "Version 2 is delivered." in say(editor, content, "deliver/", **answer)
    row.refresh_from_db()
    assert (row.answer, row.answered_in) == ("not-done", 2)


def test_somebody_of_the_client_is_named_by_address(editor, content):
    page = say(editor, content, "approver/", email="bogdan@electroinstal.example")
    assert "bogdan@electroinstal.example" in page
    assert Approver.objects.get().step == "agree"
    assert "no e-mail address" in say(editor, content, "approver/", email="bogdan")


def test_only_whoever_does_the_work_of_the_stage_delivers(carmen, dan, content):
    for desk, status in ((carmen, 404), (dan, 404)):
        assert desk.post(at(content, "deliver/")).status_code == status
        assert desk.post(at(content, "words/"), {"kind": "text", "words": "x"}).status_code == status
    assert dan.get(at(content)).status_code == 200
    assert "Deliver this version" not in dan.text(at(content))
    assert not Delivery.objects.exists()


def test_what_is_no_deliverable_of_this_journey_does_not_exist(editor, content, waiting):
    assert editor.get(f"/desk/cases/{content.case.public_id}/deliveries/other/").status_code == 404
    assert editor.get(f"/desk/cases/{waiting.public_id}/deliveries/content/").status_code == 404


def test_the_history_names_what_was_delivered(editor, content):
    content.deliver()
    assert "Version 1 delivered: Approve the content" in editor.text(f"/desk/cases/{content.case.public_id}/")
