"""The process that seals: PAdES (ETSI EN 319 142-1) in three jobs, each one file in and one out. Started by sandbox.run.

`seal` signs and leaves room for a timestamp, which the caller fetches (this process has no way out); `stamp` puts it
in, adds what a later verifier needs, and refuses its own work unless it verifies; `stand-in` is the timestamp
authority of demonstrations (RFC 3161). The seal certifies: nothing may be changed after it (DocMDP 1).
"""

import base64
import hashlib
import io
import logging
from datetime import UTC
from typing import Any

from asn1crypto import cms, tsp, x509
from asn1crypto import crl as asn1_crl
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pridvor.documents import seal_certificates
from pridvor.documents.serving import serve

FIELD = "Seal"
ROOM = 12_000  # bytes for the signature with its timestamp


class Refused(Exception):
    """The sealed file does not verify; it must not leave."""


def seal(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Signs the file and says what a timestamp has to be taken of."""
    held = _held(options)
    signer = signers.SimpleSigner(
        signing_cert=held.certificate,
        signing_key=held.private,
        cert_registry=_registered([one for one in held.chain if one.dump() != held.certificate.dump()]),
        embed_roots=False,  # nothing would hold it against anything: each certificate in the file proves something, once
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=options["reason"],
        name=options["name"],
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    signers.PdfSigner(meta, signer=signer, new_field_spec=fields.SigFieldSpec(FIELD)).sign_pdf(
        writer, bytes_reserved=2 * ROOM, output=out
    )
    value = _signer_info(_signature(out.getvalue()))["signature"].native
    facts = {
        "issuer": _common_name(held.certificate.issuer),
        "subject": _common_name(held.certificate.subject),
        "own": held.is_own,
        "digest": hashlib.sha256(value).hexdigest(),
    }
    return facts, out.getvalue()


def stamp(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Puts the timestamp's token into the signature, and the certificates and revocation lists beside it."""
    held, stamped = _held(options), data
    if options["token"]:
        token = cms.ContentInfo.load(base64.b64decode(options["token"]))
        signature = _signature(data)
        signed = signature.signed_data
        _signer_info(signature)["unsigned_attrs"] = cms.CMSAttributes(
            [simple_cms_attribute("signature_time_stamp_token", token)]  # type: ignore[no-untyped-call]
        )
        stamped = _put(data, signature, cms.ContentInfo({"content_type": "signed_data", "content": signed}))
    lists = [asn1_crl.CertificateList.load(base64.b64decode(one)) for one in options["crls"]]
    if lists:
        stamped = _with_lists(stamped, held.chain, lists)
    return _verified(stamped, bool(options["token"])), stamped


def stand_in(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Answers one timestamp request, as this installation's own authority."""
    held = _held(options)
    key = rsa.generate_private_key(65537, 2048)  # its key lives for one answer
    certificate = seal_certificates.issued_for_stamps(held, key.public_key())
    stamper = DummyTimeStamper(
        tsa_cert=certificate,
        tsa_key=seal_certificates.as_asn1(key),
        certs_to_embed=_registered([certificate]),
    )
    answer = stamper.request_tsa_response(tsp.TimeStampReq.load(data))
    return {}, answer.dump()


# -- how


def _held(options: dict[str, Any]) -> seal_certificates.Held:
    if options["pkcs12"]:
        return seal_certificates.from_pkcs12(base64.b64decode(options["pkcs12"]), options["password"])
    return seal_certificates.own(bytes.fromhex(options["secret"]), options["name"])


def _signature(data: bytes) -> Any:
    return PdfFileReader(io.BytesIO(data)).embedded_signatures[-1]


def _signer_info(signature: Any) -> Any:
    return signature.signed_data["signer_infos"][0]


def _put(data: bytes, signature: Any, content: cms.ContentInfo) -> bytes:
    """The file with this content in the hole that its byte range leaves."""
    first, length, second, _ = (int(part) for part in signature.byte_range)
    room, made = second - first - length - 2, content.dump().hex().encode()
    if len(made) > room:
        raise Refused
    return data[: first + length + 1] + made.ljust(room, b"0") + data[second - 1 :]


def _with_lists(data: bytes, chain: list[x509.Certificate], lists: list[asn1_crl.CertificateList]) -> bytes:
    out = io.BytesIO(data)
    DocumentSecurityStore.add_dss(
        output_stream=out, sig_contents=_signature(data).pkcs7_content, certs=chain, crls=lists
    )
    return out.getvalue()


def _verified(data: bytes, is_stamped: bool) -> dict[str, Any]:
    """What the finished seal shows. Whether its certificate is trusted is not asked here: only whether it holds."""
    status = validate_pdf_signature(
        _signature(data), signer_validation_context=ValidationContext(trust_roots=[], allow_fetching=False)
    )
    proven = status.timestamp_validity
    if not (status.intact and status.valid) or is_stamped != bool(proven and proven.intact and proven.valid):
        raise Refused
    return {"timestamp": proven.timestamp.astimezone(UTC).isoformat() if proven else ""}


def _common_name(name: x509.Name) -> str:
    return str(name.native.get("common_name") or name.human_friendly)


def _registered(certificates: list[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(certificates)
    return store


if __name__ == "__main__":
    logging.disable()  # pyhanko logs a traceback for every signature whose issuer it does not know
    serve({"seal": seal, "stamp": stamp, "stand-in": stand_in})
