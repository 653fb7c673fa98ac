"""The copy of everything: complete, in the published form, sealed until it is fetched, gone afterwards."""

import hashlib
import io
import json
import time
import zipfile
from datetime import timedelta

import jsonschema
import pytest

from pridvor.cases import secrets
from pridvor.documents.models import File
from pridvor.notifications.models import Message
from pridvor.privacy import exporting, requests, texts
from pridvor.privacy.models import Request
from pridvor.vault import queries as vault
from tests.conftest import NOW
from tests.documents.corpus import typeset
from tests.privacy.conftest import PERSONAL, Story, stored

pytestmark = pytest.mark.django_db


def copy_of(story, now=NOW):
    request = requests.ask_copy(story.person, language="en", actor=story.me, now=now)
    requests.make_copy(request, now=now)
    return Request.objects.select_related("person").get(pk=request.pk)


def opened(request):
    return zipfile.ZipFile(io.BytesIO(b"".join(exporting.chunks(request))))


def test_the_copy_holds_what_was_given_in_the_published_form(story):
    texts.accept_needed(story.person, language="ro", actor=story.me, now=NOW)
    archive = opened(copy_of(story.noted("nobody's business of hers")))
    data = json.loads(archive.read("data.json"))
    jsonschema.validate(data, json.loads(archive.read("schema.json")))
    said = archive.read("data.json").decode()
    assert [value for value in PERSONAL.values() if value not in said] == []
    assert [row["text"] for row in data["consents"]] == ["privacy", "terms"]
    assert [look["purpose"] for look in data["looks"]][:1] == [exporting.PURPOSE]
    page = archive.read("index.html").decode()
    assert PERSONAL["iban"] in page
    assert "Your name" in page


def test_files_come_as_they_were_sent_and_the_manifest_proves_each(filed):
    archive = opened(copy_of(filed))
    manifest = {row["name"]: row for row in json.loads(archive.read("manifest.json"))["files"]}
    assert manifest.keys() | {"manifest.json"} == set(archive.namelist())
    for name, row in manifest.items():
        content = archive.read(name)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (row["bytes"], row["sha256"])
    papers = [name for name in manifest if name.startswith("files/")]
    sent = File.objects.values_list("sha256", flat=True)
    assert sorted(manifest[name]["sha256"] for name in papers) == sorted(sent)
    assert len(papers) == 2


def test_a_copy_holds_nothing_of_others_and_no_credential(story, emil):
    Story(emil, name="Alta Firma SRL", cui="14399840", vat="").answered()
    said = opened(copy_of(story)).read("data.json").decode()
    assert "Alta Firma" not in said
    assert str(emil.subject) not in said
    assert secrets.live(story.case) == []


def test_the_store_holds_it_sealed(story, tmp_path):
    copy_of(story)
    (kept,) = stored(tmp_path)
    assert kept.read_bytes()[:2] != b"PK"
    assert [value for value in PERSONAL.values() if value.encode() in kept.read_bytes()] == []


def test_it_is_told_by_mail_once_it_is_ready(story):
    request = copy_of(story)
    requests.make_copy(request, now=NOW)
    assert Message.objects.filter(template="copy-ready").count() == 1


def test_making_and_fetching_stand_in_the_access_ledger(story):
    requests.fetched(copy_of(story), actor=story.me, now=NOW)
    purposes = [look.purpose for look in vault.looks(story.person.subject) if look.fields == ["export"]]
    assert purposes == ["fetch the copy of one's own data", exporting.PURPOSE]


def test_after_seven_days_it_is_gone(story, tmp_path):
    request = copy_of(story)
    late = NOW + timedelta(days=7)
    with pytest.raises(requests.NotNow):
        requests.fetched(request, actor=story.me, now=late)
    assert requests.end_copies(now=late) == 1
    assert stored(tmp_path) == []


def test_one_copy_at_a_time(story):
    requests.ask_copy(story.person, language="en", actor=story.me, now=NOW)
    with pytest.raises(requests.Already):
        requests.ask_copy(story.person, language="en", actor=story.me, now=NOW)


@pytest.mark.slow
def test_fifty_files_are_copied_within_a_minute(ana):
    story, other = Story(ana).answered(), Story(ana, name="Electro Doi SRL").answered()
    for number in range(50):
        into = other if number >= 40 else story
        into.upload(("bank-letter", "passport")[number % 2], typeset(f"{number}"), f"{number}.pdf")
    began = time.monotonic()
    archive = opened(copy_of(story))
    assert len([name for name in archive.namelist() if name.startswith("files/")]) == 50
    assert time.monotonic() - began < 60
