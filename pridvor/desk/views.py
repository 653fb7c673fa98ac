"""The operators' pages: the queue, a case, a decision, the search. Each view loads, calls one action, and answers."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts.access import staff_only
from pridvor.accounts.models import Role, Staff
from pridvor.cases import actions as case_actions
from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case
from pridvor.clients import actions as clients
from pridvor.desk import board, forms, words
from pridvor.desk import search as searching
from pridvor.documents import queries as documents
from pridvor.documents.models import File
from pridvor.lib import clock

WORKERS = (
    Role.OPERATOR,
    Role.COMPLIANCE,
    Role.ACCOUNT_MANAGER,
    Role.ENGINEER,
    Role.EDITOR,
    Role.SECURITY,
    Role.ADMINISTRATOR,
)
READERS = (*WORKERS, Role.MANAGER, Role.AUDITOR)
REFUSED = {
    "stale": gettext_lazy("Somebody changed this case while you looked at it. Here it is as it stands now."),
    "no-longer-open": gettext_lazy("This has been decided already. Here is the case as it stands now."),
    "second-person-must": gettext_lazy("A second person must confirm this."),
    "somebody-else-must": gettext_lazy("Somebody else must do this: you did the step before."),
}


@staff_only(*READERS)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    now, language = clock.now(), _language()
    context = {
        "rows": board.queue(_me(request), now, language=language),
        "elsewhere": board.elsewhere(now, language=language),
        "acts": _me(request).role in WORKERS,
        "section": "desk",
    }
    return render(request, "desk/home.html", context)


@staff_only(*READERS)
@require_GET
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found, now, language = _case(public_id), clock.now(), _language()
    context = {
        "page": board.case_page(found, _me(request), language=language, now=now),
        "rows": board.queue(_me(request), now, language=language, current=found),
        "section": "desk",
    }
    return render(request, "desk/case.html", context)


@staff_only(*WORKERS)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, public_id: UUID, attempt: int, outcome: str) -> HttpResponse:
    """Ends a step by hand. An outcome that sends back or closes asks for its reason on a page of its own first."""
    found = _case(public_id)
    row = get_object_or_404(
        Attempt.objects.select_related("case__client", "case__journey_version"), pk=attempt, case=found
    )
    if not board.may_act(_me(request), row):
        raise Http404
    form = _reason_form(request, row, outcome)
    if request.method == "GET" or (form is not None and not form.is_valid()):
        return _ask_reason(request, row, outcome, form)
    return _finish(request, row, outcome, form)


@staff_only(*WORKERS)
@require_POST
def pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _case(public_id)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why the case is paused."))
    else:
        _try(request, lambda: case_actions.pause(found, reason, actor=_me(request).actor, now=clock.now()))
    return redirect("desk:case", public_id=public_id)


@staff_only(*WORKERS)
@require_POST
def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _case(public_id)
    _try(request, lambda: case_actions.resume(found, actor=_me(request).actor, now=clock.now()))
    return redirect("desk:case", public_id=public_id)


@staff_only(*READERS)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "")
    found = searching.search(typed, actor=_me(request).actor, now=clock.now())
    if len(found) == 1:
        return redirect("desk:case", public_id=found[0].public_id)
    rows = [_result(row) for row in found]
    return render(request, "desk/search.html", {"rows": rows, "q": typed, "section": "desk"})


@staff_only(*READERS)
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


@staff_only(*READERS)
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
        actor=_me(request).actor,
        purpose=board.PURPOSE,
        now=clock.now(),
        case=row.document.case.reference,
    )
    response = FileResponse(reader, as_attachment=True, filename=name)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@staff_only(*READERS)
@require_GET
def document(request: HttpRequest, public_id: UUID, item: str, number: int) -> HttpResponse:
    """An earlier version of a document."""
    found = _case(public_id)
    view = next((row for row in documents.history(found) if (row.item, row.number) == (item, number)), None)
    if view is None:
        raise Http404
    title = words.item_title(found, item, _language())
    return render(
        request,
        "desk/document.html",
        {
            "case": found,
            "title": title,
            "view": view,
            "section": "desk",
            "pages": board.page_links(found, view, title),
        },
    )


# -- how


def _case(public_id: UUID) -> Case:
    found = cases.case(public_id)
    if found is None:
        raise Http404
    return found


def _file(public_id: UUID, file: UUID) -> File:
    try:
        return documents.find_file(_case(public_id), file)
    except File.DoesNotExist:
        raise Http404 from None


def _me(request: HttpRequest) -> Staff:
    """Who is signed in: `staff_only` lets nobody else come here."""
    assert isinstance(request.user, Staff)
    return request.user


def _language() -> str:
    return get_language() or "en"


def _reason_form(request: HttpRequest, row: Attempt, outcome: str) -> Any:
    data = request.POST if request.method == "POST" else None
    if row.kind == "gate":
        return forms.ReasonForm(data, case=row.case, language=_language()) if outcome == "close" else None
    route = row.case.journey.steps[row.step].routes.get(outcome)
    if route is None:
        raise Http404
    if route.verb == "redo":
        return forms.CorrectionForm(data, attempt=row, outcome=outcome, language=_language())
    return forms.ReasonForm(data, case=row.case, language=_language()) if route.verb == "close" else None


def _ask_reason(request: HttpRequest, row: Attempt, outcome: str, form: Any) -> HttpResponse:
    if form is None:
        return redirect("desk:case", public_id=row.case.public_id)
    template = "desk/correct.html" if isinstance(form, forms.CorrectionForm) else "desk/reject.html"
    context = {
        "case": row.case,
        "attempt": row,
        "outcome": outcome,
        "form": form,
        "section": "desk",
        "version": row.case.version,
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _finish(request: HttpRequest, row: Attempt, outcome: str, form: Any) -> HttpResponse:
    actor, now = _me(request).actor, clock.now()
    said = "close declined" if row.kind == "gate" and outcome == "close" else outcome
    if not _try(request, lambda: _complete(row, said, form, actor, now, request.POST.get("version", ""))):
        return redirect("desk:case", public_id=row.case.public_id)
    messages.success(
        request,
        _("%(company)s: %(outcome)s")
        % {"company": row.case.client.name, "outcome": words.OUTCOMES.get(outcome, outcome)},
    )
    following = board.queue(_me(request), now, language=_language())
    return redirect(following[0]["url"] if following else "desk:home")


@transaction.atomic
def _complete(row: Attempt, outcome: str, form: Any, actor: Any, now: Any, seen: str) -> None:
    """The decision and the words for the client, together or not at all."""
    reasons = _reasons(row, form, actor, now) if form is not None else []
    wanted: dict[str, list[str]] = {}
    for reason in reasons:
        if "step" in reason:
            wanted.setdefault(reason["step"], []).extend([reason["item"]] if "item" in reason else [])
    version = int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else None
    case_actions.complete(
        row,
        outcome,
        actor=actor,
        now=now,
        reasons=reasons,
        targets=sorted(wanted),
        wanted=wanted,
        seen_version=version,
    )


def _reasons(row: Attempt, form: Any, actor: Any, now: Any) -> list[dict[str, Any]]:
    """The chosen reasons; the words for the client are sealed, and only their id goes with the reasons."""
    note = form.cleaned_data.get("note", "").strip()
    ref = (
        str(case_actions.keep_note(row.case, row.step, row.number, note, actor=actor, now=now))
        if note
        else ""
    )
    if isinstance(form, forms.CorrectionForm):
        return [{**reason, **({"note_ref": ref} if ref else {})} for reason in form.reasons()]
    return [{"code": form.cleaned_data["reason"], **({"note_ref": ref} if ref else {})}]


def _try(request: HttpRequest, act: Any) -> bool:
    try:
        act()
    except case_actions.Refused as refusal:
        messages.error(request, REFUSED.get(str(refusal)) or _("That is not possible now."))
        return False
    return True


def _result(row: Case) -> dict[str, Any]:
    ended = row.state != "open"
    return {
        "url": f"/desk/cases/{row.public_id}/",
        "title": row.client.name,
        "note": f"{row.reference} · {row.client.cui or row.client.vat}",
        "tag": row.end if ended else _("open"),
        "tag_kind": "good" if row.end == "activated" else "" if ended else "now",
    }
