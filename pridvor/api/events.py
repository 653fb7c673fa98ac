"""The feed of events: what happened in the cases that exist for the key, in the order of their ids."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from pridvor.accounts.models import Scope
from pridvor.accounts.sight import whole
from pridvor.api import cursors
from pridvor.api.door import MachineKey
from pridvor.api.problems import REFUSALS
from pridvor.api.shapes import Events
from pridvor.cases.models import Event
from pridvor.lib import clock

router = Router(tags=["events"])
SETTLED = timedelta(minutes=1)  # longer than any transaction that writes events may take


@router.get(
    "/", response={200: Events, **REFUSALS}, auth=MachineKey(Scope.EVENTS_READ), operation_id="listEvents"
)
def feed(
    request: HttpRequest,
    cursor: Annotated[str, Query(max_length=60)] = "",
    case: UUID | None = None,
    kind: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    """Events after the cursor, oldest first. Asked again with `next` it goes on there, and leaves none out."""
    since = cursors.read(cursor)
    until = _last_that_is_sure(since, clock.now())
    found = Event.objects.filter(pk__gt=since, pk__lte=until)
    wanted = {"case__public_id": case, "kind": kind}
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    rows = list(found.select_related("case").order_by("pk")[:limit])
    last = rows[-1].pk if len(rows) == limit else until
    return {"events": [shown(row) for row in rows], "next": cursors.after(max(last, since))}


def shown(event: Event) -> dict[str, Any]:
    """An event as machines see it: codes and ids."""
    data = {name: value for name, value in event.data.items() if name != "note_ref"}
    return {
        "id": event.pk,
        "case": event.case.public_id,
        "reference": event.case.reference,
        "kind": event.kind,
        "at": event.at,
        "actor": event.actor_kind,
        "data": data,
    }


@whole()
def _last_that_is_sure(since: int, now: datetime, most: int = 5000) -> int:
    """Up to which id nothing can come any more.

    Ids are given before their transactions commit, so a smaller id may appear after a greater one. Where one is left
    out, the feed waits before the gap until its row is there, or until whoever had it must have given up.
    """
    rows = Event.objects.filter(pk__gt=since).order_by("pk").values_list("pk", "at")[:most]
    last = since
    for key, at in rows:
        if key != last + 1 and last and at > now - SETTLED:
            break
        last = key
    return last
