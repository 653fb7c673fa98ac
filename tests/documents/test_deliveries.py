"""Versions that we deliver for approval: gathered, scanned, frozen; each comment answered in the next one."""

import pytest
from django.db import connection

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases.models import Event
from pridvor.documents import actions as documents
from pridvor.documents import deliveries
from pridvor.documents import queries as reading
from pridvor.documents.deliveries import CannotDeliver
from pridvor.documents.models import Delivery, Document, Piece
from tests.content import EDITOR, Content
from tests.documents import corpus

pytestmark = pytest.mark.django_db
SECRET = "Textul campaniei pentru doamna Popescu"


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def content(ana):
    return Content(ana)


def deliver(content, answers=None):
    return deliveries.deliver(content.case, "content", answers, actor=EDITOR, now=content.time())


def test_a_version_holds_files_links_and_text_in_their_order(content):
    content.file(corpus.typeset())
    content.words("https://preview.example/page", "link")
    content.words()
    deliver(content)
    version = content.latest()
    assert [piece.kind for piece in version.pieces] == ["file", "link", "text"]
    assert version.pieces[0].pages == version.pieces[0].file.pages >= 1
    assert version.pieces[1].words == "https://preview.example/page"
    assert version.pieces[2].paragraphs == ["First.", "Second."]


def test_versions_count_from_one_and_stay_as_they_were(content):
    content.deliver()
    content.words("Better")
    content.deliver()
    found = deliveries.versions(content.case, "content", actor=EDITOR, purpose="test", now=content.time())
    assert [(one.number, one.pieces[0].words) for one in found] == [(1, "First.\n\nSecond."), (2, "Better")]


def test_what_is_gathered_is_not_shown_before_it_is_delivered(content):
    content.file(corpus.typeset())
    file = Piece.objects.get().file
    assert not deliveries.may_client_see(file)
    assert deliveries.versions(content.case, "content", actor=EDITOR, purpose="t", now=content.time()) == []
    deliver(content)
    assert deliveries.may_client_see(file)


def test_a_delivered_file_is_no_paper_of_the_client(content):
    content.file(corpus.typeset())
    deliver(content)
    assert Document.objects.get().state == "delivered"
    assert reading.history(content.case) == []
    assert reading.current(content.case) == {}


def test_nothing_cannot_be_delivered(content):
    with pytest.raises(CannotDeliver, match="nothing"):
        deliver(content)


def test_a_file_that_is_still_being_scanned_cannot_be_delivered(content):
    content.file(corpus.typeset(), scanned=False)
    with pytest.raises(CannotDeliver, match="still-checked"):
        deliver(content)


def test_a_file_that_the_scanner_refused_cannot_be_delivered(content):
    content.file(corpus.typeset()[:200])
    assert Piece.objects.get().file.state == "refused"
    with pytest.raises(CannotDeliver, match="not-taken"):
        deliver(content)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "preview.example", "https://", "https://a b.example"]
)
def test_only_addresses_of_the_web_are_links(content, link):
    with pytest.raises(CannotDeliver, match="not-a-link"):
        content.words(link, "link")


def test_a_piece_can_be_taken_out_until_it_is_delivered(content):
    content.file(corpus.typeset())
    content.words()
    file, text = Piece.objects.all()
    deliveries.remove(file, actor=EDITOR, now=content.time())
    deliver(content)
    with pytest.raises(documents.CannotChange):
        deliveries.remove(text, actor=EDITOR, now=content.time())
    assert [piece.kind for piece in content.latest().pieces] == ["text"]


def test_the_next_version_waits_until_each_comment_is_answered(content):
    content.deliver()
    comment = content.pin()
    content.vote("revise")
    content.words("Better")
    with pytest.raises(CannotDeliver, match="unanswered"):
        deliver(content)
    with pytest.raises(CannotDeliver, match="no-answer"):
        deliver(content, {comment.public_id: (False, " ")})
    deliver(content, {comment.public_id: (False, "The colour is your brand's")})
    comment.refresh_from_db()
    assert (comment.answer, comment.version, comment.answered_in) == ("not-done", 1, 2)
    assert Delivery.objects.filter(delivered_at=None).count() == 0


def test_the_next_attempt_is_shown_what_became_of_each_comment(content):
    content.deliver()
    content.pin("Bigger", piece=content.latest().pieces[0].id, paragraph=1)
    content.vote("revise")
    content.deliver()
    (asked,) = approvals.asked_before(content.open("agree"))
    assert (asked.number, asked.paragraph, asked.answer, asked.answered_in) == (1, 1, "done", 2)


def test_a_pin_must_lie_in_the_version_that_stands(content):
    content.file(corpus.typeset())
    content.deliver()
    old = content.latest().pieces[0]
    pin = content.pin(piece=old.id, page=0, x=500, y=250)
    assert (pin.page, pin.x, pin.y, pin.version) == (0, 500, 250, 1)
    with pytest.raises(cases.Refused, match="stale"):
        content.pin(piece=old.id, page=old.pages)
    content.words("Better")
    content.deliver()
    with pytest.raises(cases.Refused, match="stale"):
        content.pin(piece=old.id, page=0)


def test_delivered_words_lie_in_no_table_of_the_application(content):
    content.words(SECRET)
    content.deliver()
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" t where t::text like %s', [f"%{SECRET}%"])
            assert cursor.fetchone()[0] == 0, table
    assert content.latest().pieces[0].words == SECRET
    ref = Piece.objects.get().ref
    assert deliveries.in_use([ref]) == {ref}


def test_delivering_is_one_event_that_says_which_version(content):
    content.deliver()
    (event,) = Event.objects.filter(case=content.case, kind="delivery.made")
    assert event.data == {"deliverable": "content", "version": 1}


def test_the_same_comment_is_not_in_the_next_attempt(content):
    content.deliver()
    content.pin()
    content.vote("revise")
    content.deliver()
    assert approvals.comments_on(content.open("agree")) == []
    with pytest.raises(cases.Refused, match="no-comment"):
        content.vote("revise")
