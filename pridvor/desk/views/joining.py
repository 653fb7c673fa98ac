"""Requests to be let in to a company's case, which an applicant's colleague has put before the staff."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import staff_may
from pridvor.cases import joining as requests
from pridvor.clients import actions as clients
from pridvor.desk import door, words
from pridvor.desk.door import me
from pridvor.lib import clock


@staff_may("client.admit")
@require_GET
def joining(request: HttpRequest) -> HttpResponse:
    now, found = clock.now(), requests.for_staff()
    refs = {str(row.pk): row.person.email_ref for row in found}
    purpose = "decide who is let in"
    known = clients.reveal_refs(refs, actor=me(request).actor, purpose=purpose, now=now) if refs else {}
    rows = [
        {"asked": row, "address": known.get(str(row.pk), ""), "role": words.contact_role(row.role)}
        for row in found
    ]
    return door.page(request, "joining", {"rows": rows})


@staff_may("client.admit")
@require_POST
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    row = requests.request(public_id)
    if row is None or row.of != "staff":
        raise Http404
    actor, now = me(request).actor, clock.now()
    try:
        if "refuse" in request.POST:
            requests.refuse(row, actor=actor, now=now)
        else:
            requests.approve(row, row.role, actor=actor, now=now)
    except requests.CannotJoin:
        messages.error(request, _("This was decided already."))
    return redirect("desk:joining")
