"""A client's items in an upload: what is missing, evidence for each, and nothing sent before all is there."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pridvor.cases import items
from pridvor.cases.models import Attempt, Item
from pridvor.documents import screening
from pridvor.documents.models import File
from tests.cases.test_items import TESTER, Launch
from tests.conftest import NOW
from tests.documents import corpus
from tests.portal.conftest import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def launch(ana):
    """The check found that the logo is missing; the icons are ours."""
    made = Launch(ana)
    made.add("assets", "The logo, as SVG or PDF", owner="client")
    made.add("assets", "The icons", owner="us", severity="minor")
    return made.end("create").check()


@pytest.fixture
def me(launch):
    return visitor_of(launch.person)


def at(launch, path=""):
    return f"/cases/{launch.case.public_id}/{path}"


def logo():
    return Item.objects.get(list="assets", number=1)


def show(me, launch, **said):
    me.say(at(launch, f"lists/recover/{logo().public_id}/"), **said)
    return me.text


def pdf(name="logo.pdf"):
    return SimpleUploadedFile(name, corpus.typeset("Logo"), "application/pdf")


def step(launch):
    return Attempt.objects.get(case=launch.case, key="recover@complete")


def test_the_page_of_an_exception_is_reached_from_the_case(me, launch):
    me.go(at(launch))
    assert at(launch, "recover/") in me.text
    me.go(at(launch, "recover/"))
    assert "The logo, as SVG or PDF" in me.text
    assert "The icons" not in me.text


def test_it_cannot_be_sent_before_everything_is_there(me, launch):
    me.say(at(launch, "recover/send/"))
    assert "Number 1 of the list is still to be done." in me.text
    assert f'href="#{items.key(logo())}"' in me.text
    assert step(launch).status == "open"


def test_a_file_is_evidence_and_then_it_can_be_sent(me, launch):
    page = show(me, launch, file=pdf())
    assert "Sent, being checked" in page
    file = File.objects.get()
    assert logo().evidence == file.public_id
    assert file.document.state == "sent"
    me.say(at(launch, "recover/send/"))
    assert step(launch).status == "done"
    screening.scan(file.pk, now=NOW)
    screening.read(file.pk, now=NOW)
    launch.check()
    assert launch.open("build")


def test_the_check_waits_until_the_evidence_is_scanned(me, launch):
    show(me, launch, file=pdf())
    me.say(at(launch, "recover/send/"))
    launch.check()
    assert launch.open("build") is None


def test_words_alone_are_evidence_too(me, launch):
    assert "It stands on our site" in show(me, launch, words="It stands on our site")
    assert logo().state == "fixed"


def test_nothing_is_no_evidence(me, launch):
    assert "Add a file, or say in words" in show(me, launch)
    wrong = SimpleUploadedFile("logo.exe", b"MZ", "application/x-msdownload")
    assert "We cannot take this kind of file" in show(me, launch, file=wrong)
    assert logo().state == "open"


def test_what_failed_its_test_is_asked_again_alone(me, launch):
    more = launch.add("assets", "The price list", owner="client")
    show(me, launch, words="On our site")
    items.fix(more, note="Sent by post", actor=launch.me, now=NOW)
    me.say(at(launch, "recover/send/"))
    items.retest(logo(), False, "That is the old one", actor=TESTER, now=NOW)
    launch.check()
    me.go(at(launch, "recover/"))
    assert "That is the old one" in me.text
    assert "The price list" not in me.text


def test_another_client_finds_no_item_and_ours_is_not_theirs_to_fix(me, launch, emil):
    ours = Item.objects.get(owner="us")
    assert me.post(at(launch, f"lists/recover/{ours.public_id}/"), {"words": "x"}).status_code == 404
    stranger = visitor_of(emil)
    assert stranger.post(at(launch, f"lists/recover/{logo().public_id}/")).status_code == 404


def test_the_story_tells_of_the_clients_items_only(me, launch):
    show(me, launch, words="On our site")
    me.go(at(launch))
    assert "You did number 1 of the list" in me.text
    assert "number 2 of the list" not in me.text
