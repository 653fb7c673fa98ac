"""What people ask for about their own data, through the door, without a script."""

import io
import json
import zipfile

import pytest

from pridvor.clients import actions as clients
from pridvor.lib import clock
from pridvor.privacy import requests, texts
from pridvor.privacy.models import Request
from pridvor.vault import queries as vault
from tests.conftest import CARMEN, CRISTINA, NOW
from tests.portal.conftest import Visitor, visitor_of
from tests.privacy.conftest import PERSONAL, place, story

pytestmark = pytest.mark.django_db
__all__ = ["place", "story"]


@pytest.fixture
def browser(story):
    return visitor_of(story.person)


def test_every_way_is_named_on_the_page_about_data(client):
    text = client.get("/privacy/", headers={"accept-language": "en"}).content.decode()
    assert all(f'href="/privacy/{way}/"' in text for way in ("looks", "copy", "consents", "erasure"))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "work on your registration"), ("ro", "lucrul la înregistrarea")]
)
def test_who_looked_is_told_by_role_and_never_by_name(story, language, words):
    clients.reveal_refs(
        {"phone": story.case.person.email_ref},
        actor=CARMEN,
        purpose="work on the case",
        now=NOW,
        case=story.case.reference,
    )
    browser = visitor_of(story.person, language)
    browser.go("/privacy/looks/")
    assert words in browser.text
    assert CARMEN.id not in browser.text


def test_another_person_s_looks_are_not_there(story, emil):
    clients.note_look(
        story.person.subject, ["copy:passport"], actor=CARMEN, purpose="work on the case", now=NOW
    )
    browser = visitor_of(emil)
    browser.go("/privacy/looks/")
    assert "copy of" not in browser.text


def test_a_copy_is_asked_for_made_and_fetched_with_a_code(story, browser):
    browser.say("/privacy/copy/")
    assert "It is being made" in browser.text
    requests.make_copy(Request.objects.get(), now=clock.now())
    browser.go("/privacy/copy/")
    assert "Your copy is ready" in browser.text
    browser.say("/privacy/copy/", fetch="1")
    assert browser.at == "/privacy/copy/code/"
    answer = browser.post("/privacy/copy/code/", {"code": browser.code()})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert PERSONAL["phone"] in archive.read("data.json").decode()
    assert json.loads(archive.read("manifest.json"))["files"]


def test_no_copy_without_the_code(story, browser):
    requests.make_copy(
        requests.ask_copy(story.person, language="en", actor=story.me, now=clock.now()), now=clock.now()
    )
    assert browser.get("/privacy/copy/code/").status_code == 404
    browser.say("/privacy/copy/", fetch="1")
    browser.say("/privacy/copy/code/", code="000000" if browser.code() != "000000" else "111111")
    assert "This is not the code" in browser.text


def test_a_code_for_the_copy_erases_nothing(story, browser):
    requests.make_copy(
        requests.ask_copy(story.person, language="en", actor=story.me, now=clock.now()), now=clock.now()
    )
    browser.say("/privacy/copy/", fetch="1")
    assert browser.post("/privacy/erasure/code/", {"code": browser.code()}).status_code == 404
    assert not Request.objects.filter(kind="erasure").exists()


def test_erasure_takes_a_code_and_ends_with_a_certificate(story, browser):
    browser.go("/privacy/erasure/")
    assert "What can go now" in browser.text
    browser.say("/privacy/erasure/")
    browser.say("/privacy/erasure/code/", code=browser.code())
    assert "It is decided" in browser.text
    request = Request.objects.get()
    requests.carry_out(now=request.decided_at + requests.LETTER_WITHIN)
    assert vault.is_erased(story.person.subject)
    letter = Visitor().get(f"/privacy/letters/{request.letter}/")
    assert (letter["Content-Type"], letter.content[:5]) == ("application/pdf", b"%PDF-")
    browser.go("/privacy/erasure/")
    assert browser.at.startswith("/track/"), "there is nobody to sign in as"


def test_what_a_law_keeps_is_said_before_and_the_request_can_be_taken_back(story):
    story.approved()
    browser = visitor_of(story.person)
    browser.go("/privacy/erasure/")
    assert "Law 129/2019" in browser.text
    browser.say("/privacy/erasure/")
    browser.say("/privacy/erasure/code/", code=browser.code())
    assert "A person decides it" in browser.text
    browser.say("/privacy/erasure/withdraw/")
    assert Request.objects.get().state == "withdrawn"


def test_an_undecided_request_has_no_letter(story):
    story.approved()
    request = requests.ask_erasure(story.person, language="en", actor=story.me, now=NOW)
    assert Visitor().get(f"/privacy/letters/{request.letter}/").status_code == 404


def test_consents_are_given_and_taken_back(story, browser):
    browser.say("/privacy/consents/", kind="marketing-mail", given="1")
    browser.say("/privacy/consents/", kind="marketing-mail", given="0")
    assert [row.given for row in texts.history(story.person)] == [False, True]
    assert "You took this back" in browser.text


@pytest.mark.parametrize("said", [{"kind": "terms", "given": "0"}, {"kind": "nothing", "given": "1"}])
def test_what_registering_needs_is_not_taken_back_here(browser, said):
    assert browser.post("/privacy/consents/", said).status_code == 404


def test_changed_terms_are_asked_about_on_the_next_visit(story, browser):
    texts.accept_needed(story.person, language="en", actor=story.me, now=NOW)
    browser.go("/track/")
    assert "Our terms have changed" not in browser.text
    words = {"en": "New", "ro": "Nou"}
    texts.publish("terms", words, words, asks_again=True, actor=CRISTINA, now=NOW)
    browser.go("/track/")
    assert "Our terms have changed" in browser.text
    browser.say("/privacy/consents/", kind="terms", given="1")
    browser.go("/track/")
    assert "Our terms have changed" not in browser.text


def test_registering_records_what_was_agreed_to(journey):
    browser = Visitor(headers={"accept-language": "ro"})
    browser.register()
    agreed = texts.Acceptance.objects.values_list("text__kind", "text__number", "language", "given")
    assert set(agreed) == {("terms", 1, "ro", True), ("privacy", 1, "ro", True)}


def test_an_earlier_version_stays_readable(client):
    words = {"en": "Second", "ro": "A doua"}
    texts.publish("terms", words, words, asks_again=False, actor=CRISTINA, now=NOW)
    assert "Second" in client.get("/privacy/texts/terms/", headers={"accept-language": "en"}).content.decode()
    older = client.get("/privacy/texts/terms/?version=1", headers={"accept-language": "en"}).content.decode()
    assert "Terms of use of this place" in older
