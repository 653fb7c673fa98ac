"""Reads of clients that open no personal value."""

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import IntegerField, Q
from django.db.models.expressions import RawSQL

from pridvor.accounts.sight import whole
from pridvor.clients.actions import trigrams
from pridvor.clients.models import Client, Contact, Person
from pridvor.lib import text
from pridvor.vault import queries as vault

LIKENESS = 0.42  # share of letter triples in common; two letters swapped in a word of seven still find it
CONTAINED = 0.8  # beside names that begin so: only those that contain nearly all of it
MANY = 30
NUMBER = re.compile(r"(ro)?[\d .-]+")  # a number is found whole or not at all


def person(subject: UUID | str | None) -> Person | None:
    """The person of this subject, if they have proved their address."""
    return Person.objects.filter(subject=subject, confirmed_at__isnull=False).first() if subject else None


def addressed(subject: UUID) -> Person | None:
    """The person of this subject, even one who was named by others and has still to prove the address."""
    return Person.objects.filter(subject=subject).first()


def not_erased(subjects: Iterable[UUID]) -> set[UUID]:
    """Of these subjects, the ones of whom there still is something to read."""
    return vault.alive(subjects)


def client(public_id: UUID) -> Client | None:
    return Client.objects.filter(public_id=public_id).first()


def contacts(client: Client) -> list[Contact]:
    """The people who act for a client, the first one first."""
    return list(Contact.objects.filter(client=client).select_related("person").order_by("created_at", "pk"))


def search(typed: str) -> list[Client]:
    """Clients whose name begins with what was typed, is like it, or whose CUI or VAT number it is; best first."""
    folded, number = text.fold(typed)[:200], text.compact(typed).upper()
    if not folded:
        return []
    numbered = Q(cui=re.sub(r"^RO(?=\d)", "", number)) | Q(vat=number) if number else Q()
    exact = list(
        Client.objects.filter(numbered | Q(folded__startswith=folded), merged_into=None).order_by(
            "folded", "pk"
        )[:MANY]
    )
    if len(folded) < 3 or NUMBER.fullmatch(folded):
        return exact
    near = _like(sorted(trigrams(folded)), CONTAINED if exact else LIKENESS)
    return [*exact, *(client for client in near if client not in exact)][:MANY]


def _like(wanted: list[str], least: float) -> list[Client]:
    """Names that hold this share of the letter triples, best first: a query of one word must find a name of four."""
    shared = RawSQL(
        "(select count(*) from unnest(clients_client.trigrams) one where one = any(%s))",
        [wanted],
        IntegerField(),
    )
    near = (
        Client.objects.filter(trigrams__overlap=wanted, merged_into=None)
        .annotate(shared=shared)
        .filter(shared__gte=least * len(wanted))
    )
    return list(near.order_by("-shared", "trigrams__len", "pk")[:MANY])


@whole()
def is_known_elsewhere(client: Client) -> bool:
    """Whether another client has the same fiscal code or VAT number."""
    same = Q(cui=client.cui) if client.cui else Q(vat=client.vat) if client.vat else None
    others = Client.objects.filter(merged_into=None).exclude(pk=client.pk)
    return same is not None and others.filter(same).exists()
