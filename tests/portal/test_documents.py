"""Papers: put down, checked, taken back, sent; in pieces, from a phone, and without scripts."""

import base64
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pridvor.cases import actions as cases
from pridvor.cases.models import Event
from pridvor.documents import screening
from pridvor.documents.models import Document, File
from pridvor.lib import clock
from tests.conftest import WORKER
from tests.documents import corpus
from tests.portal.conftest import IBAN, Visitor, at, attempt

pytestmark = pytest.mark.django_db
PDF = corpus.typeset()
SIZE = len(PDF)
PAPERS = [corpus.typeset(f"Paper {number}") for number in range(3)]
ITEMS = ("registration-certificate", "bank-letter", "contract")


def file(name="paper.pdf", content=PDF, kind="application/pdf"):
    return SimpleUploadedFile(name, content, content_type=kind)


def put(visitor, case, item, *files):
    return visitor.say(at(case, "collect", item, "send"), file=list(files) or [file()])


def cleared():
    """As if the worker had scanned and read everything."""
    File.objects.filter(state="quarantined").update(
        state="clean", cleared_at=clock.now(), read_at=clock.now()
    )


@pytest.fixture
def ready(visitor, case):
    for number, item in enumerate(ITEMS):
        put(visitor, case, item, file(content=PAPERS[number]))
    cleared()
    return case


def begin(visitor, case, length=SIZE, name="paper.pdf", item="bank-letter", **headers):
    told = {"filename": name, "filetype": "application/pdf", "step": "collect", "item": item}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    return visitor.post(
        at(case, "files"),
        content_type="application/x-www-form-urlencoded",
        data=b"",
        headers={"Upload-Length": str(length), "Upload-Metadata": metadata, **headers},
    )


def add(visitor, place, offset, piece):
    return visitor.patch(
        place, piece, content_type="application/offset+octet-stream", headers={"Upload-Offset": str(offset)}
    )


def test_every_paper_has_its_place_on_the_page(visitor, case):
    visitor.go(at(case, "collect"))
    assert [f'id="{item}"' in visitor.text for item in ITEMS] == [True] * 3
    assert "Enter your bank account first" in visitor.text


def test_a_file_from_a_classic_form_arrives_and_is_checked(visitor, case):
    put(visitor, case, "bank-letter")
    assert "Received. We are checking it." in visitor.text
    assert File.objects.get().state == "quarantined"


def test_what_is_wrong_with_a_file_is_said_with_the_way_out(visitor, case):
    put(visitor, case, "bank-letter", file("letter.exe.pdf"))
    assert "has two endings" in visitor.text
    put(visitor, case, "bank-letter", file("letter.pdf", b"plain words"))
    assert "We cannot take this kind of file" in visitor.text


def test_a_blurred_photo_is_told_before_it_is_sent(visitor, case):
    put(visitor, case, "bank-letter")
    cleared()
    File.objects.update(remarks=["blurred", "cut-edges"])
    visitor.go(at(case, "collect"))
    assert "This photo is blurred" in visitor.text
    assert "cut off at the edge" in visitor.text


def test_a_classic_form_without_a_file_says_so(visitor, case):
    visitor.say(at(case, "collect", "bank-letter", "send"))
    assert "No file was chosen" in visitor.text


def test_a_forged_form_is_refused(case, visitor):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.cookies
    assert strict.post(at(case, "collect", "bank-letter", "send"), {"file": file()}).status_code == 403
    assert not File.objects.exists()
    assert begin(strict, case).status_code == 403


def test_a_file_can_be_removed_before_sending(visitor, case):
    put(visitor, case, "bank-letter")
    visitor.say(at(case, "files", str(File.objects.get().public_id), "remove"))
    assert File.objects.get().state == "removed"
    assert "paper.pdf" not in visitor.text


def test_what_is_not_ready_is_not_sent_and_said(visitor, case):
    put(visitor, case, "bank-letter")
    visitor.say(at(case, "collect", "send"))
    assert "Registration certificate: There is no file here yet" in visitor.text
    assert attempt(case, "collect").status == "open"
    assert not Document.objects.filter(state="sent").exists()


def test_a_file_that_is_still_arriving_holds_the_sending(visitor, ready):
    begin(visitor, ready)
    visitor.say(at(ready, "collect", "send"))
    assert "A file is still arriving" in visitor.text


def test_sending_freezes_the_papers_and_the_case_goes_on(visitor, ready):
    visitor.say(at(ready, "collect", "send"))
    assert Document.objects.filter(state="sent").count() == 3
    assert attempt(ready, "collect").status == "done"
    visitor.say(at(ready, "collect", "send"))
    assert "This part has been sent" in visitor.text


def test_the_own_copy_can_be_fetched_once_it_is_clean(visitor, case):
    put(visitor, case, "bank-letter")
    place = at(case, "files", str(File.objects.get().public_id), "copy")
    assert visitor.get(place).status_code == 404
    cleared()
    answer = visitor.get(place)
    assert b"".join(answer.streaming_content) == PDF
    assert "attachment" in answer["Content-Disposition"]


@pytest.fixture
def asked_again(visitor, ready):
    visitor.say(at(ready, "bank", "account"), iban=IBAN)
    visitor.say(at(ready, "collect", "send"))
    cases.complete(
        attempt(ready, "screen"),
        "fail",
        actor=WORKER,
        now=clock.now(),
        targets=["collect"],
        wanted={"collect": ["bank-letter"]},
        reasons=[{"step": "collect", "item": "bank-letter", "code": "unreadable"}],
    )
    return ready


