"""Approving through the door, as a browser without scripts does it; and what a colleague who is asked may see."""

import re

import pytest

from pridvor.cases import approvals
from pridvor.cases.models import Comment
from pridvor.documents import deliveries
from pridvor.documents.models import Piece
from pridvor.notifications import actions as notifications
from pridvor.notifications.models import Message
from pridvor.project.wiring import WIRES
from tests.content import Content
from tests.documents import corpus
from tests.portal.conftest import Visitor

pytestmark = pytest.mark.django_db
BOGDAN = "bogdan@electroinstal.example"


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


class Approver(Visitor):
    """Somebody's browser before one case."""

    def __init__(self, content, person):
        super().__init__(headers={"accept-language": "en"})
        self.case, self.person = content.case, person
        session = self.session
        session["person"] = str(person.subject)
        session.save()

    def look(self):
        self.go(f"/cases/{self.case.public_id}/agree/")
        return self.text

    def pin(self, **said):
        return self.say(f"/cases/{self.case.public_id}/approve/agree/comment/", deliverable="content", **said)

    def vote(self, outcome, seen="content:1"):
        self.say(f"/cases/{self.case.public_id}/approve/agree/vote/", outcome=outcome, seen=seen)
        return self.text


@pytest.fixture
def content(ana):
    made = Content(ana)
    made.file(corpus.typeset())
    made.words("First.\n\nSecond.")
    return made.deliver()


@pytest.fixture
def me(content):
    return Approver(content, content.ana)


def piece(kind="file"):
    return Piece.objects.filter(kind=kind).order_by("id").last().public_id


def test_the_page_shows_every_page_with_a_form_and_the_way_to_say_yes(me, content):
    page = me.look()
    file = content.latest().pieces[0]
    assert f"/files/{file.file.id}/0.webp" in page
    assert page.count("Add the comment") == file.pages + 1
    assert 'value="p1"' in page
    assert "I approve this version" in page
    image = me.get(f"/cases/{content.case.public_id}/files/{file.file.id}/0.webp")
    assert (image.status_code, image["Content-Type"]) == (200, "image/webp")


def test_a_comment_is_pinned_to_the_chosen_cell_and_shown_there(me, content):
    me.pin(piece=piece(), page="0", place="2-5", comment="Bigger letters")
    row = Comment.objects.get()
    assert (row.page, row.x, row.y, row.version) == (0, 416, 687, 1)
    assert "Bigger letters" in me.text
    assert re.search(r'value="2-5"[^>]*><span class="sheet-pin">1</span>', me.look())


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ({"page": "0", "place": ""}, (0, None, None)),
        ({"page": "0", "place": "9-9"}, (0, None, None)),
        ({"page": "0", "place": "p1"}, (0, None, None)),
    ],
)
def test_without_a_place_it_is_about_the_whole_page(me, content, said, stands):
    me.pin(piece=piece(), comment="All of it", **said)
    row = Comment.objects.get()
    assert (row.page, row.x, row.paragraph) == stands


def test_a_comment_on_a_text_names_its_paragraph(me, content):
    me.pin(piece=piece("text"), page="", place="p1", comment="Shorter")
    assert (Comment.objects.get().paragraph, Comment.objects.get().page) == (1, None)


def test_an_empty_comment_is_not_kept_and_the_reader_is_told(me, content):
    me.pin(piece=piece(), page="0", comment=" ")
    assert "The comment is empty" in me.text
    assert not Comment.objects.exists()


def test_a_place_outside_the_version_is_refused(me, content):
    me.pin(piece=piece(), page="99", comment="Where?")
    assert "A newer version has come" in me.text
    assert not Comment.objects.exists()


def test_ones_own_comment_is_taken_back(me, content):
    me.pin(piece=piece(), page="0", comment="Oops")
    me.say(f"/cases/{content.case.public_id}/approve/agree/comment/{Comment.objects.get().public_id}/remove/")
    assert not Comment.objects.exists()


def test_yes_ends_it(me, content):
    assert "you have approved it" in me.vote("approve")
    assert content.outcome() == "approve"


def test_changes_without_a_comment_are_not_asked_for(me, content):
    assert "pin at least one comment" in me.vote("revise")
    assert content.open("agree")


