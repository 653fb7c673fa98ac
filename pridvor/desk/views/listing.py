"""Items of a list: added, taken, fixed with evidence, tested again, set aside."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from pridvor.accounts.access import staff_may
from pridvor.cases import actions as cases
from pridvor.cases import items
from pridvor.cases.models import Case, Item
from pridvor.desk import listing
from pridvor.desk.door import case_or_404, me
from pridvor.documents import evidence, intake, kinds
from pridvor.documents.intake import EncryptingHandler
from pridvor.documents.messages import message
from pridvor.lib import clock


@staff_may("case.item")
@require_POST
def add_item(request: HttpRequest, public_id: UUID, name: str) -> HttpResponse:
    """A new item of this list."""
    found, form = case_or_404(public_id), listing.ItemForm(request.POST)
    if name not in items.lists(found.journey) or not listing.may_act(me(request), found, name):
        raise Http404
    if form.is_valid():
        given, now = form.cleaned_data, clock.now()
        _tried(
            request,
            lambda: items.add(
                found,
                name,
                given["text"],
                severity=given["severity"],
                owner=given["owner"],
                actor=me(request).actor,
                now=now,
            ),
        )
    else:
        messages.error(request, listing.WHY_NOT["no-words"])
    return _back(found, name)


@csrf_exempt  # the check reads the form, which may happen only once the encrypting handler stands: see intake.py
@staff_may("case.item")
@require_POST
def fix_item(request: HttpRequest, public_id: UUID, item: UUID) -> HttpResponse:
    """Shows that an item is fixed, by files, in words, or both."""
    row, now, actor = _item(request, public_id, item), clock.now(), me(request).actor
    step = items.lists(row.case.journey)[row.list][0].key
    with intake.receiving(request, row.case, step, items.key(row), actor=actor, now=now) as handler:
        return _fix(request, handler, row)


@staff_may("case.item")
@require_POST
def act_on_item(request: HttpRequest, public_id: UUID, item: UUID, verb: str) -> HttpResponse:
    """Takes an item, says how its test went, or sets it aside."""
    row, words = _item(request, public_id, item), request.POST.get("words", "")
    actor, now = me(request).actor, clock.now()
    verbs: dict[str, Callable[[], object]] = {
        "take": lambda: items.take(row, actor=actor, now=now),
        "pass": lambda: items.retest(row, True, words, actor=actor, now=now),
        "fail": lambda: items.retest(row, False, words, actor=actor, now=now),
        "reject": lambda: items.reject(row, words, actor=actor, now=now),
    }
    if verb not in verbs:
        raise Http404
    _tried(request, verbs[verb])
    return _back(row.case, row.list)


# -- how


def _item(request: HttpRequest, public_id: UUID, item: UUID) -> Item:
    found = case_or_404(public_id)
    row = listing.find(found, item)
    if row is None or not listing.may_act(me(request), found, row.list):
        raise Http404
    return row


@csrf_protect
def _fix(request: HttpRequest, handler: EncryptingHandler, row: Item) -> HttpResponse:
    words = request.POST.get("words", "")
    refusals = [arrival.refusal for arrival in handler.arrivals if arrival.refusal]
    try:
        with transaction.atomic():
            taken = handler.take() if handler.arrivals else []
            evidence.fix(row, taken, words, actor=me(request).actor, now=clock.now())
    except kinds.Refused as refused:
        messages.error(request, message(refused.code))
    except cases.Refused as refused:
        messages.error(request, message(refusals[0]) if refusals else _why_not(refused))
    return _back(row.case, row.list)


def _tried(request: HttpRequest, act: Callable[[], object]) -> None:
    try:
        act()
    except cases.Refused as refused:
        messages.error(request, _why_not(refused))


def _why_not(refused: cases.Refused) -> str:
    return str(listing.WHY_NOT.get(str(refused)) or _("That is not possible now."))


def _back(case: Case, name: str) -> HttpResponse:
    return redirect(f"{reverse('desk:case', args=[case.public_id])}#list-{name}")
