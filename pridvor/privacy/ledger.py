"""One row for each thing that was done about people's data, written in the transaction in which it was done."""

from datetime import datetime
from typing import Any

from pridvor.lib.actor import Actor
from pridvor.privacy.models import Entry


def record(kind: str, about: object, *, actor: Actor, now: datetime, **data: Any) -> Entry:
    """This will add a row; `about` is the id of what was acted on."""
    return Entry.objects.create(
        at=now,
        kind=kind,
        about=str(about),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_role=actor.role,
        data=data,
    )


def history(about: object) -> list[Entry]:
    """What was done about one thing, oldest first."""
    return list(Entry.objects.filter(about=str(about)).order_by("id"))
