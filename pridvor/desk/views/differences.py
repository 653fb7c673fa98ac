"""The inbox of differences to outside systems."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.connectors import queries, reconciling
from pridvor.connectors.models import Drift
from pridvor.desk import differences as shown
from pridvor.desk import door
from pridvor.desk.door import me
from pridvor.lib import clock

A_PAGE = 50


@staff_may("case.read")
@require_GET
def all_differences(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.differences(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": shown.rows(page),
        "owners": shown.owners(),
        "unreadable": shown.unreadable(queries.unread()),
        "may": policy.may(me(request), "case.steer"),
        "section": "systems",
    }
    return door.page(request, "differences", context)


@staff_may("case.steer")
@require_POST
def resolve(request: HttpRequest, drift: UUID) -> HttpResponse:
    found = _found(drift)
    try:
        reconciling.resolve(found, request.POST.get("how", ""), actor=me(request).actor, now=clock.now())
    except reconciling.NotPossible:
        messages.error(request, _("That is not possible now."))
    else:
        messages.success(request, _("Resolved."))
    return redirect("desk:differences")


@staff_may("case.steer")
@require_POST
def again(request: HttpRequest, drift: UUID) -> HttpResponse:
    """Has the record read back once more: perhaps they agree by now."""
    found = _found(drift)
    reconciling.look_again(found.record.peer, found.record.reference)
    messages.success(request, _("It is compared again within a minute."))
    return redirect("desk:differences")


def _found(public_id: UUID) -> Drift:
    found = Drift.objects.filter(public_id=public_id).select_related("record").first()
    if found is None:
        raise Http404
    return found
