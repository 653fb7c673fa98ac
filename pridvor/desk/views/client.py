"""One client, whole: every case, person, document, number and letter."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.cases import queries as cases
from pridvor.clients import queries as clients
from pridvor.clients.models import Client
from pridvor.desk import client_page, door
from pridvor.desk.door import language, me
from pridvor.lib import clock


@staff_may("case.read")
@require_GET
def client(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = client_or_404(public_id)
    if found.merged_into:
        return redirect("desk:client", public_id=found.merged_into.public_id)
    shown = client_page.of(found, me(request).actor, language=language(), now=clock.now())
    return door.page(
        request,
        "client",
        {
            "page": shown,
            "leads": policy.may(me(request), "case.note"),
            "works": policy.may(me(request), "client.merge"),
        },
    )


def client_or_404(public_id: UUID) -> Client:
    found = clients.client(public_id)
    if found is None or not cases.sees_client(found):
        raise Http404
    return found
