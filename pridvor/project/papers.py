"""Papers of the demo's fictional companies, and an electronic signature to try things out with. All worth nothing."""

import argparse
import io
import json
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pridvor.cases import actions as case_actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.connectors.findings import Company
from pridvor.documents import contract
from pridvor.lib import clock, identifiers
from pridvor.lib.actor import machine
from pridvor.portal import paper

TEMPLATE = Path(__file__).parent / "demo_papers"
FOOT = "Document fictiv, pentru demonstrație. Nu are nicio valoare. / A fictional paper, for a demonstration only."
YEARS = timedelta(days=3650)


def command(given: argparse.Namespace) -> int:
    """The command `paper`: write a paper of a case's fictional company, as PDF, to standard output."""
    case = next(iter(cases.by_reference(given.case)), None)
    if case is None:
        return 1
    sys.stdout.buffer.write(of_case(case, given.item))
    return 0


def of_case(case: Case, item: str) -> bytes:
    """What the case's company would send for this item."""
    client = case.client
    company = Company(
        client.country,
        client.cui or client.vat,
        client.name,
        client.vat,
        client.registration_number,
        client.street,
        client.city,
        client.county,
        client.postal_code,
    )
    now, me = clock.now(), machine("demo")
    if item == "registration-certificate":
        return registration_certificate(company)
    if item == "bank-letter":
        iban = case_actions.reveal(case, ["iban"], actor=me, purpose="demo paper", now=now).get("iban", "")
        return bank_letter(company, iban)
    return signed(contract.render_contract(paper.contract_data(case, actor=me, now=now), case.language))


def registration_certificate(company: Company) -> bytes:
    rows = [
        ("Denumire", company.name),
        ("Cod unic de înregistrare", company.number),
        ("Nr. de ordine în registru", company.registration_number),
        ("Sediu social", f"{company.street}, {company.city}, {company.county}"),
    ]
    return _set(
        "Certificat de înregistrare",
        "Ministerul Justiției · Oficiul Național al Registrului Comerțului",
        "eliberat în temeiul Legii nr. 265/2022",
        rows,
        [
            "Se certifică înregistrarea firmei de mai sus în registrul comerțului, la data și cu numărul arătate."
        ],
    )


def bank_letter(company: Company, iban: str) -> bytes:
    rows = [
        ("Titularul contului", company.name),
        ("Cod unic de înregistrare", company.number),
        ("IBAN", identifiers.iban_spaced(iban)),
        ("Moneda", "RON"),
    ]
    return _set(
        "Confirmare de cont",
        "Banca Demonstrativă S.A.",
        "la cererea titularului",
        rows,
        [
            "Confirmăm că societatea de mai sus este titulara contului bancar arătat și că acesta este activ la data prezentei."
        ],
    )


def signed(pdf: bytes) -> bytes:
    """The PDF with an advanced electronic signature by the demo's signer, whose root the demo trusts."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = io.BytesIO()
    signers.PdfSigner(metadata, signer=_signer()).sign_pdf(writer, output=out)
    return out.getvalue()


def trust_folder() -> Path:
    """Where the demo's root certificate lies; made with the first signature."""
    return Path(settings.DATA) / "trust"


def _set(title: str, issuer: str, subtitle: str, rows: list[tuple[str, str]], paragraphs: list[str]) -> bytes:
    data: dict[str, Any] = {
        "title": title,
        "issuer": issuer,
        "subtitle": subtitle,
        "rows": rows,
        "paragraphs": paragraphs,
        "foot": FOOT,
    }
    made = typst.compile(
        str(TEMPLATE / "paper.typ"),
        root=str(TEMPLATE),
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
    )
    assert isinstance(made, bytes)
    return made


@cache
def _signer() -> signers.SimpleSigner:
    key, certificate = _authority()
    mine, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    own = (
        _builder("Administrator Demonstrativ", certificate.subject, mine, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)))
    private = mine.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(own.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )


def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The demo's root, made once and kept in the data folder."""
    folder = trust_folder()
    certificate_file, key_file = folder / "demo-root.pem", Path(settings.DATA) / "demo-root.key"
    if certificate_file.exists() and key_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key, x509.load_pem_x509_certificate(certificate_file.read_bytes())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pridvor Demo Root")])
    certificate = (
        _builder("Pridvor Demo Root", name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _builder(
    common_name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + YEARS)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_cert_sign=not signs,
        crl_sign=not signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
