"""Signing online: in order, of one file, each once; sealed after the last, whole or not at all."""

import hashlib
import io
import json

import pikepdf
import pytest

from pridvor.cases import actions as cases
from pridvor.cases.actions import Refused
from pridvor.cases.models import Attempt
from pridvor.clients.models import Person
from pridvor.documents import agreements, seals, shredding
from pridvor.documents.models import File
from pridvor.lib.actor import machine
from tests.conftest import actor_of, person
from tests.documents.contracting import BOGDAN, Contracting, content, words

pytestmark = pytest.mark.django_db
TWO = "[applicant, details.second]"


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS, settings.TSA = tmp_path / "documents", "stand-in"


@pytest.fixture
def ours(ana) -> Contracting:
    return Contracting(ana)


@pytest.fixture
def two(ana) -> Contracting:
    return Contracting(ana, TWO, second=BOGDAN)


def outcome(ours: Contracting) -> str:
    return Attempt.objects.get(case=ours.case, key="sign", number=1).outcome


# -- the contract


def test_it_is_set_once_as_a_file_that_is_named_by_its_digest(ours):
    ours.prepare()
    file = File.objects.get()
    assert hashlib.sha256(content(file)).hexdigest() == file.sha256
    assert [event.data["sha256"] for event in ours.events("contract.set")] == [file.sha256]
    assert "Ana Țăranu" in words(content(file))


def test_it_carries_what_it_was_made_from_and_nothing_of_its_answers(ours):
    with pikepdf.open(io.BytesIO(content(ours.agreement.presented))) as pdf:
        evidence = json.loads(pdf.attachments["evidence.json"].get_file().read_bytes())
    assert evidence["journey"] == str(ours.case.journey_version)
    assert {row["field"] for row in evidence["answers"]} == {"contact_name"}
    assert "Ana" not in json.dumps(evidence, ensure_ascii=False)


def test_its_text_for_screen_readers_says_what_its_pages_say(ours):
    said = agreements.text(ours.agreement, actor=actor_of(ours.ana), purpose="test", now=ours.time())
    pages = words(content(ours.agreement.presented)).replace("\xad", "")
    assert len(said) > 40
    squeezed = "".join(pages.split()).casefold()
    for piece in said:
        if piece.kind in ("article", "clause", "paragraph"):
            assert "".join(piece.text.split()).casefold()[:40] in squeezed


def test_it_claims_to_be_pdf_a_3_and_accessible(ours):
    with pikepdf.open(io.BytesIO(content(ours.agreement.presented))) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("3", "A", "1")
        assert pdf.Root.Lang == "ro"


# -- who signs


def test_one_who_is_named_by_address_signs_second_and_sees_the_case_no_further(two):
    ana, bogdan = two.people
    assert (ana.pk, agreements.next_signatory(two.agreement).person_id) == (two.ana.pk, two.ana.pk)
    with pytest.raises(Refused, match="not-your-turn"):
        two.both(bogdan, "Bogdan Ene")
    two.both()
    two.both(bogdan, "Bogdan Ene")
    assert agreements.next_signatory(two.agreement) is None


def test_without_a_second_address_the_applicant_signs_alone(ana):
    assert Contracting(ana, TWO).people == [ana]


def test_a_word_that_finds_nobody_leaves_the_applicant(ana):
    assert Contracting(ana, "signatory").people == [ana]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"sha256": "0" * 64}, "not-shown"),
        ({"name": " "}, "no-name"),
        ({"name": "A" * 121}, "no-name"),
        ({"consents": False}, "no-consent"),
    ],
)
def test_what_is_incomplete_is_no_signature(ours, given, code):
    ours.look()
    with pytest.raises(Refused, match=code):
        ours.sign(**given)
    assert not ours.events("contract.signed")


def test_nobody_signs_what_they_were_not_shown(ours):
    with pytest.raises(Refused, match="not-shown"):
        ours.sign()


def test_nobody_signs_twice(two):
    two.both()
    with pytest.raises(Refused, match="not-your-turn"):
        two.sign()


