"""Documents: put them down, see at once what is wrong, send them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases.models import Attempt, Case
from pridvor.cases.rights import Right
from pridvor.documents import actions, agreements, deliveries, intake, kinds
from pridvor.documents import queries as documents
from pridvor.documents.contract import CannotSet, render_contract
from pridvor.documents.intake import EncryptingHandler
from pridvor.documents.messages import message
from pridvor.documents.models import File
from pridvor.documents.queries import Erased
from pridvor.portal import collecting, door, listing, paper
from pridvor.portal.views import handover


def open_upload(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """The table on which documents are laid."""
    return _table(request, case, _attempt(case, step))


@require_POST
@door.own_case
def send(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Send what lies there: the documents are frozen and the case goes on, both or neither."""
    attempt, now, actor = collecting.attempt_of(case, step), timezone.now(), door.doer(request, case)
    if attempt is None:
        messages.info(request, _("This part has been sent. Here is where it stands."))
        return redirect("portal:case", case.public_id)
    items = [wanted.key for wanted in collecting.table(case, attempt, door.language()).wanted]
    errors = [*_not_ready(case, attempt), *listing.still_missing(case, attempt)]
    if errors:
        return _table(request, case, attempt, errors)
    try:
        with transaction.atomic():
            actions.send(case, items, actor=actor, now=now)
            cases.complete(attempt, "done", actor=actor, now=now)
    except actions.CannotSend as cannot:
        return _table(
            request, case, attempt, [_error(item, message(code)) for item, code in cannot.why.items()]
        )
    except cases.Refused:
        messages.info(request, _("This part has been sent. Here is where it stands."))
        return redirect("portal:case", case.public_id)
    messages.success(request, _("Your documents have been sent. We are checking them."))
    return redirect("portal:case", case.public_id)


@csrf_exempt  # the check reads the form, which may happen only once the encrypting handler stands: see intake.py
@require_POST
@door.own_case_or_phone
def item(request: HttpRequest, case: Case, step: str, item: str) -> HttpResponse:
    """Files of one document from a classic form, for browsers without scripts."""
    attempt = _attempt(case, step)
    if collecting.one(case, attempt, item, door.language()) is None:
        raise Http404
    with intake.receiving(
        request, case, step, item, actor=door.doer(request, case), now=timezone.now()
    ) as handler:
        return _take(request, handler, case, step)


@require_safe
@door.own_case_or_phone
def item_files(request: HttpRequest, case: Case, step: str, item: str) -> HttpResponse:
    """The files of one document as they stand."""
    wanted = collecting.one(case, _attempt(case, step), item, door.language())
    if wanted is None:
        raise Http404
    return render(request, "portal/_files.html", {"item": wanted})


@require_POST
@door.own_case_or_phone
def remove(request: HttpRequest, case: Case, file_id: Any) -> HttpResponse:
    """Take a file back before sending."""
    file = find(request, case, file_id)
    try:
        actions.remove(file, actor=door.doer(request, case), now=timezone.now())
    except actions.CannotChange:
        messages.warning(request, _("This document has been sent already and stays as it is."))
    return back_to(file)


@require_POST
@door.own_case_or_phone
def insist(request: HttpRequest, case: Case, file_id: Any) -> HttpResponse:
    """«This is the right one»: take the same file again, for a person to look at."""
    file = find(request, case, file_id)
    try:
        actions.insist(file, actor=door.doer(request, case), now=timezone.now())
    except actions.CannotChange:
        messages.warning(request, _("This document has been sent already and stays as it is."))
    return back_to(file)


@require_safe
@door.own_or_asked_case
def copy(request: HttpRequest, case: Case, file_id: Any) -> HttpResponseBase:
    """One's own file, as it was sent."""
    file = _shown(request, case, file_id)
    try:
        reader, size, name = documents.open_copy(file)
    except (documents.NotClean, Erased):
        raise Http404 from None
    answer = FileResponse(reader, as_attachment=True, filename=name, content_type="application/octet-stream")
    answer["Content-Length"] = str(size)
    return answer


@require_safe
@door.own_or_asked_case
def page_image(request: HttpRequest, case: Case, file_id: Any, number: int) -> HttpResponse:
    """A page of a file as a fresh image."""
    file = _shown(request, case, file_id)
    if number >= (file.pages or 1):
        raise Http404
    try:
        image = documents.page_image(file, number, width=800)
    except (documents.NotClean, Erased):
        raise Http404 from None
    return HttpResponse(
        image, content_type=documents.IMAGE_TYPE, headers={"Cache-Control": "private, max-age=300"}
    )


