"""Signing in without an account: a six-digit code, sent to the address that the person gives.

A code lives 10 minutes and bears 5 wrong tries (NIST SP 800-63B, out-of-band verifiers); an address gets at most 5
codes an hour. Asking for a code never tells whether the address is known.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from pridvor.clients.models import Person, SignIn
from pridvor.lib.actor import Actor, machine
from pridvor.vault import actions as vault

LIFETIME = timedelta(minutes=10)
TRIES = 5
CODES_AN_HOUR = 5


class TooManyCodes(Exception):
    """The address has been sent as many codes as an hour allows."""


class WrongCode(Exception):
    """The code is wrong, used, or too old; `left` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


@transaction.atomic
def ask(email: str, *, language: str, now: datetime) -> SignIn:
    """This will make a code for the address and return its sign-in; the caller has it mailed. Raises TooManyCodes."""
    person = known_or_new(email, language=language, now=now)
    return _issue(person, person.email_ref, now=now)


@transaction.atomic
def known_or_new(email: str, *, language: str, now: datetime) -> Person:
    """This will return the person of an address, who has still to prove it when they are new. Nothing is mailed.

    Whoever asks for the same address at the same moment waits, so that one address is one person.
    """
    _one_at_a_time(email)
    return _person_of(email, now=now) or _new_person(email, language=language, now=now)


def ask_change(person: Person, email: str, *, now: datetime) -> SignIn:
    """This will make a code that proves a new address for a person who is signed in."""
    ref = vault.put(person.subject, {"email": email.strip()}, now=now)["email"]
    return _issue(person, ref, now=now)


def ask_again(person: Person, *, now: datetime) -> SignIn:
    """This will make a code by which a person who is signed in confirms something grave. Raises TooManyCodes."""
    return _issue(person, person.email_ref, now=now)


def confirm(public_id: UUID, code: str, *, now: datetime) -> Person:
    """This will end the sign-in with the right code and return the person. Raises WrongCode."""
    right = False
    with (
        transaction.atomic()
    ):  # the count of wrong tries must survive the refusal, so nothing is raised in here
        row = (
            SignIn.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(public_id=public_id)
            .first()
        )
        if row is None or row.used_at or row.expires_at <= now or row.tries >= TRIES:
            left = 0
        else:
            right = hmac.compare_digest(bytes(row.digest), _digest(row.public_id, code))
            left = TRIES - row.tries - 1
            if right:
                _prove(row, now=now)
            else:
                SignIn.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    if not right or row is None:
        raise WrongCode(left)
    return row.person


def code_for_mail(public_id: UUID, *, now: datetime) -> tuple[str, str, str] | None:
    """For the mail that carries it: the address, the code and the language; None when it is no longer wanted."""
    row = (
        SignIn.objects.select_related("person")
        .filter(public_id=public_id, used_at=None, expires_at__gt=now)
        .first()
    )
    if row is None:
        return None
    subject = row.person.subject
    address = vault.reveal(
        [row.email_ref], actor=machine("mail"), purpose="send a sign-in code", now=now
    ).get(row.email_ref)
    if address is None:
        return None
    return (
        address,
        vault.unseal(subject, f"code:{row.public_id}", bytes(row.sealed_code)).decode(),
        row.person.language,
    )


@transaction.atomic
def _issue(person: Person, email_ref: UUID, *, now: datetime) -> SignIn:
    """Counted and written while nobody else asks for this person, so that the limit is exact across processes."""
    Person.objects.select_for_update().only("pk").get(pk=person.pk)
    if SignIn.objects.filter(person=person, created_at__gt=now - timedelta(hours=1)).count() >= CODES_AN_HOUR:
        raise TooManyCodes
    code = f"{secrets.randbelow(1_000_000):06}"
    row = SignIn(person=person, email_ref=email_ref, created_at=now, expires_at=now + LIFETIME)
    row.digest = _digest(row.public_id, code)
    row.sealed_code = vault.seal(person.subject, f"code:{row.public_id}", code.encode())
    row.save()
    return row


def _prove(row: SignIn, *, now: datetime) -> None:
    person = row.person
    person.confirmed_at, person.email_ref = person.confirmed_at or now, row.email_ref
    person.save(update_fields=["confirmed_at", "email_ref"])
    SignIn.objects.filter(pk=row.pk).update(used_at=now, sealed_code=b"")


def _one_at_a_time(email: str) -> None:
    digest = hashlib.sha256(email.strip().lower().encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _person_of(email: str, *, now: datetime) -> Person | None:
    found = vault.find("email", email, actor=Actor("machine", "sign-in"), purpose="sign in", now=now)
    return Person.objects.filter(email_ref__in=found).order_by("created_at").first()


def _new_person(email: str, *, language: str, now: datetime) -> Person:
    subject = vault.new_subject(now=now)
    ref = vault.put(subject, {"email": email.strip()}, now=now)["email"]
    return Person.objects.create(subject=subject, email_ref=ref, language=language, created_at=now)


def _digest(public_id: UUID, code: str) -> bytes:
    return hmac.new(settings.KEYS["session"], f"{public_id}:{code.strip()}".encode(), hashlib.sha256).digest()
