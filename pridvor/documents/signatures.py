"""Electronic signatures in a PDF: who, when, whether still what was signed, and how much it may be trusted.

Runs inside a sandbox process (signing.py): pyhanko costs 0.7 s to import, and the PDF is a stranger's. PAdES by ETSI EN 319 142-1, certificate path by
RFC 5280, QcStatements by ETSI EN 319 412-5. Nothing is fetched from the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from asn1crypto import crl as asn1_crl
from asn1crypto import parser, pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.qualified.tsp import TSPRegistry
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from pridvor.documents import trusted_lists
from pridvor.documents.signature_reports import Level, SignatureReport, Verdict

QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
QC_COMPLIANCE = "0.4.0.1862.1.1"
REVOKED = {"REVOKED_NO_POE", "REVOKED_CA_NO_POE", "REVOKED"}
EXPIRED = {"OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED", "EXPIRED", "NOT_YET_VALID"}


@dataclass(frozen=True)
class Trust:
    """Roots we trust, those of them that issue qualified certificates, certificates between, revocation lists."""

    roots: tuple[x509.Certificate, ...] = ()
    qualified: tuple[x509.Certificate, ...] = ()
    between: tuple[x509.Certificate, ...] = ()
    crls: tuple[asn1_crl.CertificateList, ...] = field(default=())
    lists: TSPRegistry | None = None  # what the EU's trusted lists grant


def trust_in(folder: str | Path) -> Trust:
    """PEM files of a folder: `*.pem` and `*.crt` roots, `qualified/` and `between/` likewise, `*.crl` revocation lists.

    In `lists/` the EU's trusted lists as XML (see trusted_lists).
    """
    if not folder:
        return Trust()
    path = Path(folder)
    qualified, lists = _certificates(path / "qualified"), trusted_lists.registry(path / "lists")
    listed = trusted_lists.authorities(lists) if lists else []
    return Trust(
        roots=(*_certificates(path), *qualified, *listed),
        qualified=qualified,
        between=_certificates(path / "between"),
        crls=tuple(asn1_crl.CertificateList.load(_der(file)) for file in sorted(path.glob("*.crl"))),
        lists=lists,
    )


def inspect(document: BinaryIO, trust: Trust) -> list[SignatureReport]:
    """A report for each signature, in the order of signing; one of «unsigned» when there is none."""
    try:
        signatures = PdfFileReader(document, strict=False).embedded_regular_signatures
    except (PdfError, ValueError, KeyError, RecursionError):
        return [SignatureReport("tampered", "none")]
    return [_inspect(signature, trust) for signature in signatures] or [SignatureReport("unsigned", "none")]


def _inspect(signature: EmbeddedPdfSignature, trust: Trust) -> SignatureReport:
    status = _validate(signature, trust, None)
    if status is None or not _fills_its_hole(signature):
        return SignatureReport("tampered", "none")
    proven = status.timestamp_validity
    timestamp = proven.timestamp if proven and proven.trusted and proven.intact else None
    if timestamp and _verdict(status) == "expired":  # expired since, but proven to be from before
        status = _validate(signature, trust, timestamp) or status
    verdict = _verdict(status)
    subject = status.signing_cert.subject.native
    return SignatureReport(
        verdict=verdict,
        level=_level(status, trust) if verdict == "valid" else "simple" if verdict == "untrusted" else "none",
        signer=str(subject.get("common_name", "")),
        organisation=str(subject.get("organization_name", "")),
        signed_at=status.signer_reported_dt,
        timestamp=timestamp,
        covers_all=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
    )


def _fills_its_hole(signature: EmbeddedPdfSignature) -> bool:
    """The hole in the byte range is covered by nothing: there, only the signature in one spelling, then zeros, may stand."""
    first, length, second, _ = (int(part) for part in signature.byte_range)
    stream = signature.reader.stream
    stream.seek(first + length)
    hole = bytes(stream.read(second - first - length))
    written = hole[1:-1].decode("ascii", "replace")
    try:
        value = bytes.fromhex(written)
        signed = sum(len(part) for part in parser.parse(value)[3:])  # header, content, trailer
    except ValueError:
        return False
    return (
        hole[:1] + hole[-1:] == b"<>"
        and written in (written.lower(), written.upper())
        and not any(value[signed:])
    )


def _validate(
    signature: EmbeddedPdfSignature, trust: Trust, moment: datetime | None
) -> PdfSignatureStatus | None:
    """A context is good for one document only. «hard-fail» would accept a revoked certificate that names no CRL: with
    revocation lists at hand the check is required."""
    context = ValidationContext(
        trust_roots=list(trust.roots),
        other_certs=list(trust.between),
        allow_fetching=False,
        crls=list(trust.crls),
        revocation_mode="require" if trust.crls else "soft-fail",
        moment=moment,
    )
    try:
        return validate_pdf_signature(signature, signer_validation_context=context)
    except (SignatureValidationError, PdfError, ValueError, KeyError, TypeError):
        return None


def _verdict(status: PdfSignatureStatus) -> Verdict:
    if not (status.intact and status.valid):
        return "tampered"
    if status.modification_level == ModificationLevel.OTHER or status.docmdp_ok is False:
        return "changed-after-signing"
    if status.bottom_line:
        return "valid"
    problem = getattr(status.trust_problem_indic, "name", "")
    if problem in REVOKED or status.revoked:
        return "revoked"
    if problem in EXPIRED:
        return "expired"
    return "untrusted"


def _level(status: PdfSignatureStatus, trust: Trust) -> Level:
    path = status.validation_path
    if path is not None and trust.lists is not None and trusted_lists.is_qualified(trust.lists, path):
        return "qualified"
    root = getattr(path.trust_anchor, "certificate", None) if path is not None else None
    fingerprints = {certificate.sha256 for certificate in trust.qualified}
    if root is not None and root.sha256 in fingerprints and _claims_qualified(status.signing_cert):
        return "qualified"
    return "advanced"


def _claims_qualified(certificate: x509.Certificate) -> bool:
    """Whether the certificate carries the QcCompliance statement."""
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == QC_STATEMENTS:
            return x509.ObjectIdentifier(QC_COMPLIANCE).dump() in extension["extn_value"].contents
    return False


def _certificates(folder: Path) -> tuple[x509.Certificate, ...]:
    files: Sequence[Path] = sorted([*folder.glob("*.pem"), *folder.glob("*.crt")]) if folder.is_dir() else []
    return tuple(x509.Certificate.load(der) for file in files for der in _ders(file))


def _ders(file: Path) -> list[bytes]:
    content = file.read_bytes()
    if not pem.detect(content):
        return [content]
    return [der for name, _, der in pem.unarmor(content, multiple=True) if name == "CERTIFICATE"]


def _der(file: Path) -> bytes:
    content = file.read_bytes()
    return pem.unarmor(content)[2] if pem.detect(content) else content
