"""One case as a service blueprint: lanes, hand-overs, times; looked at again by itself while the case is open."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pridvor.accounts.access import staff_may
from pridvor.cases import queries as cases
from pridvor.connectors import blueprint
from pridvor.desk import board, door
from pridvor.desk.door import case_or_404, language


@staff_may("case.read")
@require_GET
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page; for the page that is open already only what has changed (204: nothing has)."""
    found = case_or_404(public_id)
    if request.headers.get("HX-Request") and request.GET.get("seen") == str(found.version):
        return HttpResponse(status=204)
    context = {
        "case": found,
        "status": board.status(cases.tracker(found, language())),
        "blueprint": blueprint.of_case(found, language()),
        "lives": found.state == "open",
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_blueprint.html", context)
    return door.page(request, "blueprint", context)