@require_safe
@door.own_case
def contract(request: HttpRequest, case: Case, step: str, item: str) -> HttpResponse:
    """The paper to sign, filled in."""
    asked = case.journey.documents.get(item)
    if asked is None or not asked.template:
        raise Http404
    data = paper.contract_data(case, actor=door.doer(request, case), now=timezone.now())
    try:
        made = render_contract(data, door.language(), template=asked.template)
    except CannotSet:
        messages.error(request, _("We could not fill in the contract. Please call us: we send it to you."))
        return redirect("portal:step", case.public_id, step)
    name = f"{_('contract')}-{case.reference}.pdf"
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# -- shared with files.py


def find(request: HttpRequest, case: Case, file_id: Any) -> File:
    """A file of a step that is the visitor's to do."""
    file = _existing(case, file_id)
    if not door.may_do(request, case, file.document.step):
        raise Http404
    return file


def _existing(case: Case, file_id: Any) -> File:
    """A file of this case; one of ours that has not been delivered does not exist yet."""
    try:
        file = documents.find_file(case, file_id)
    except File.DoesNotExist:
        raise Http404 from None
    if not deliveries.may_client_see(file):
        raise Http404
    return file


def _shown(request: HttpRequest, case: Case, file_id: Any) -> File:
    """A file that the visitor may look at: whoever reads the case or does its step; who is asked to approve or to sign,
    what was delivered or what they sign, and nothing else."""
    file, person = _existing(case, file_id), door.person_of(request)
    mine = door.standing(request, case)
    is_asked = deliveries.is_delivered(file) and approvals.is_asked(case, person)
    signs = agreements.may_see_file(file, person)
    if not (mine.may(Right.READ) or mine.may_do(file.document.step) or is_asked or signs):
        raise Http404
    return file


def back_to(file: File) -> HttpResponse:
    answer = redirect("portal:step", file.document.case.public_id, file.document.step)
    answer["Location"] += f"#{file.document.item}"
    return answer


# -- how


@csrf_protect
def _take(request: HttpRequest, handler: EncryptingHandler, case: Case, step: str) -> HttpResponse:
    if not request.FILES and not handler.arrivals:
        messages.error(request, _("No file was chosen. Choose one, then press the button."))
    try:
        handler.take()
    except kinds.Refused as refused:
        messages.error(request, message(refused.code))
    answer = redirect("portal:step", case.public_id, step)
    answer["Location"] += f"#{handler._item}"
    return answer


def _attempt(case: Case, step: str) -> Attempt:
    attempt = collecting.attempt_of(case, step)
    if attempt is None:
        raise Http404
    return attempt


def _not_ready(case: Case, attempt: Attempt) -> list[dict[str, str]]:
    """What stands in the way, each with its place on the page."""
    out = []
    for wanted in collecting.table(case, attempt, door.language()).wanted:
        if any(file["state"] == "paused" for file in wanted.files):
            out.append(_error(wanted.key, f"{wanted.title}: {message('still-arriving')}"))
        elif wanted.state in ("empty", "wrong"):
            out.append(_error(wanted.key, f"{wanted.title}: {message('no-file')}"))
        elif any(file["state"] == "failed" for file in wanted.files):
            out.append(
                _error(
                    wanted.key,
                    _("%(what)s: a file was not taken. Remove it or replace it, then send.")
                    % {"what": wanted.title},
                )
            )
    return out


def _error(item: str, text: str) -> dict[str, str]:
    return {"id": item, "text": text}


def _table(
    request: HttpRequest, case: Case, attempt: Attempt, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    phone, language = door.is_phone(request, case.public_id), door.language()
    table = collecting.table(case, attempt, language)
    context = {
        "case": case,
        "step": attempt.step,
        "table": table,
        "listed": listing.rows(case, attempt, actor=door.doer(request, case), now=timezone.now()),
        "errors": errors,
        "accept": kinds.ACCEPT,
        "max": settings.MAX_UPLOAD,
        "is_phone": phone,
        "title": case.journey.text(case.journey.steps[attempt.step].title, language),
        "bank_first": paper.lacks_account(case) if table.has_contract else "",
        "qr": "" if phone or door.visit_of(request) else handover.drawing(request, case, attempt.step),
    }
    return door.page(request, "documents", context, status=200)
