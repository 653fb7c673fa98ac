"""One case: looked at, paused, resumed; its documents as images and as copies."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.cases import actions as case_actions
from pridvor.cases import support, work
from pridvor.clients import actions as clients
from pridvor.desk import board, door, forms, queue, steering, words
from pridvor.desk.door import case_or_404, language, me, tried
from pridvor.documents import actions as filing
from pridvor.documents import queries as documents
from pridvor.documents.models import File
from pridvor.lib import clock
from pridvor.notifications import notices


@staff_may("case.read")
@require_GET
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, now, reader = case_or_404(public_id), clock.now(), me(request)
    notices.seen(reader, found, now=now)
    context = {
        "acts": policy.may(reader, "case.decide"),
        "adjudicates": policy.may(reader, "sanctions.adjudicate"),
        "leads": policy.may(reader, "case.assign"),
        "support_path": support.path(found) if policy.may(reader, support.ABILITY) else "",
        "page": board.case_page(found, reader, language=language(), now=now),
        "rows": queue.beside(reader, now, language=language(), current=found),
    }
    return door.page(request, "case", context)


@staff_may("case.pause")
@require_POST
def pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = case_or_404(public_id)
    form, actor, now = (
        steering.PauseForm({"party": "us", **request.POST.dict()}),
        me(request).actor,
        clock.now(),
    )
    if not form.is_valid():
        messages.error(request, _("Say why the case is paused."))
    else:
        why, party = form.cleaned_data["reason"], form.cleaned_data["party"]
        tried(request, lambda: case_actions.pause(found, why, party=party, actor=actor, now=now))
    return redirect("desk:case", public_id=public_id)


@staff_may("case.pause")
@require_POST
def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = case_or_404(public_id)
    tried(request, lambda: case_actions.resume(found, actor=me(request).actor, now=clock.now()))
    return redirect("desk:case", public_id=public_id)


@staff_may("case.assign")
@require_POST
def assign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Gives one stage of the case to somebody."""
    found, stage = case_or_404(public_id), request.POST.get("stage", "")
    staff = board.who_may_have(found, stage).get(request.POST.get("to", ""))
    if staff is None:
        raise Http404
    reader = me(request)
    why = "taken" if staff.pk == reader.pk else "by-hand"
    work.assign(found, stage, staff, why=why, actor=reader.actor, now=clock.now())
    return redirect("desk:case", public_id=public_id)


@staff_may("case.read")
@require_GET
def page(request: HttpRequest, public_id: UUID, file: UUID, number: int) -> HttpResponse:
    """A page of a document as a fresh image: nothing of the file itself reaches a browser."""
    row = _file(public_id, file)
    if number >= (row.pages or 1):
        raise Http404
    try:
        image = documents.page_image(row, number, width=1600 if request.GET.get("large") else 800)
    except (documents.NotClean, documents.Erased):
        raise Http404 from None
    return HttpResponse(
        image, content_type=documents.IMAGE_TYPE, headers={"Cache-Control": "private, max-age=300"}
    )


@staff_may("case.read")
@require_GET
def copy(request: HttpRequest, public_id: UUID, file: UUID) -> FileResponse:
    row = _file(public_id, file)
    try:
        reader, size, name = documents.open_copy(row)
    except (documents.NotClean, documents.Erased):
        raise Http404 from None
    clients.note_look(
        row.subject,
        [f"copy:{row.document.item}"],
        actor=me(request).actor,
        purpose=board.PURPOSE,
        now=clock.now(),
        case=row.document.case.reference,
    )
    response = FileResponse(reader, as_attachment=True, filename=name)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@staff_may("case.read")
@require_GET
def document(request: HttpRequest, public_id: UUID, item: str, number: int) -> HttpResponse:
    """An earlier version of a document."""
    found = case_or_404(public_id)
    view = next((row for row in documents.history(found) if (row.item, row.number) == (item, number)), None)
    if view is None:
        raise Http404
    title = words.item_title(found, item, language())
    context = {"case": found, "title": title, "view": view, "pages": board.page_links(found, view, title)}
    return door.page(request, "document", context)


@staff_may("document.judge")
@require_POST
def validity(request: HttpRequest, public_id: UUID, item: str) -> HttpResponse:
    """Notes until which day a paper counts; an empty day takes that back."""
    found, form = case_or_404(public_id), forms.ValidityForm(request.POST)
    view = documents.current(found, sent_only=True).get(item)
    if view is None:
        raise Http404
    if form.is_valid():
        until = form.cleaned_data["valid_until"]
        filing.note_validity(found, item, until, actor=me(request).actor, now=clock.now())
    else:
        messages.error(request, _("That is not a day. Write it as 2027-03-31."))
    return redirect(f"{reverse('desk:case', args=[public_id])}#{item}")


# -- how


def _file(public_id: UUID, file: UUID) -> File:
    try:
        return documents.find_file(case_or_404(public_id), file)
    except File.DoesNotExist:
        raise Http404 from None