def test_changes_asked_for_come_back_answered_side_by_side(me, content):
    me.pin(piece=piece(), page="0", place="0-0", comment="Bigger letters")
    me.vote("revise")
    assert content.open("create").number == 2
    content.file(corpus.typeset("Second"))
    content.deliver(why=["The letters are your brand's"])
    page = me.look()
    old, new = (version.pieces[0].file.id for version in both(content))
    answers = page[page.index("What became of the comments") : page.index("Version 2, of")]
    assert "Bigger letters" in answers
    assert "Not done" in answers
    assert "The letters are your brand" in answers
    assert f"{old}/0.webp" in answers
    assert f"{new}/0.webp" in answers


def both(content):
    return deliveries.versions(content.case, "content", actor=content.me, purpose="test", now=content.time())


def test_a_vote_on_a_version_that_was_replaced_is_told_so(me, content):
    content.words("Newer")
    content.deliver()
    assert "A newer version has come" in me.vote("approve", seen="content:1")
    assert content.open("agree")


def test_a_colleague_who_is_asked_signs_in_with_their_address_and_approves(content):
    content.person(BOGDAN)
    visitor = Visitor(headers={"accept-language": "en"})
    visitor.come_back(BOGDAN)
    visitor.go(f"/cases/{content.case.public_id}/agree/")
    assert "I approve this version" in visitor.text
    visitor.say(f"/cases/{content.case.public_id}/approve/agree/vote/", outcome="approve", seen="content:1")
    assert content.outcome() == "approve"


def test_who_is_only_asked_sees_what_was_delivered_and_nothing_else(content):
    bogdan = Approver(content, content.person(BOGDAN))
    bogdan.come_back(BOGDAN)
    at = f"/cases/{content.case.public_id}"
    bogdan.go(f"{at}/")
    assert bogdan.at == f"{at}/agree/"
    file = content.latest().pieces[0].file.id
    assert bogdan.get(f"{at}/files/{file}/0.webp").status_code == 200
    for path in ("sent/", "status/", "withdraw/", "address/"):
        assert bogdan.get(f"{at}/{path}").status_code == 404
    bogdan.vote("approve")
    bogdan.go(f"{at}/")
    assert "Nothing waits for your word" in bogdan.text


def test_who_is_not_asked_looks_and_says_nothing(content):
    content.person(BOGDAN)
    me = Approver(content, content.ana)
    page = me.look()
    assert "Others are asked for their word" in page
    assert "Add the comment" not in page
    assert "I approve this version" not in page
    me.vote("approve")
    assert content.open("agree")


def test_another_client_finds_nothing_of_it(content, emil):
    stranger = Approver(content, emil)
    file = content.latest().pieces[0].file.id
    at = f"/cases/{content.case.public_id}"
    for path in (f"{at}/agree/", f"{at}/files/{file}/0.webp", f"{at}/files/{file}/copy/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{at}/approve/agree/vote/", {"outcome": "approve"}).status_code == 404


def test_a_file_that_is_still_gathered_does_not_exist_for_the_client(me, content):
    content.file(corpus.typeset("Draft"))
    file = Piece.objects.filter(kind="file").order_by("id").last().file.public_id
    at = f"/cases/{content.case.public_id}/files/{file}"
    assert me.get(f"{at}/0.webp").status_code == 404
    assert me.get(f"{at}/copy/").status_code == 404
    assert me.post(f"{at}/remove/").status_code == 404


def test_a_delivered_file_cannot_be_removed_by_the_client(me, content):
    file = content.latest().pieces[0].file.id
    me.say(f"/cases/{content.case.public_id}/files/{file}/remove/")
    assert content.latest().pieces[0].file.is_clean


def test_everybody_who_is_asked_is_written_to_once_for_each_attempt(content):
    content.person(BOGDAN)
    events = content.case.events.filter(kind__in=("step.opened", "approver.named"))
    wired = {wire.when for wire in WIRES if wire.then is notifications.tell_of_approval}
    assert wired == {"step.opened:approve", "approver.named"}
    for event in (*events, *events):
        if event.data.get("kind", "approve") == "approve":
            notifications.tell_of_approval(event, now=content.time())
    readers = Message.objects.filter(template="approval-asked").values_list("recipient", flat=True)
    (bogdan,) = approvals.who_is_asked(content.case, "agree")
    assert list(readers) == [bogdan.subject]


def test_the_story_tells_of_versions_comments_and_words(me, content):
    me.pin(piece=piece(), page="0", comment="Bigger letters")
    me.vote("revise")
    me.go(f"/cases/{content.case.public_id}/")
    for sentence in ("Version 1 is there", "Comment added", "Changes asked for"):
        assert sentence in me.text
