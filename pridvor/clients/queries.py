"""Reads of clients that open no personal value."""

import re
from uuid import UUID

from django.db.models import Q

from pridvor.clients.actions import trigrams
from pridvor.clients.models import Client, Person
from pridvor.lib import text

LIKENESS = 0.45  # share of letter triples in common; found by trying typing errors on Romanian company names
MANY = 30


def person(subject: UUID | str | None) -> Person | None:
    """The person of this subject, if they have proved their address."""
    return Person.objects.filter(subject=subject, confirmed_at__isnull=False).first() if subject else None


def search(typed: str) -> list[Client]:
    """Clients whose name begins with what was typed, is like it, or whose CUI or VAT number it is; best first."""
    folded = text.fold(typed)
    number = text.compact(typed).upper()
    digits = re.sub(r"^RO(?=\d)", "", number)
    exact = list(Client.objects.filter(Q(cui=digits) | Q(vat=number) | Q(folded__startswith=folded))[:MANY]) if folded else []
    if exact or len(folded) < 3:
        return exact
    wanted = set(trigrams(folded))
    near = Client.objects.filter(trigrams__overlap=sorted(wanted))[: MANY * 20]
    scored = ((_likeness(wanted, set(client.trigrams)), client) for client in near)
    return [client for score, client in sorted(scored, key=lambda pair: -pair[0]) if score >= LIKENESS][:MANY]


def _likeness(wanted: set[str], have: set[str]) -> float:
    """How much of what was typed the name contains: a query of one word must find a name of four."""
    return len(wanted & have) / len(wanted)
