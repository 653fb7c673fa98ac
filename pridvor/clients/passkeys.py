"""Passkeys of clients: public keys by which a person signs in without a code (WebAuthn Level 3).

Every key is discoverable (no name is typed) and every use proves the person to their device (user verification), so a
passkey is two factors in one. Attestation is not asked for: which maker's device it is, is no business of ours.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pridvor.clients.models import Passkey, Person

MOST = 10  # passkeys of one person
NEEDED = UserVerificationRequirement.REQUIRED


class Refused(Exception):
    """The device's answer proves nothing; `code`: not-verified, unknown-key, used-elsewhere, too-many."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Asked:
    """What the browser is told, and what we keep in the session until it answers."""

    options: dict[str, Any]
    state: dict[str, Any]


class House:
    """Passkeys that count for one site: `host` is its name without a port, `name` what a device shows."""

    def __init__(self, host: str, name: str) -> None:
        self._server = Fido2Server(PublicKeyCredentialRpEntity(id=host, name=name))

    def ask_new(self, person: Person, shown: str) -> Asked:
        """What a device is asked to make a key for this person; `shown` is how it will name the account."""
        user = PublicKeyCredentialUserEntity(id=person.subject.bytes, name=shown, display_name=shown)
        options, state = self._server.register_begin(
            user,
            [_key(row) for row in of(person)],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=NEEDED,
        )
        return Asked(dict(options), dict(state))

    def ask_proof(self, person: Person | None = None) -> Asked:
        """What a device is asked to prove: who this person is, or whoever comes."""
        known = [_key(row) for row in of(person)] if person else None
        options, state = self._server.authenticate_begin(known, user_verification=NEEDED)
        return Asked(dict(options), dict(state))

    @transaction.atomic
    def add(
        self, person: Person, state: Mapping[str, Any], answer: str, label: str, *, now: datetime
    ) -> Passkey:
        """This will keep the key that the device has made. Raises Refused."""
        Person.objects.select_for_update().only("pk").get(pk=person.pk)
        if Passkey.objects.filter(person=person).count() >= MOST:
            raise Refused("too-many")
        try:
            made = self._server.register_complete(dict(state), json.loads(answer))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("not-verified") from None
        key = made.credential_data
        if key is None or Passkey.objects.filter(credential=key.credential_id).exists():
            raise Refused("not-verified")
        return Passkey.objects.create(
            person=person,
            credential=key.credential_id,
            key=bytes(key),
            label=label[:40],
            counter=made.counter,
            is_backed_up=bool(made.flags & made.FLAG.BS),
            added_at=now,
        )

    @transaction.atomic
    def prove(self, state: Mapping[str, Any], answer: str, *, now: datetime) -> Person:
        """This will note the use of a key and return whose it is. Raises Refused.

        A counter that did not rise says that the key was copied (WebAuthn 6.1.1); keys without one stay at 0.
        """
        try:
            said = AuthenticationResponse.from_dict(json.loads(answer))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused("not-verified") from None
        rows = Passkey.objects.select_for_update(of=("self",)).select_related("person")
        row = rows.filter(credential=said.raw_id).first() if said else None
        if said is None:
            raise Refused("not-verified")
        if row is None or row.person.confirmed_at is None:
            raise Refused("unknown-key")
        try:
            self._server.authenticate_complete(dict(state), [_key(row)], said)
        except (ValueError, KeyError):
            raise Refused("not-verified") from None
        data = said.response.authenticator_data
        if data.counter <= row.counter and (data.counter or row.counter):
            raise Refused("used-elsewhere")
        row.counter, row.is_backed_up, row.used_at = data.counter, bool(data.flags & data.FLAG.BS), now
        row.save(update_fields=["counter", "is_backed_up", "used_at"])
        return row.person


def of(person: Person) -> Sequence[Passkey]:
    """A person's keys, the first one first."""
    return list(Passkey.objects.filter(person=person).order_by("added_at", "pk"))


@transaction.atomic
def remove(person: Person, public_id: UUID) -> Passkey | None:
    """This will make a key of this person useless at once; None when they have no such key."""
    row = Passkey.objects.filter(person=person, public_id=public_id).first()
    if row is not None:
        row.delete()
    return row


def _key(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.key))
