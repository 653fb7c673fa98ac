"""The queue, and the one search."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pridvor.accounts.access import staff_only
from pridvor.cases.models import Case
from pridvor.clients.models import Client
from pridvor.desk import board, door, words
from pridvor.desk import search as searching
from pridvor.desk.door import READERS, WORKERS, language, me
from pridvor.lib import clock


@staff_only(*READERS)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    now, reader = clock.now(), me(request)
    context = {
        "rows": board.queue(reader, now, language=language()),
        "elsewhere": board.elsewhere(now, language=language()),
        "acts": reader.role in WORKERS,
    }
    return door.page(request, "home", context)


@staff_only(*READERS)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "")
    found = searching.search(typed, actor=me(request).actor, now=clock.now())
    if len(found) == 1:
        return redirect("desk:case", public_id=found[0].public_id)
    known = {row.client_id: row.client for row in found}
    context = {
        "rows": [_result(row) for row in found],
        "clients": [_client_result(row) for row in known.values()],
        "q": typed,
    }
    return door.page(request, "search", context)


# -- how


def _client_result(row: Client) -> dict[str, Any]:
    return {
        "url": reverse("desk:client", args=[row.public_id]),
        "title": row.name,
        "note": " · ".join(filter(None, (row.cui or row.vat, row.city))),
    }


def _result(row: Case) -> dict[str, Any]:
    ended = row.state != "open"
    return {
        "url": reverse("desk:case", args=[row.public_id]),
        "title": row.client.name,
        "note": f"{row.reference} · {row.client.cui or row.client.vat}",
        "tag": words.end(row.end) if ended else _("open"),
        "tag_kind": "good" if row.end == "activated" else "" if ended else "now",
    }
