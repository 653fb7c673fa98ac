"""A certification authority of our own, and PDFs signed in every way that matters."""

import datetime
import io
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pridvor.documents.signatures import Trust

NOW = datetime.datetime.now(datetime.UTC)
QUALIFIED = bytes.fromhex("300a3008060604008e460101")  # QcStatements with QcCompliance alone
IN_DEVICE = bytes.fromhex(
    "30143008060604008e4601013008060604008e460104"
)  # and QcSSCD: the key is in such a device


class Authority:
    """One key and its certificate."""

    def __init__(
        self, name, issuer=None, *, ca=False, since=-365, until=3650, usage=None, statements=None, rsa=False
    ):
        self.key = generate_rsa(65537, 2048) if rsa else ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Probă SRL"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        issuer = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + datetime.timedelta(days=since))
            .not_valid_after(NOW + datetime.timedelta(days=until))
            .add_extension(x509.BasicConstraints(ca, None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
            .add_extension(
                x509.KeyUsage(not ca, not ca and not usage, False, False, False, ca, ca, False, False), True
            )
        )
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), True)
        if statements:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"), statements), False
            )
        self.x509 = builder.sign(issuer.key, hashes.SHA256())
        self.certificate = asn1_x509.Certificate.load(self.x509.public_bytes(serialization.Encoding.DER))

    @property
    def private(self):
        der = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return asn1_keys.PrivateKeyInfo.load(der)

    def revokes(self, other=None):
        """A revocation list of this authority, with the other's certificate on it."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(NOW - datetime.timedelta(days=1))
        )
        builder = builder.next_update(NOW + datetime.timedelta(days=30)).add_extension(
            x509.CRLNumber(1), False
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
        )
        if other:
            row = (
                x509.RevokedCertificateBuilder()
                .serial_number(other.x509.serial_number)
                .revocation_date(NOW - datetime.timedelta(hours=20))
            )
            builder = builder.add_revoked_certificate(row.build())
        return asn1_crl.CertificateList.load(
            builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        )


@cache
def cast() -> dict[str, Authority]:
    root, evil = Authority("Rădăcina", ca=True), Authority("Altă rădăcină", ca=True)
    between = Authority("Intermediar", root, ca=True)
    return {
        "root": root,
        "evil": evil,
        "between": between,
        "ana": Authority("Ana Țăranu", between),
        "stranger": Authority("Ana Țăranu", evil),
        "late": Authority("Ana Țăranu", between, since=-400, until=-30),
        "qualified": Authority("Ana Țăranu", between, statements=QUALIFIED),
        "in-device": Authority("Ana Țăranu", between, statements=IN_DEVICE),
        "tsa": Authority("Marcă temporală", root, usage=ExtendedKeyUsageOID.TIME_STAMPING, rsa=True),
    }


def trust(*, qualified: bool = False, crls: tuple = ()) -> Trust:
    people = cast()
    root, between = people["root"].certificate, people["between"].certificate
    return Trust((root,), (root,) if qualified else (), (between,), crls)


def apart(work):
    """Run it in a thread of its own: pyhanko starts an event loop, and a browser's may be running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def sign(
    pdf: bytes,
    who: str,
    *,
    field: str = "Semnatura1",
    stamped: bool = False,
    at: datetime.datetime | None = None,
) -> bytes:
    person = cast()[who]
    store = SimpleCertificateStore()
    store.register(cast()["between"].certificate)
    signer = signers.SimpleSigner(
        signing_cert=person.certificate, signing_key=person.private, cert_registry=store
    )
    tsa = cast()["tsa"]
    stamper = (
        DummyTimeStamper(tsa_cert=tsa.certificate, tsa_key=tsa.private, fixed_dt=at) if stamped else None
    )
    meta = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    apart(lambda: signers.PdfSigner(meta, signer=signer, timestamper=stamper).sign_pdf(writer, output=out))
    return out.getvalue()
