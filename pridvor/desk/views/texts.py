"""The library of words that staff send with decisions."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts import queries as people
from pridvor.accounts.access import staff_may
from pridvor.desk import door, words
from pridvor.desk.door import me
from pridvor.desk.forms import TextForm
from pridvor.lib import clock
from pridvor.notifications import reason_texts
from pridvor.notifications.models import ReasonText


@staff_may("text.write")
@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest) -> HttpResponse:
    """All of them, and a new one."""
    form = TextForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason_texts.write(form.cleaned_data["title"], form.words(), actor=me(request).actor, now=clock.now())
        return redirect("desk:texts")
    names = people.names()
    rows = [{"text": row, "by": words.doer(row.by, names)} for row in reason_texts.offered()]
    return door.page(
        request,
        "texts",
        {"section": "texts", "rows": rows, "form": form},
        status=422 if request.method == "POST" else 200,
    )


@staff_may("text.write")
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One of them, to be rewritten."""
    found = _text(public_id)
    first = {"title": found.title, **{f"words_{key}": said for key, said in found.words.items()}}
    form = TextForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        reason_texts.rewrite(
            found, form.cleaned_data["title"], form.words(), actor=me(request).actor, now=clock.now()
        )
        return redirect("desk:texts")
    return door.page(
        request,
        "text",
        {"section": "texts", "text": found, "form": form},
        status=422 if request.method == "POST" else 200,
    )


@staff_may("text.write")
@require_POST
def retire(request: HttpRequest, public_id: UUID) -> HttpResponse:
    reason_texts.retire(_text(public_id), actor=me(request).actor, now=clock.now())
    return redirect("desk:texts")


def _text(public_id: UUID) -> ReasonText:
    found = reason_texts.one(public_id)
    if found is None:
        raise Http404
    return found
