"""A passkey device in software: makes keys and signs as WebAuthn Level 3 says, and misbehaves when told to."""

import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, CAN_BACK_UP, BACKED_UP, NEW = 0x01, 0x04, 0x08, 0x10, 0x40


class Device:
    def __init__(self, host="testserver", origin="", *, verifies=True, counts=True, backs_up=False):
        self.host, self.origin = host, origin or f"https://{host}"
        self.verifies, self.counts, self.backs_up = verifies, counts, backs_up
        self.counter, self.key, self.id = 0, ec.generate_private_key(ec.SECP256R1()), os.urandom(32)

    def make(self, options):
        """The answer to a question for a new key."""
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._host(), self._flags() | NEW, self._count(), made)
        client = self._client("webauthn.create", options)
        attestation = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def sign(self, options):
        """The answer to the question who this is."""
        data = AuthenticatorData.create(self._host(), self._flags(), self._count())
        client = self._client("webauthn.get", options)
        signed = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": bytes(data), "signature": signed})

    def _host(self):
        return hashlib.sha256(self.host.encode()).digest()

    def _flags(self):
        backup = CAN_BACK_UP | BACKED_UP if self.backs_up else 0
        return PRESENT | (VERIFIED if self.verifies else 0) | backup

    def _count(self):
        self.counter += 1 if self.counts else 0
        return self.counter

    def _client(self, kind, options):
        challenge = websafe_encode(websafe_decode(options["publicKey"]["challenge"]))
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response):
        said = {name: websafe_encode(bytes(part)) for name, part in response.items()}
        named = websafe_encode(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": said})
