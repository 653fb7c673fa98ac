"""The seal, before two validators; and what a changed byte does to it."""

import io
import random
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from pridvor.documents import seal_certificates, seals
from pridvor.documents.contract import Online, render_contract
from pridvor.documents.signatures import Trust, inspect
from pridvor.project import timestamps
from tests.documents import pki
from tests.documents.corpus import CONTRACT

pytestmark = pytest.mark.django_db

PDFSIG = shutil.which("pdfsig")
needs_pdfsig = pytest.mark.skipif(not PDFSIG, reason="pdfsig is missing: apt-get install poppler-utils")
PDF = render_contract(CONTRACT, "ro", online=Online(("Ana Țăranu",)))


@pytest.fixture(autouse=True)
def stand_in(settings):
    settings.TSA = seals.STAND_IN
    seals.learn(timestamps.ask)


@pytest.fixture
def sealed() -> bytes:
    return seals.seal(PDF, reason="PR-2026-000001").content


def own(settings) -> Trust:
    """Whoever trusts this installation's own root."""
    versions = settings.KEYS.derived("seal", seals.PURPOSE)
    held = seal_certificates.own(versions.of(versions.primary), settings.COMPANY["name"])
    return Trust(roots=(held.chain[1],))


def both(settings) -> Trust:
    """Whoever trusts the root of the tests, too: of the company's seal, or of the time."""
    return Trust(roots=(*own(settings).roots, pki.cast()["root"].certificate))


def verdict(pdf: bytes, trust: Trust):
    return inspect(io.BytesIO(pdf), trust)[0]


def by_poppler(pdf: bytes, tmp_path) -> str:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        [PDFSIG, "-nocert", str(path)], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout


def is_whole_by_poppler(pdf: bytes, tmp_path) -> bool:
    said = by_poppler(pdf, tmp_path)
    return "Signature is Valid." in said and "Total document signed" in said


@needs_pdfsig
def test_two_validators_call_it_valid_and_whole(sealed, settings, tmp_path):
    ours = verdict(sealed, own(settings))
    assert (ours.verdict, ours.covers_all) == ("valid", True)
    assert ours.timestamp
    assert is_whole_by_poppler(sealed, tmp_path)


def test_who_does_not_trust_the_own_root_sees_no_more_than_an_unchanged_file(sealed):
    report = verdict(sealed, pki.trust())
    assert (report.verdict, report.level) == ("untrusted", "simple")


def test_the_seal_keeps_the_file_pdf_a_and_its_certificate_the_same_each_time(sealed, settings):
    with pikepdf.open(io.BytesIO(sealed)) as pdf, pdf.open_metadata() as meta:
        assert (meta["pdfaid:part"], meta["pdfuaid:part"]) == ("3", "1")
    assert own(settings).roots[0].dump() == own(settings).roots[0].dump()


def flipped(pdf: bytes, count: int):
    chance = random.Random(31)
    for _ in range(count):
        place = chance.randrange(len(pdf))
        changed = bytearray(pdf)
        changed[place] ^= 1 << chance.randrange(8)
        yield place, bytes(changed)


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_changed_byte_is_accepted(sealed, settings, tmp_path, count):
    """Poppler looks neither at certificates nor at the time: of the signature itself only our own word counts."""
    trust, accepted, signature = own(settings), [], hole(sealed)
    for place, changed in flipped(sealed, count):
        ours = verdict(changed, trust)
        if ours.verdict == "valid" and ours.covers_all:
            accepted.append(place)
        if PDFSIG and place not in signature and is_whole_by_poppler(changed, tmp_path):
            accepted.append((place, "poppler"))
    assert accepted == []


def test_each_certificate_in_the_signature_is_there_once_and_is_needed(sealed, settings):
    place = hole(sealed)
    signature = bytes.fromhex(sealed[place.start : place.stop].decode())
    inside = cms.ContentInfo.load(signature)["content"]["certificates"]
    assert [one.chosen.self_signed for one in inside] == ["no"]
    proof = inside[0].chosen["signature_value"].contents.hex().encode()
    changed = sealed.replace(proof, proof[:-1] + (b"1" if proof.endswith(b"0") else b"0"))
    assert changed != sealed
    assert verdict(changed, own(settings)).verdict != "valid"


