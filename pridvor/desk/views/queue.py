"""The queue: narrowed, kept as views, worked through one by one or many at once; and the one search."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts import queries as people
from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.cases import joining
from pridvor.cases.models import Case
from pridvor.clients.models import Client
from pridvor.desk import bulk, door, queue, saved_views, words
from pridvor.desk import search as searching
from pridvor.desk.door import language, me
from pridvor.lib import clock

PAGE = 50


@staff_may("case.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    reader, wanted = me(request), queue.Narrowing.of(request.GET)
    found = queue.gather(reader, wanted, clock.now())
    page = Paginator(found.attempts, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": queue.rows(found, list(page), reader, language()),
        "page": page,
        "query": f"{urlencode(wanted.query)}&" if wanted.query else "",
        "here": request.get_full_path(),
        "wanted": wanted,
        "choices": queue.choices(reader, language()),
        "tabs": _tabs(reader, wanted),
        "acts": policy.may(reader, "case.decide"),
        "bulk": _bulk(reader),
        "asking": len(joining.for_staff()) if policy.may(reader, "client.admit") else 0,
        "mine": [view for view in saved_views.of(reader) if view.owner_id == reader.pk],
    }
    return door.page(request, "home", context)


@staff_may("case.decide")
@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Takes the most urgent case that nobody else holds, and keeps it for ten minutes."""
    found = queue.take_next(me(request), clock.now())
    if found is None:
        messages.info(request, _("Nothing waits that somebody else does not hold already."))
        return redirect("desk:home")
    return redirect("desk:case", public_id=found.case.public_id)


@staff_may("case.assign")
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One thing done to every chosen row; the page after it says what came of each."""
    reader, verb = me(request), request.POST.get("verb", "")
    if verb not in dict(bulk.allowed(reader)):
        raise Http404
    chosen = [int(row) for row in request.POST.getlist("row") if row.isdigit()]
    if not chosen:
        messages.error(request, _("Choose at least one row."))
        return redirect("desk:home")
    reason = request.POST.get("reason", "").strip()
    order = bulk.Order(verb, reader, _colleague(request.POST.get("to", "")), reason)
    results = bulk.carry_out(order, chosen, now=clock.now())
    request.session["bulk"] = {"verb": verb, "rows": [asdict(result) for result in results]}
    return redirect("desk:acted")


@staff_may("case.assign")
@require_GET
def acted(request: HttpRequest) -> HttpResponse:
    """What came of each row."""
    kept = request.session.get("bulk")
    if not kept:
        return redirect("desk:home")
    results = [bulk.Result(**row) for row in kept["rows"]]
    context = {
        "done": [row for row in results if row.done],
        "left": [row for row in results if not row.done],
        "verb": str(bulk.WORDS[kept["verb"]]),
    }
    return door.page(request, "acted", context)


@staff_may("case.read")
@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    reader, name = me(request), request.POST.get("name", "").strip()[:40]
    wanted = queue.Narrowing.of(request.POST)
    if not name:
        messages.error(request, _("Give the view a name."))
    else:
        role = reader.role if "share" in request.POST else ""
        try:
            saved_views.keep(reader, name, wanted.query, role=role, now=clock.now())
        except saved_views.TooMany:
            messages.error(request, _("You keep thirty views already. Remove one first."))
    return redirect(f"{reverse('desk:home')}?{urlencode(wanted.query)}")


@staff_may("case.read")
@require_POST
def remove_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    if not saved_views.remove(me(request), public_id):
        raise Http404
    return redirect("desk:home")


@staff_may("case.read")
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


def _tabs(reader: Staff, wanted: queue.Narrowing) -> list[dict[str, Any]]:
    """The ways to look at the queue that everybody has, and the views that were kept."""
    fixed = [(_("To do"), {}), (_("On the way"), {"scope": "others"})]
    if policy.may(reader, "case.decide"):
        fixed[1:1] = [(_("Mine"), {"owner": "mine"}), (_("Nobody's"), {"owner": "nobody"})]
    kept = [(_view_name(view, reader), view.query) for view in saved_views.of(reader)]
    home = reverse("desk:home")
    return [
        {
            "text": text,
            "url": f"{home}?{urlencode(query)}" if query else home,
            "current": query == wanted.query,
            "count": None,
        }
        for text, query in (*fixed, *kept)
    ]


def _view_name(view: Any, reader: Staff) -> str:
    if view.owner_id == reader.pk:
        return str(view.name)
    return _("%(view)s (of %(name)s)") % {"view": view.name, "name": view.owner.get_short_name()}


def _bulk(reader: Staff) -> dict[str, Any]:
    verbs = bulk.allowed(reader)
    colleagues = [one for one in people.active() if queue.roles(one)]
    return {"verbs": verbs, "colleagues": colleagues} if verbs else {}


def _colleague(public_id: str) -> Staff | None:
    return next((one for one in people.active() if str(one.public_id) == public_id), None)


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
        "tag": words.end(row, row.end) if ended else _("open"),
        "tag_kind": "good" if row.goal else "" if ended else "now",
    }