def test_only_the_wrong_paper_is_asked_again_with_its_reason(visitor, asked_again):
    visitor.go(at(asked_again, "collect"))
    assert "It cannot be read well" in visitor.text
    assert "Registration certificate</b> was good and stays" in visitor.text
    assert 'id="drop-contract"' not in visitor.text


def test_the_wrong_paper_alone_is_sent_again(visitor, asked_again):
    visitor.say(at(asked_again, "collect", "send"))
    assert "There is no file here yet" in visitor.text
    put(visitor, asked_again, "bank-letter", file(content=corpus.typeset("A better one")))
    cleared()
    visitor.say(at(asked_again, "collect", "send"))
    assert attempt(asked_again, "collect").status == "done"
    assert Document.objects.filter(state="sent").count() == 3


def test_the_same_file_again_is_refused_unless_one_insists(visitor, asked_again):
    put(visitor, asked_again, "bank-letter", file(content=PAPERS[1]))
    assert "already sent exactly this file" in visitor.text
    refused = File.objects.get(state="refused")
    visitor.say(at(asked_again, "files", str(refused.public_id), "insist"))
    refused.refresh_from_db()
    assert (refused.state, refused.insist) == ("quarantined", True)
    assert Event.objects.get(case=asked_again, kind="item.insisted").data["item"] == "bank-letter"


def test_an_upload_cut_at_sixty_percent_goes_on_from_there(visitor, case):
    place, cut = begin(visitor, case)["Location"], len(PDF) * 6 // 10
    assert add(visitor, place, 0, PDF[:cut]).status_code == 204
    standing = visitor.head(place)
    assert (standing["Upload-Offset"], standing["Upload-Length"], standing["Upload-State"]) == (
        str(cut),
        str(len(PDF)),
        "receiving",
    )
    visitor.go(at(case, "collect"))
    assert re.search(r"(59|60) % has arrived", visitor.text)
    assert add(visitor, place, cut, PDF[cut:])["Upload-State"] == "quarantined"


def test_a_piece_for_another_place_is_told_where_the_file_stands(visitor, case):
    place = begin(visitor, case)["Location"]
    add(visitor, place, 0, PDF[:100])
    answer = add(visitor, place, 0, PDF[:100])
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "100")


def test_a_file_that_cannot_be_taken_is_refused_before_its_first_byte(visitor, case):
    assert begin(visitor, case, name="virus.exe").json()["code"] == "wrong-type"
    answer = begin(visitor, case, length=10**12)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("item", ["passport", ""])
def test_a_paper_that_nobody_asked_for_is_refused(visitor, case, item):
    assert begin(visitor, case, item=item).status_code == 409


def test_an_upload_can_be_taken_back(visitor, case):
    place = begin(visitor, case)["Location"]
    assert visitor.delete(place).status_code == 204
    assert visitor.head(place).status_code == 410


def test_another_person_reaches_no_file(visitor, another, case):
    place = begin(visitor, case)["Location"]
    another.come_back("emil@altafirma.example")
    assert [
        another.head(place).status_code,
        another.delete(place).status_code,
        begin(another, case).status_code,
    ] == [404, 404, 404]
    assert put(another, case, "bank-letter").status_code == 404


def test_the_contract_comes_filled_in(visitor, case):
    answer = visitor.get(at(case, "collect", "contract", "contract"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert visitor.get(at(case, "collect", "bank-letter", "contract")).status_code == 404


# -- the phone


@pytest.fixture
def link(visitor, case, monkeypatch):
    """What the square code on the page says."""
    seen = []
    monkeypatch.setattr(
        "segno.make",
        lambda text, **_: seen.append(text) or type("Q", (), {"svg_inline": lambda self, **_: "<svg/>"})(),
    )
    visitor.go(at(case, "collect"))
    return seen[-1].removeprefix("http://testserver")


@pytest.fixture
def phone(link):
    visitor = Visitor(headers={"accept-language": "en"})
    visitor.go(link)
    assert "Go on with this phone" in visitor.text
    visitor.say(link)
    return visitor


def test_a_phone_may_add_files_to_this_case_and_see_nothing_else(phone, case):
    assert phone.at == at(case, "collect")
    assert "Send these documents" not in phone.text
    put(phone, case, "bank-letter")
    assert File.objects.get().by_role == "phone"
    for page in ((), ("sent",), ("details", "contact"), ("collect", "contract", "contract")):
        assert phone.get(at(case, *page)).status_code in (302, 404)
    assert phone.get(at(case, "bank")).status_code == 404


def test_a_link_opens_one_phone(phone, link):
    second = Visitor(headers={"accept-language": "en"})
    assert second.go(link).status_code == 410
    phone.go(link)
    assert phone.at.endswith("/collect/")


def test_an_old_or_altered_link_opens_nothing(visitor, link, monkeypatch):
    assert Visitor().get(link[:-3] + "x/").status_code == 410
    monkeypatch.setattr("pridvor.portal.views.handover.MINUTES", -1)
    assert Visitor().get(link).status_code == 410


@pytest.fixture(autouse=True)
def empty_cache(db):
    yield
    cache.clear()


def test_a_file_is_really_scanned_and_read(visitor, case):
    put(visitor, case, "bank-letter")
    found = File.objects.get()
    screening.scan(found.pk, now=clock.now())
    found.refresh_from_db()
    assert found.state == "clean"
