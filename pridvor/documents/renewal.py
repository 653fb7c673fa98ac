"""Papers and contracts that are about to expire open a renewal, which asks for just these and nothing else.

A journey that `opens: schedule` renews the documents it names: of each, the value `renewal.<item>` tells whether it is
the one that expires. What is renewed already, or on its way, is not asked twice.
"""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.documents.models import Document
from pridvor.documents.queries import SOON
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey, word
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import machine

ACTOR = machine("renewals")


def open_due(*, now: datetime, most: int = 200) -> list[Case]:
    """This will open a renewal for each client with a document that expires within 30 days; returns the new cases."""
    opened: list[Case] = []
    for version, journey in journeys.opened_by("schedule"):
        for owner, items in _expiring(journey, now).items():
            if len(opened) < most:
                opened += _open(version, journey, owner, items, now=now)
    return opened


@transaction.atomic
def _open(
    version: JourneyVersion, journey: Journey, owner: Case, items: set[str], *, now: datetime
) -> list[Case]:
    """One client's renewal. The client's row is locked, so that two sweeps at once open one."""
    client = case_queries.lock_client(owner)
    if case_queries.open_on(client, journey.name):
        return []
    known = {f"renewal.{word(item)}": item in items for item in journey.documents}
    return [
        cases.open_case(
            version, client, owner.person, language=owner.language, actor=ACTOR, now=now, known=known
        )
    ]


def _expiring(journey: Journey, now: datetime) -> dict[Case, set[str]]:
    """By the case whose person is asked: the items whose newest version, of this client, expires soon."""
    newest: dict[tuple[int, str], Document] = {}
    sent = Document.objects.filter(state=Document.State.SENT, item__in=journey.documents).select_related(
        "case__client", "case__person"
    )
    for document in sent.filter(case__client__in=_clients_with_a_date(now)).order_by("sent_at"):
        newest[document.case.client_id, document.item] = document
    due: dict[Case, set[str]] = defaultdict(set)
    owners: dict[int, Case] = {}
    for (client, item), document in sorted(newest.items()):
        if document.valid_until and document.valid_until <= now.date() + SOON and document.case.goal:
            due[owners.setdefault(client, document.case)].add(item)
    return due


def _clients_with_a_date(now: datetime) -> list[int]:
    soon = Document.objects.filter(state=Document.State.SENT, valid_until__lte=now.date() + SOON)
    return list(soon.values_list("case__client_id", flat=True).distinct())
