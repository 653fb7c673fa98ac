"""When two clients are one: who may be the same, what differs, and the clients' half of merging (cases.merging is whole).

The ladder never guesses: the same fiscal code or VAT number is a match; a like name only suggests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from pridvor.clients import queries
from pridvor.clients.actions import COMPANY_FIELDS, correct
from pridvor.clients.models import Client, Contact, Merge
from pridvor.lib.actor import Actor

LIKE_NAMES = 5  # suggestions at most
COMPARED = tuple(field for field in COMPANY_FIELDS if field != "registry_state")


@dataclass(frozen=True)
class Candidate:
    """Another client that may be the same; `why`: cui, vat, number (in an outside system), name (a suggestion only)."""

    client: Client
    why: str

    @property
    def is_certain(self) -> bool:
        return self.why != "name"


@dataclass(frozen=True)
class Difference:
    """A field of which the two do not say the same."""

    field: str
    kept: str
    gone: str

    @property
    def is_gap(self) -> bool:
        """Only the one that goes says anything."""
        return not self.kept


def candidates(client: Client, known_as_one: Iterable[int] = ()) -> list[Candidate]:
    """Who may be the same, the surest first. `known_as_one`: clients to whom an outside system gave the same number."""
    others = Client.objects.filter(merged_into=None).exclude(pk=client.pk)
    rungs: list[tuple[str, Iterable[Client]]] = []
    if client.cui:
        rungs.append(("cui", others.filter(cui=client.cui, country=client.country)))
    if client.vat:
        rungs.append(("vat", others.filter(vat=client.vat)))
    rungs.append(("number", others.filter(pk__in=list(known_as_one))))
    alike = [one for one in queries.search(client.name) if one.pk != client.pk]
    rungs.append(("name", alike[:LIKE_NAMES]))
    found: dict[int, Candidate] = {}
    for why, clients in rungs:
        for one in clients:
            found.setdefault(one.pk, Candidate(one, why))
    return list(found.values())


def differences(kept: Client, gone: Client) -> list[Difference]:
    """Where the two disagree, or only the one that goes knows something."""
    pairs = [(field, str(getattr(kept, field)), str(getattr(gone, field))) for field in COMPARED]
    return [Difference(field, mine, theirs) for field, mine, theirs in pairs if theirs and mine != theirs]


def open_merges(client: Client) -> list[Merge]:
    """What was merged into this client and stands, the newest first."""
    rows = Merge.objects.filter(kept=client, undone_at=None).select_related("gone")
    return list(rows.order_by("-at"))


def merge(public_id: UUID) -> Merge | None:
    return Merge.objects.select_related("kept", "gone").filter(public_id=public_id).first()


# -- the clients' half, called within the transaction of cases.merging


def lock(*clients: Client) -> list[Client]:
    """The rows as they stand, held until the transaction ends; always in one order."""
    rows = Client.objects.select_for_update().filter(pk__in=[one.pk for one in clients]).order_by("pk")
    by_id = {row.pk: row for row in rows}
    return [by_id[one.pk] for one in clients]


def join(
    kept: Client,
    gone: Client,
    *,
    take: Iterable[str],
    cases: Iterable[int],
    own: Iterable[int],
    actor: Actor,
    now: datetime,
) -> Merge:
    """This will move people and the chosen data to the client that is kept, and note what stood where.

    `cases` are the keys of those that move, `own` of those that the kept one has had.
    """
    before, there = described(kept), Contact.objects.filter(client=kept)
    found = {"cases": list(own), "contacts": sorted(there.values_list("pk", flat=True))}
    moving = Contact.objects.filter(client=gone).exclude(
        person__in=list(there.values_list("person", flat=True))
    )
    moved = sorted(moving.values_list("pk", flat=True))
    moving.update(client=kept)
    chosen = {field: getattr(gone, field) for field in take if field in COMPARED}
    if chosen:
        correct(kept, chosen)
    Client.objects.filter(pk=gone.pk).update(merged_into=kept)
    kept.refresh_from_db()
    return Merge.objects.create(
        kept=kept,
        gone=gone,
        cases=list(cases),
        contacts=moved,
        found=found,
        before=before,
        after=described(kept),
        by=str(actor),
        at=now,
    )


def part(row: Merge, *, actor: Actor, now: datetime) -> None:
    """This will give people and data back as they were."""
    Contact.objects.filter(pk__in=row.contacts).update(client=row.gone)
    correct(row.kept, row.before)
    Client.objects.filter(pk=row.gone_id).update(merged_into=None)
    Merge.objects.filter(pk=row.pk).update(undone_at=now, undone_by=str(actor))


def obstacle(row: Merge) -> str:
    """Why a merge cannot be taken back any more, as a code; nothing when it can."""
    later = Merge.objects.filter(Q(kept=row.kept) | Q(gone=row.kept), pk__gt=row.pk, undone_at=None)
    if row.undone_at:
        return "undone-already"
    if later.exists():
        return "merged-further"
    known = {*row.found["contacts"], *row.contacts}
    if Contact.objects.filter(client=row.kept).exclude(pk__in=known).exists():
        return "new-person"
    return "" if described(row.kept) == row.after else "data-changed"


def described(client: Client) -> Mapping[str, str]:
    """What is known of a client, as merges keep it."""
    return {field: str(getattr(client, field)) for field in COMPANY_FIELDS}
