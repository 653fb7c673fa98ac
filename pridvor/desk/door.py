"""Who stands at this door, which case they ask for, and how a refusal is told."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts.access import me as me
from pridvor.cases import actions as case_actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.desk import undoing
from pridvor.lib import clock
from pridvor.notifications import notices
from pridvor.ui.reader import language as language

REFUSED = {
    "stale": gettext_lazy("Somebody changed this case while you looked at it. Here it is as it stands now."),
    "no-longer-open": gettext_lazy("This has been decided already. Here is the case as it stands now."),
    "second-person-must": gettext_lazy("A second person must confirm this."),
    "items-open": gettext_lazy("Required items are still to be done: the list on this page says which."),
    "no-items-named": gettext_lazy(
        "Say first what is wrong: add it to the list, or test an item as not in order."
    ),
    "not-on-watch": gettext_lazy("This client is not screened any more, or no sanctions list is connected."),
    "candidates-open": gettext_lazy(
        "Say first of each candidate of the sanctions list that it is somebody else; then this can be approved."
    ),
    "no-candidate-same": gettext_lazy(
        "Nobody has said yet that a candidate of the sanctions list is this client; only then is this rejected."
    ),
    "too-late": gettext_lazy("It is too late to take this back: the case has gone on."),
    "somebody-else-must": gettext_lazy("Somebody else must do this: you did the step before."),
}


def case_or_404(public_id: UUID) -> Case:
    found = cases.case(public_id)
    if found is None:
        raise Http404
    return found


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of this door, inside its frame."""
    frame = {
        "section": "desk",
        "unread": notices.unread(me(request)),
        "undo": undoing.offered(request, me(request).actor, clock.now()),
    }
    return render(request, f"desk/{template}.html", {**frame, **(context or {})}, status=status)


def why_not(refusal: case_actions.Refused) -> str:
    """A refusal in words."""
    return str(REFUSED.get(str(refusal)) or _("That is not possible now."))


def tried(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Whether the action was done; if the case does not allow it, the reader is told why."""
    try:
        act()
    except case_actions.Refused as refusal:
        messages.error(request, why_not(refusal))
        return False
    return True
