"""Calls to outside systems: the ledger, one call with its tries, and having one made once more."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.connectors import actions, queries
from pridvor.connectors.models import Call
from pridvor.desk import calls as shown
from pridvor.desk import door
from pridvor.desk.door import me
from pridvor.lib import clock
from pridvor.ui.reader import language


@staff_may("case.read")
@require_GET
def all_calls(request: HttpRequest) -> HttpResponse:
    form, now = shown.Search(request.GET), clock.now()
    page = shown.search(form, request.GET.get("page"), now=now)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "rows": shown.rows(list(page), language()),
        "queues": shown.waiting(queries.queues(now=now)),
        "query": f"{kept.urlencode()}&" if kept else "",
        "section": "systems",
    }
    return door.page(request, "calls", context)


@staff_may("case.read")
@require_GET
def one_call(request: HttpRequest, call: UUID) -> HttpResponse:
    found = _found(call)
    may = policy.may(me(request), "case.steer")
    context = {
        "row": shown.row(found, language()),
        "call": found,
        "tries": shown.tries(found),
        "verb": shown.verb(found) if may else "",
        "section": "systems",
    }
    return door.page(request, "call", context)


@staff_may("case.steer")
@require_POST
def again(request: HttpRequest, call: UUID) -> HttpResponse:
    """A waiting call is tried at once; of one that ended with a person, the step is opened once more."""
    found, actor, now = _found(call), me(request).actor, clock.now()
    verb = shown.verb(found)
    act = actions.replay if verb == "replay" else actions.try_now
    try:
        if door.tried(request, lambda: act(found, actor=actor, now=now)):
            messages.success(request, _("It is being tried again."))
    except actions.NotWaiting:
        messages.error(request, _("It does not wait any more: here it is as it stands now."))
    return redirect("desk:call", call)


def _found(public_id: UUID) -> Call:
    found = queries.call(public_id)
    if found is None:
        raise Http404
    return found
