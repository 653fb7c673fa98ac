"""What may be done with clients: enrol, correct, read a personal value (which is logged)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from pridvor.accounts.sight import whole
from pridvor.clients.models import Client, Contact, Person
from pridvor.lib import text
from pridvor.lib.actor import Actor
from pridvor.vault import actions as vault

WriteOnly = vault.WriteOnly

COMPANY_FIELDS = (
    "name",
    "country",
    "cui",
    "vat",
    "registration_number",
    "street",
    "city",
    "county",
    "postal_code",
    "registry_state",
)


@whole()
@transaction.atomic
def enrol(company: Mapping[str, str], person: Person, *, now: datetime) -> Client:
    """This will note a company that wants to become a client, and the person who speaks for it.

    Two registrations of one company stay two until somebody who may decide it has matched them: an applicant must not
    reach another's data by typing a public number.
    """
    client = Client(created_at=now, **_company(company))
    client.save()
    Contact.objects.create(client=client, person=person, created_at=now)
    return client


def correct(client: Client, company: Mapping[str, str]) -> None:
    """This will change what is known of the company (the change itself is an event of the case)."""
    Client.objects.filter(pk=client.pk).update(**_company(company))


def join(client: Client, person: Person, role: str, *, now: datetime) -> None:
    """This will note that somebody acts for a client, too."""
    Contact.objects.get_or_create(client=client, person=person, defaults={"role": role, "created_at": now})


def set_role(client: Client, person: Person, role: str) -> None:
    Contact.objects.filter(client=client, person=person).update(role=role)


def set_language(person: Person, language: str) -> None:
    Person.objects.filter(pk=person.pk).update(language=language)


def keep(subject: UUID, values: Mapping[str, str], *, now: datetime) -> dict[str, UUID]:
    """This will seal personal answers in the vault and return their ids, for the case to refer to."""
    return vault.put(subject, values, now=now)


def reveal_refs(
    refs: Mapping[str, UUID], *, actor: Actor, purpose: str, now: datetime, case: str = ""
) -> dict[str, str]:
    """This will log the look and return the personal values by name; what was erased is left out."""
    values = vault.reveal(refs.values(), actor=actor, purpose=purpose, now=now, case=case)
    return {name: values[ref] for name, ref in refs.items() if ref in values}


def keep_secret(subject: UUID, plain: str, *, now: datetime) -> UUID:
    """This will seal a credential that is used and never shown, and return its id."""
    return vault.put(subject, {vault.WRITE_ONLY: plain}, now=now)[vault.WRITE_ONLY]


def use_secret(ref: UUID, *, actor: Actor, purpose: str, now: datetime, case: str) -> str | None:
    """This will log the use and hand a credential to a machine; None when it is gone. Raises WriteOnly."""
    return vault.use_secret(ref, actor=actor, purpose=purpose, now=now, case=case)


def destroy_secrets(refs: Iterable[UUID], *, actor: Actor, purpose: str, now: datetime, case: str) -> None:
    """This will remove credentials from the vault for good, and log it."""
    vault.destroy(refs, actor=actor, purpose=purpose, now=now, case=case)


def email_of(person: Person, *, actor: Actor, purpose: str, now: datetime) -> str:
    return reveal_refs({"email": person.email_ref}, actor=actor, purpose=purpose, now=now).get("email", "")


def find_personal(field: str, typed: str, *, actor: Actor, purpose: str, now: datetime) -> list[UUID]:
    """This will log the search and return the ids of equal values (by blind index; nothing is decrypted)."""
    return vault.find(field, typed, actor=actor, purpose=purpose, now=now)


def note_look(
    subject: UUID, what: list[str], *, actor: Actor, purpose: str, now: datetime, case: str = ""
) -> None:
    """This will log that somebody looks at documents of this subject."""
    vault.note_look(subject, what, actor=actor, purpose=purpose, now=now, case=case)


def trigrams(folded: str) -> list[str]:
    """The letter triples of each word, with its ends marked: shared triples survive a typing error."""
    words = (f" {word} " for word in folded.split())
    return sorted({word[i : i + 3] for word in words for i in range(len(word) - 2)})


def _company(company: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: company[name] for name in COMPANY_FIELDS if name in company}
    if "name" in row:
        row["name"] = text.modern(row["name"]).strip()
        row["folded"] = text.fold(row["name"])[:200]
        row["trigrams"] = trigrams(row["folded"])
    return row


def in_use(refs: Iterable[UUID]) -> set[UUID]:
    """Of these value ids, the ones that a person refers to."""
    return set(Person.objects.filter(email_ref__in=list(refs)).values_list("email_ref", flat=True))


def hold(person: Person) -> None:
    """This will make whoever else acts for this person wait until the caller's transaction ends."""
    Person.objects.select_for_update().only("pk").get(pk=person.pk)
