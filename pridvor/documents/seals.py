"""Sealing a file with the company's seal and a timestamp. Takes seconds, and asks an outside system: for workers.

pyhanko runs in a process of its own (sealer.py); the timestamp is asked for here, of the authority in PRIDVOR_TSA.
Either a file comes out sealed whole, or nothing does.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import algos, core, tsp
from django.conf import settings

from pridvor.company.reading import company
from pridvor.documents import sandbox

SECONDS = 60.0
STAND_IN = "stand-in"  # the PRIDVOR_TSA of demonstrations
PURPOSE = "contract seal"

Ask = Callable[[str, bytes], bytes]  # an address and a request of RFC 3161; its answer. Raises NoTimestamp


class NoTimestamp(Exception):
    """No timestamp was to be had now; `code` says why. Nothing was sealed: try again later."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Sealed:
    """A sealed file, and what its seal shows: subject, issuer, whether the certificate is our own, the timestamp."""

    content: bytes
    facts: dict[str, Any]


_asks: list[Ask] = []


def learn(ask: Ask) -> None:
    """Take the way out from a room that this one may not import; the wiring calls it once."""
    _asks[:] = [ask]


def seal(content: bytes, *, reason: str) -> Sealed:
    """The file with the seal. Raises NoTimestamp, sandbox.Failed."""
    options = {**_material(), "reason": reason}
    signed = sandbox.run("seal", [content], seconds=SECONDS, options=options, program=sandbox.SEALING)
    token = _token(bytes.fromhex(signed.found["digest"])) if settings.TSA else b""
    options |= {"token": base64.b64encode(token).decode(), "crls": _revocation_lists()}
    done = sandbox.run("stamp", [signed.made], seconds=SECONDS, options=options, program=sandbox.SEALING)
    shown = {key: signed.found[key] for key in ("subject", "issuer", "own")}
    return Sealed(done.made, {**shown, **done.found})


def _material() -> dict[str, Any]:
    """The key that seals, for a process that reads it from its standard input and nowhere else."""
    if settings.SEAL_FILE:
        pkcs12 = base64.b64encode(Path(settings.SEAL_FILE).read_bytes()).decode()
        name = company().name
        return {"pkcs12": pkcs12, "password": settings.SEAL_PASSWORD, "name": name}
    return _own()


def _own() -> dict[str, Any]:
    versions = settings.KEYS.derived("seal", PURPOSE)
    secret = versions.of(versions.primary).hex()
    return {"pkcs12": "", "secret": secret, "name": company().name}


def _revocation_lists() -> list[str]:
    """Those that the administrator keeps with the trusted certificates: they go into the file (PAdES B-LT)."""
    folder = Path(settings.TRUST_FOLDER) if settings.TRUST_FOLDER else None
    files = sorted(folder.glob("*.crl")) if folder and settings.SEAL_FILE else []
    return [base64.b64encode(file.read_bytes()).decode() for file in files]


def _token(digest: bytes) -> bytes:
    """The token over this SHA-256 digest; an answer to another question is none. Raises NoTimestamp."""
    nonce = secrets.randbits(63)
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": digest,
            },
            "nonce": core.Integer(nonce),
            "cert_req": True,
        }
    )
    try:
        answer = tsp.TimeStampResp.load(_ask(request.dump()))
        granted = answer["status"]["status"].native in ("granted", "granted_with_mods")
        token = answer["time_stamp_token"] if granted else None
        said = token["content"]["encap_content_info"]["content"].parsed if token is not None else None
        is_ours = said is not None and (
            said["message_imprint"]["hashed_message"].native == digest and said["nonce"].native == nonce
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoTimestamp("tsa-answer") from None
    if token is None or not is_ours:
        raise NoTimestamp("tsa-refused")
    return bytes(token.dump())


def _ask(request: bytes) -> bytes:
    if settings.TSA != STAND_IN:
        return _asks[0](settings.TSA, request)
    reply = sandbox.run("stand-in", [request], seconds=SECONDS, options=_own(), program=sandbox.SEALING)
    return reply.made
