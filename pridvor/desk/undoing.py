"""Taking back one's own last decision: offered on every desk page until its time is over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.lib.actor import Actor

KEPT = "decided"  # in the session: which case, and the decision in words


def remember(request: HttpRequest, case: Case, words: str) -> None:
    """This will offer to take the decision back on the pages that come next."""
    request.session[KEPT] = {"case": str(case.public_id), "words": words}


def offered(request: HttpRequest, actor: Actor, now: datetime) -> dict[str, Any] | None:
    """What can be taken back, and for how many seconds more."""
    kept = request.session.get(KEPT)
    if not kept:
        return None
    case = cases.case(UUID(kept["case"]))
    until = cases.undoable(case, actor, now) if case else None
    if until is None:
        del request.session[KEPT]
        return None
    return {
        "url": reverse("desk:undo", args=[kept["case"]]),
        "text": kept["words"],
        "seconds": max(1, round((until - now).total_seconds())),
    }
