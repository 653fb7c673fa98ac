"""The ledgers that are chained, and reading them in the order of their chains."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet

from pridvor.cases.models import Answer, Case, Event
from pridvor.connectors.models import Try
from pridvor.lib.chain import Head
from pridvor.lib.ledger import Linked
from pridvor.sla.models import Span
from pridvor.vault.models import Look

LEDGERS: dict[str, type[Linked]] = {model.LEDGER: model for model in (Event, Answer, Span, Try, Look)}
BATCH = 2000  # rows fetched at a time


class Entry(NamedTuple):
    """One place in a chain: of which row, and what its link is over."""

    row: int
    head: Head
    said: list[Any]


def chains(model: type[Linked], scope: object = None) -> Iterator[tuple[str, list[Entry]]]:
    """Each scope of a ledger with its entries by position; of one scope alone if one is given."""
    every: QuerySet[Any] = model._base_manager.order_by(model.SCOPE, "position", "pk")
    rows = every if scope is None else every.filter(**{model.SCOPE: scope})
    if model is Try:
        rows = rows.select_related("call")
    for named, group in groupby(rows.iterator(BATCH), key=scope_of):
        entries = [Entry(row.pk, head, said) for row in group for head, said in row.links()]
        yield named, sorted(entries, key=lambda entry: entry.head.position)


def scope_of(row: Linked) -> str:
    """The name of the row's chain, as links and checkpoints have it."""
    value: Any = row
    for name in row.SCOPE.split("__"):
        value = getattr(value, name)
    return str(value)


def case_heads() -> dict[str, Head]:
    """The last event of each case, as the case itself has it."""
    rows = Case._base_manager.filter(chain_position__gt=0).values_list("pk", "chain_position", "chain_mac")
    return {str(pk): Head(position, bytes(mac)) for pk, position, mac in rows.iterator(BATCH)}


def references(ledger: str, scopes: set[str]) -> dict[str, str]:
    """The case that people know by a scope: its reference; of the access ledger, the cases of the subject."""
    if ledger == Look.LEDGER:
        found = Case._base_manager.filter(subject__in=[scope for scope in scopes if scope != "None"])
        return {str(subject): reference for subject, reference in found.values_list("subject", "reference")}
    numbers = [int(scope) for scope in scopes]
    return {
        str(pk): name for pk, name in Case._base_manager.filter(pk__in=numbers).values_list("pk", "reference")
    }
