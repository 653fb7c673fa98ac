"""What a signature is worth: nothing is called valid that is not, and nothing qualified without a list that says so."""

import datetime
import io

import pytest
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.generic import NameObject, NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from pridvor.documents.contract import render_contract
from pridvor.documents.signatures import Trust, inspect, trust_in
from tests.documents import pki
from tests.documents.corpus import CONTRACT, blank, saved

PDF = render_contract(CONTRACT, "ro")


def verdicts(pdf: bytes, trust: Trust | None = None) -> list[str]:
    return [report.verdict for report in inspect(io.BytesIO(pdf), trust or pki.trust())]


def changed(pdf: bytes) -> bytes:
    """The page made upside down in an update after the signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    page[NameObject("/Rotate")] = NumberObject(180)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_valid_signature_names_its_signer_and_is_at_most_advanced():
    report = inspect(io.BytesIO(pki.sign(PDF, "ana")), pki.trust())[0]
    assert (report.verdict, report.level, report.signer, report.organisation) == (
        "valid",
        "advanced",
        "Ana Țăranu",
        "Probă SRL",
    )
    assert report.covers_all
    assert report.is_valid
    assert report.timestamp is None


def test_a_timestamp_tells_when():
    at = pki.NOW - datetime.timedelta(days=3)
    report = inspect(io.BytesIO(pki.sign(PDF, "ana", stamped=True, at=at)), pki.trust())[0]
    assert report.verdict == "valid"
    assert abs(report.timestamp - at) < datetime.timedelta(seconds=2)


@pytest.mark.parametrize(("who", "verdict"), [("stranger", "untrusted"), ("late", "expired")])
def test_a_certificate_that_is_not_good_is_told_apart(who, verdict):
    assert verdicts(pki.sign(PDF, who)) == [verdict]


def test_a_certificate_that_expired_after_a_proven_signing_is_valid():
    at = pki.NOW - datetime.timedelta(days=100)
    assert verdicts(pki.sign(PDF, "late", stamped=True, at=at)) == ["valid"]


def test_without_any_trusted_root_nothing_is_valid():
    assert verdicts(pki.sign(PDF, "ana"), Trust()) == ["untrusted"]


def test_a_changed_byte_is_tampering():
    signed = bytearray(pki.sign(PDF, "ana"))
    signed[len(PDF) // 2] ^= 1
    assert verdicts(bytes(signed)) == ["tampered"]


def test_a_page_changed_after_signing_is_noticed():
    assert verdicts(changed(pki.sign(PDF, "ana"))) == ["changed-after-signing"]


def test_a_second_signature_changes_nothing_about_the_first():
    assert verdicts(pki.sign(pki.sign(PDF, "ana"), "stranger", field="Semnatura2")) == ["valid", "untrusted"]


@pytest.mark.parametrize("content", [PDF, saved(blank())])
def test_an_unsigned_document_is_said_to_be_so(content):
    assert verdicts(content) == ["unsigned"]


def test_a_revoked_certificate_is_refused_although_it_names_no_list():
    people = pki.cast()
    crls = (people["between"].revokes(people["ana"]), people["root"].revokes())
    assert verdicts(pki.sign(PDF, "ana"), pki.trust(crls=crls)) == ["revoked"]
    assert verdicts(
        pki.sign(PDF, "ana"), pki.trust(crls=(people["between"].revokes(), people["root"].revokes()))
    ) == ["valid"]


@pytest.mark.parametrize(
    ("who", "listed", "level"),
    [
        ("qualified", True, "qualified"),
        ("qualified", False, "advanced"),
        ("ana", True, "advanced"),
        ("stranger", True, "simple"),  # signed by somebody, of whom nobody vouches
    ],
)
def test_qualified_needs_the_certificate_and_the_list(who, listed, level):
    assert inspect(io.BytesIO(pki.sign(PDF, who)), pki.trust(qualified=listed))[0].level == level


def test_trust_is_read_from_a_folder(tmp_path):
    people = pki.cast()
    (tmp_path / "qualified").mkdir()
    for name, who in (("a.pem", "evil"), ("qualified/r.pem", "root")):
        (tmp_path / name).write_bytes(people[who].x509.public_bytes(serialization.Encoding.PEM))
    trust = trust_in(tmp_path)
    assert len(trust.roots) == 2
    assert inspect(io.BytesIO(pki.sign(PDF, "qualified")), trust)[0].level == "qualified"
    assert trust_in("") == Trust()
