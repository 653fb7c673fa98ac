"""Showing that an item of a list is done: by files, in words, or both."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from pridvor.cases import actions as cases
from pridvor.cases import items
from pridvor.cases.models import Case, Item
from pridvor.documents import evidence, intake, kinds
from pridvor.documents.intake import EncryptingHandler
from pridvor.documents.messages import message
from pridvor.portal import collecting, door, listing


@csrf_exempt  # the check reads the form, which may happen only once the encrypting handler stands: see intake.py
@require_POST
@door.own_case
def show_item(request: HttpRequest, case: Case, step: str, item: UUID) -> HttpResponse:
    """Files and words for one item of one's own."""
    attempt = collecting.attempt_of(case, step)
    row = listing.find(case, attempt, item) if attempt else None
    if row is None:
        raise Http404
    actor, now = door.doer(request, case), timezone.now()
    with intake.receiving(request, case, step, items.key(row), actor=actor, now=now) as handler:
        return _fix(request, handler, row, step)


@csrf_protect
def _fix(request: HttpRequest, handler: EncryptingHandler, row: Item, step: str) -> HttpResponse:
    words = request.POST.get("words", "")
    actor, now = door.doer(request, row.case), timezone.now()
    refusals = [arrival.refusal for arrival in handler.arrivals if arrival.refusal]
    try:
        with transaction.atomic():
            taken = handler.take() if handler.arrivals else []
            evidence.fix(row, taken, words, actor=actor, now=now)
    except kinds.Refused as refused:
        messages.error(request, message(refused.code))
    except cases.Refused as refused:
        said = {"no-evidence": _("Add a file, or say in words how it was done.")}
        wrong = message(refusals[0]) if refusals else said.get(str(refused))
        messages.error(request, wrong or _("That is not possible now."))
    answer = redirect("portal:step", row.case.public_id, step)
    answer["Location"] += f"#{items.key(row)}"
    return answer