def test_a_stranger_signs_nothing(ours):
    with pytest.raises(Refused, match="not-your-turn"):
        ours.sign(person("emil@altafirma.example"), "Emil")


def test_the_ledger_says_who_and_when_and_nothing_personal(ours):
    ours.both()
    seen, signed = ours.events("contract.seen", "contract.signed")
    assert (signed.actor_id, signed.data["way"], signed.data["agent"]) == (
        str(ours.ana.subject),
        "code-by-mail",
        "firefox/desktop",
    )
    said = json.dumps([seen.data, signed.data], ensure_ascii=False)
    assert not any(word in said for word in ("Ana", "203.0.113", "electroinstal", "Mozilla"))


def test_declining_ends_the_step_with_a_reason_that_is_sealed(two):
    two.decline()
    assert outcome(two) == "declined"
    assert "prea scurt" not in json.dumps(two.events("contract.declined")[0].data, ensure_ascii=False)
    given = agreements.said(two.agreement, actor=actor_of(two.ana), purpose="test", now=two.time())
    assert given[1]["reason"] == "Termenul de plată este prea scurt"
    with pytest.raises(Refused, match="no-longer-open"):
        two.both()


def test_declining_needs_a_reason(ours):
    with pytest.raises(Refused, match="no-reason"):
        ours.decline(" ")


# -- sealing


def test_after_the_last_signature_the_contract_is_sealed_and_the_step_ends(two):
    two.both()
    two.seal()
    assert outcome(two) == ""
    two.both(two.people[1], "Bogdan Ene")
    assert outcome(two) == ""
    two.seal()
    agreement = two.agreement
    assert outcome(two) == "signed"
    assert agreement.facts["own"] is True
    assert agreement.facts["timestamp"]
    said = words(content(agreement.sealed))
    for wanted in ("Ana Țăranu", "Bogdan Ene", BOGDAN, "semnături electronice simple"):
        assert wanted in said


def test_the_sealed_file_carries_the_very_file_that_was_signed(ours):
    ours.both()
    ours.seal()
    with pikepdf.open(io.BytesIO(content(ours.agreement.sealed))) as pdf:
        signed = pdf.attachments["signed.pdf"].get_file().read_bytes()
        evidence = json.loads(pdf.attachments["evidence.json"].get_file().read_bytes())
    assert signed == content(ours.agreement.presented)
    assert evidence["signed"]["sha256"] == hashlib.sha256(signed).hexdigest()
    assert evidence["signatures"][0]["name"] == "Ana Țăranu"


def test_sealing_again_changes_nothing(ours):
    ours.both()
    ours.seal()
    before = ours.agreement.sealed.sha256
    ours.seal()
    assert ours.agreement.sealed.sha256 == before
    assert len(ours.events("contract.sealed")) == 1


def test_without_a_timestamp_nothing_is_sealed_and_it_goes_on_when_there_is_one(ours, settings):
    ours.both()
    settings.TSA = "http://127.0.0.1:9/"
    for _ in range(2):
        with pytest.raises(seals.NoTimestamp):
            ours.seal()
    assert (outcome(ours), ours.agreement.sealed, ours.agreement.waits_for) == ("", None, "tsa-address")
    assert len(ours.events("sealing.waits")) == 1
    settings.TSA = "stand-in"
    ours.seal()
    assert (outcome(ours), ours.agreement.waits_for) == ("signed", "")


def test_a_case_that_ended_meanwhile_is_not_sealed(ours):
    ours.both()
    cases.withdraw(ours.case, actor=actor_of(ours.ana), now=ours.time())
    ours.seal()
    assert ours.agreement.sealed is None


def test_erasing_the_person_leaves_no_contract_to_read(ours):
    ours.both()
    ours.seal()
    shredding.shred(Person.objects.get(pk=ours.ana.pk), actor=machine("test"), now=ours.time())
    assert not File.objects.exclude(state="removed").exists()
