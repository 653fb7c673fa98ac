"""Delivering: gather a version, answer the comments on the one before, hand it to the client; name who approves."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import staff_may
from pridvor.cases import approvals
from pridvor.cases.models import Case
from pridvor.desk import delivering, door
from pridvor.desk.delivering import AnswersForm, ApproverForm, WordsForm
from pridvor.desk.door import case_or_404, language, me, tried
from pridvor.documents import actions as files
from pridvor.documents import deliveries, intake, kinds
from pridvor.documents.deliveries import CannotDeliver
from pridvor.documents.intake import EncryptingHandler
from pridvor.documents.messages import message
from pridvor.lib import clock


@staff_may("case.read")
@require_GET
def delivery(request: HttpRequest, public_id: UUID, deliverable: str) -> HttpResponse:
    """The bench: what is gathered, what was delivered, what is to be answered."""
    found = _case(public_id, deliverable)
    form = AnswersForm(comments=approvals.unanswered(found, deliverable))
    return _bench(request, found, deliverable, form)


@staff_may("case.deliver")
@require_POST
def deliver(request: HttpRequest, public_id: UUID, deliverable: str) -> HttpResponse:
    """Hands the version to the client, with an answer to each comment on the versions before."""
    found = _workers_case(request, public_id, deliverable)
    form = AnswersForm(request.POST, comments=approvals.unanswered(found, deliverable))
    if not form.is_valid():
        return _bench(request, found, deliverable, form, status=422)
    try:
        made = deliveries.deliver(
            found, deliverable, form.answers(), actor=me(request).actor, now=clock.now()
        )
    except CannotDeliver as cannot:
        messages.error(request, delivering.why_not(cannot.code))
        return _bench(request, found, deliverable, form, status=422)
    messages.success(request, _("Version %(n)d is delivered.") % {"n": made.number})
    return redirect("desk:delivery", public_id, deliverable)


@csrf_exempt  # the check reads the form, which may happen only once the encrypting handler stands: see intake.py
@staff_may("case.deliver")
@require_POST
def add_files(request: HttpRequest, public_id: UUID, deliverable: str) -> HttpResponse:
    """Files of ours, received as every document is."""
    found = _workers_case(request, public_id, deliverable)
    step = deliveries.deliverables(found.journey)[deliverable]
    item, actor, now = deliveries.item_of(deliverable), me(request).actor, clock.now()
    with intake.receiving(request, found, step, item, actor=actor, now=now) as handler:
        return _take(request, handler, found, deliverable)


@staff_may("case.deliver")
@require_POST
def add_words(request: HttpRequest, public_id: UUID, deliverable: str) -> HttpResponse:
    """A link or a text."""
    found, form = _workers_case(request, public_id, deliverable), WordsForm(request.POST)
    try:
        if not form.is_valid():
            raise CannotDeliver("no-words")
        kind, words = form.cleaned_data["kind"], form.cleaned_data["words"]
        deliveries.add_words(found, deliverable, kind, words, actor=me(request).actor, now=clock.now())
    except CannotDeliver as cannot:
        messages.error(request, delivering.why_not(cannot.code))
    return redirect("desk:delivery", public_id, deliverable)


@staff_may("case.deliver")
@require_POST
def remove(request: HttpRequest, public_id: UUID, deliverable: str, piece: UUID) -> HttpResponse:
    """Takes something out of the version that is being gathered."""
    found = _workers_case(request, public_id, deliverable)
    row = deliveries.piece(found, piece)
    if row is None:
        raise Http404
    try:
        deliveries.remove(row, actor=me(request).actor, now=clock.now())
    except files.CannotChange:
        messages.error(request, _("This has been delivered already and stays as it is."))
    return redirect("desk:delivery", public_id, deliverable)


@staff_may("case.deliver")
@require_POST
def name_approver(request: HttpRequest, public_id: UUID, deliverable: str) -> HttpResponse:
    """Asks for somebody's word; they are let in to this case by a code sent to this address."""
    found, form = _workers_case(request, public_id, deliverable), ApproverForm(request.POST)
    step = deliveries.deliverables(found.journey)[deliverable]
    if not form.is_valid():
        messages.error(request, _("That is no e-mail address."))
    else:
        email = form.cleaned_data["email"]
        tried(
            request,
            lambda: approvals.name(found, step, email, actor=me(request).actor, now=clock.now()),
        )
    return redirect("desk:delivery", public_id, deliverable)


# -- how


def _case(public_id: UUID, deliverable: str) -> Case:
    found = case_or_404(public_id)
    if deliverable not in deliveries.deliverables(found.journey):
        raise Http404
    return found


def _workers_case(request: HttpRequest, public_id: UUID, deliverable: str) -> Case:
    """The case, if the reader does the work of its stage."""
    found = _case(public_id, deliverable)
    if not delivering.may_deliver(me(request), found, deliverable):
        raise Http404
    return found


@csrf_protect
def _take(request: HttpRequest, handler: EncryptingHandler, case: Case, deliverable: str) -> HttpResponse:
    if not request.FILES and not handler.arrivals:
        messages.error(request, _("No file was chosen. Choose one, then press the button."))
    try:
        with transaction.atomic():
            taken = handler.take()
            deliveries.hold(case, deliverable, taken, actor=me(request).actor, now=clock.now())
    except kinds.Refused as refused:
        messages.error(request, message(refused.code))
    else:
        for code in sorted({file.refusal for file in taken if file.refusal}):
            messages.error(request, message(code))
    return redirect("desk:delivery", case.public_id, deliverable)


def _bench(
    request: HttpRequest, case: Case, deliverable: str, form: AnswersForm, *, status: int = 200
) -> HttpResponse:
    reader = me(request)
    context = {
        "case": case,
        "acts": delivering.may_deliver(reader, case, deliverable),
        "form": form,
        "accept": kinds.ACCEPT,
        "page": delivering.bench(case, deliverable, form, reader, language=language(), now=clock.now()),
    }
    return door.page(request, "delivery", context, status=status)
