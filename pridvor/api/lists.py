"""Lists of a case, defects, say: what stands on them, and what became of each item."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from pridvor.accounts.models import Scope
from pridvor.api.door import MachineKey, caller_of, case_of, purpose_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import ItemChanged, Items, ItemShown, NewItem
from pridvor.cases import actions, items
from pridvor.cases.items import Told
from pridvor.cases.models import Item
from pridvor.lib import clock
from pridvor.lib.actor import Actor

router = Router(tags=["lists"])
WRITE = MachineKey(Scope.CASES_WRITE)


@router.get(
    "/{uuid:case}/items/",
    response={200: Items, **REFUSALS},
    auth=MachineKey(Scope.CASES_READ),
    operation_id="listItems",
)
def list_items(
    request: HttpRequest,
    case: UUID,
    personal: bool = False,
    purpose: Annotated[str, Query(max_length=200)] = "",
) -> Any:
    """Every item of every list. Its words may hold anything, so they need the scope personal:read and a purpose."""
    found = case_of(case)
    rows = list(Item.objects.filter(case=found).order_by("list", "number"))
    told = [Told(row, "", ()) for row in rows]
    if personal:
        why, actor = purpose_of(request, purpose), caller_of(request).actor
        told = items.read(rows, actor=actor, purpose=why, now=clock.now())
    return {"items": [_shown(one, with_words=personal) for one in told]}


@router.post("/{uuid:case}/items/", response={201: ItemShown, **REFUSALS}, auth=WRITE, operation_id="addItem")
def add(request: HttpRequest, case: UUID, body: NewItem) -> Any:
    """Adds an item to a list of the journey; the steps of the list do not pass while a required one is open."""
    found, me, now = case_of(case), caller_of(request).actor, clock.now()
    if body.list not in items.lists(found.journey):
        raise Problem("wrong-fields", fields=[("list", "option")])
    said: dict[str, Any] = {"severity": body.severity, "owner": body.owner, "required": body.required}
    made: list[Item] = []
    _tried(lambda: made.append(items.add(found, body.list, body.text, **said, actor=me, now=now)), case)
    return Status(201, _shown(Told(made[0], "", ()), with_words=False))


@router.post(
    "/{uuid:case}/items/{uuid:item}/",
    response={200: ItemShown, **REFUSALS},
    auth=WRITE,
    operation_id="changeItem",
)
def change(request: HttpRequest, case: UUID, item: UUID, body: ItemChanged) -> Any:
    """Says what became of an item."""
    row = Item.objects.filter(case=case_of(case), public_id=item).first()
    if row is None:
        raise Problem("not-found")
    _tried(lambda: _become(row, body, caller_of(request).actor, clock.now()), case)
    row.refresh_from_db()
    return _shown(Told(row, "", ()), with_words=False)


# -- how


def _become(row: Item, body: ItemChanged, me: Actor, now: datetime) -> None:
    if body.state == "fixed":
        items.fix(row, note=body.note, actor=me, now=now)
    elif body.state == "rejected":
        items.reject(row, body.note, actor=me, now=now)
    else:
        items.retest(row, body.state == "passed", body.note, actor=me, now=now)


def _tried(act: Callable[[], object], case: UUID) -> None:
    try:
        act()
    except actions.Refused as refused:
        if str(refused) in ("no-words", "no-evidence"):
            raise Problem("wrong-fields", fields=[("note", "required")]) from None
        raise Problem("refused", reason=str(refused), case=case) from None


def _shown(told: Told, *, with_words: bool) -> dict[str, Any]:
    row, named = told.item, ("list", "number", "state", "severity", "required", "owner", "at", "changed_at")
    return {
        "id": row.public_id,
        **{name: getattr(row, name) for name in named},
        "text": told.text if with_words else None,
        "notes": list(told.notes),
    }