def hole(pdf: bytes) -> range:
    """Where the signature stands in the file, in hexadecimal, with the zeros that fill its room."""
    first = pdf.index(b"/Contents <") + 11
    return range(first, pdf.index(b">", first))


def test_a_company_seals_with_what_it_was_issued(settings, tmp_path):
    issued, above = pki.cast()["ana"], pki.cast()["between"]
    content = pkcs12.serialize_key_and_certificates(
        b"seal", issued.key, issued.x509, [above.x509], serialization.BestAvailableEncryption(b"parola")
    )
    settings.SEAL_FILE, settings.SEAL_PASSWORD = str(tmp_path / "seal.p12"), "parola"
    (tmp_path / "seal.p12").write_bytes(content)
    done = seals.seal(PDF, reason="PR-1")
    assert (done.facts["own"], done.facts["issuer"]) == (False, "Intermediar")
    report = verdict(done.content, both(settings))
    assert (report.verdict, report.level) == ("valid", "advanced")
    settings.SEAL_PASSWORD = "altceva"
    with pytest.raises(seals.sandbox.Failed, match="NoSeal"):
        seals.seal(PDF, reason="PR-1")


# -- the timestamp authority


class Authority:
    """A timestamp authority behind HTTP; `answer` makes the answer to a request."""

    def __init__(self, answer):
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked.append(self.headers["Content-Type"])
                made = answer(body)
                self.send_response(200 if made else 503)
                self.end_headers()
                self.wfile.write(made)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def honest(body: bytes) -> bytes:
    authority = pki.cast()["tsa"]
    stamper = DummyTimeStamper(tsa_cert=authority.certificate, tsa_key=authority.private)
    return stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()


def of_something_else(body: bytes) -> bytes:
    request = tsp.TimeStampReq.load(body)
    request["message_imprint"]["hashed_message"] = bytes(32)
    return honest(request.dump(force=True))


@pytest.fixture
def authority(settings):
    running = []

    def start(answer):
        made = Authority(answer)
        running.append(made.server)
        settings.TSA, settings.PROBE_ALLOW = made.url, [made.url.split("/")[2]]
        return made

    yield start
    for server in running:
        server.shutdown()


def test_the_time_is_asked_of_the_authority_and_stands_in_the_seal(authority, settings):
    made = authority(honest)
    done = seals.seal(PDF, reason="PR-1")
    assert made.asked == ["application/timestamp-query"]
    assert verdict(done.content, both(settings)).timestamp.isoformat() == done.facts["timestamp"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda body: b"", "tsa-refused"),
        (lambda body: b"<html>", "tsa-answer"),
        (of_something_else, "tsa-refused"),
    ],
)
def test_what_is_no_timestamp_of_ours_seals_nothing(authority, answer, code):
    authority(answer)
    with pytest.raises(seals.NoTimestamp) as missing:
        seals.seal(PDF, reason="PR-1")
    assert missing.value.code == code


def test_an_address_inside_is_not_called_unless_it_is_allowed(authority, settings):
    made = authority(honest)
    settings.PROBE_ALLOW = []
    with pytest.raises(seals.NoTimestamp) as missing:
        seals.seal(PDF, reason="PR-1")
    assert (missing.value.code, made.asked) == ("tsa-address", [])


def test_without_an_authority_the_seal_says_that_it_has_no_time(settings):
    settings.TSA = ""
    done = seals.seal(PDF, reason="PR-1")
    assert done.facts["timestamp"] == ""
    assert verdict(done.content, own(settings)).verdict == "valid"


def test_revocation_lists_go_into_the_file(settings, tmp_path):
    issued, above = pki.cast()["ana"], pki.cast()["between"]
    (tmp_path / "seal.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", issued.key, issued.x509, [above.x509], serialization.NoEncryption()
        )
    )
    (tmp_path / "between.crl").write_bytes(above.revokes().dump())
    settings.SEAL_FILE, settings.SEAL_PASSWORD = str(tmp_path / "seal.p12"), ""
    settings.TRUST_FOLDER = str(tmp_path)
    done = seals.seal(PDF, reason="PR-1")
    with pikepdf.open(io.BytesIO(done.content)) as pdf:
        assert len(pdf.Root.DSS.CRLs) == 1
    assert verdict(done.content, both(settings)).verdict == "valid"
