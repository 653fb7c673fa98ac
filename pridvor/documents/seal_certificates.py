"""The company's seal: a key and its certificate, supplied as PKCS#12, or this installation's own.

The own one is derived from the key `seal`, so that nothing is kept beside it: a root that signs itself, and under it
the certificate of the seal. It shows that a file has not changed since this installation sealed it; who the company
is, nobody else confirms. Certificates are made anew each time and are the same each time (RFC 6979).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)


class NoSeal(Exception):
    """What was supplied holds no key with its certificate, or opens with another password."""


@dataclass(frozen=True)
class Held:
    """A key with its certificate, and the certificates above it."""

    key: Any
    certificate: asn1_x509.Certificate
    chain: list[asn1_x509.Certificate]
    is_own: bool
    root_key: Any = None
    root: x509.Certificate | None = None

    @property
    def private(self) -> asn1_keys.PrivateKeyInfo:
        return as_asn1(self.key)


def from_pkcs12(content: bytes, password: str) -> Held:
    """The seal that the company was issued. Raises NoSeal."""
    try:
        key, certificate, above = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError:
        raise NoSeal from None
    if key is None or certificate is None:
        raise NoSeal
    return Held(key, _asn1(certificate), [_asn1(one) for one in (certificate, *above)], is_own=False)


def own(secret: bytes, company: str) -> Held:
    """This installation's own seal, from 32 secret bytes."""
    root_key, key = _key(secret, "root"), _key(secret, "seal")
    root_name = _name(company, f"{company}: rădăcină proprie")
    root = _certificate(root_name, root_key, root_name, root_key, is_root=True)
    certificate = _certificate(_name(company, f"{company}: sigiliu"), key, root_name, root_key)
    return Held(
        key, _asn1(certificate), [_asn1(certificate), _asn1(root)], True, root_key=root_key, root=root
    )


def issued_for_stamps(held: Held, public: rsa.RSAPublicKey) -> asn1_x509.Certificate:
    """A certificate of the own root for a timestamp authority's key."""
    root = held.root
    if root is None:
        raise NoSeal
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Marcă temporală de probă")])
    builder = (
        _builder(name, public, root.subject, held.root_key.public_key())
        .add_extension(_usage(is_root=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return _asn1(builder.sign(held.root_key, hashes.SHA256()))


def as_asn1(key: Any) -> asn1_keys.PrivateKeyInfo:
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(der)


# -- how


def _key(secret: bytes, what: str) -> ec.EllipticCurvePrivateKey:
    wide = hashlib.sha512(b"contract seal:" + what.encode() + b":" + secret).digest()
    return ec.derive_private_key(int.from_bytes(wide, "big") % (ORDER - 1) + 1, ec.SECP256R1())


def _name(company: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, company[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool = False,
) -> x509.Certificate:
    builder = _builder(subject, key.public_key(), issuer, issuer_key.public_key(), is_root=is_root)
    return builder.add_extension(_usage(is_root=is_root), critical=True).sign(
        issuer_key, hashes.SHA256(), ecdsa_deterministic=True
    )


def _builder(
    subject: x509.Name, public: Any, issuer: x509.Name, issuer_public: Any, *, is_root: bool = False
) -> x509.CertificateBuilder:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(int.from_bytes(hashlib.sha256(der).digest()[:16], "big") >> 1)
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
    )


def _usage(*, is_root: bool) -> x509.KeyUsage:
    """A seal and a timestamp sign; a root signs certificates and revocation lists."""
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
