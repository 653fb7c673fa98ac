"""Approving what we deliver: look at it, pin comments to it, agree or ask for changes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from pridvor.cases import approvals
from pridvor.cases.approvals import APPROVE
from pridvor.cases.models import Attempt, Case
from pridvor.clients.models import Person
from pridvor.documents import deliveries
from pridvor.portal import approving, door

WHY_NOT = {
    "stale": gettext_lazy("A newer version has come while you looked. Here it is."),
    "not-asked": gettext_lazy("Others are asked for their word on this. You may look at it."),
    "said-already": gettext_lazy("You have said so already."),
    "no-comment": gettext_lazy("Say first what should change: pin at least one comment."),
    "somebody-else-must": gettext_lazy("Somebody else must decide this: you did the step before."),
    "second-person-must": gettext_lazy("A second person must confirm this."),
    "no-longer-open": gettext_lazy("This has been decided already. Here is where it stands."),
}


def open_approval(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """The version that stands, with everything said of it."""
    attempt, person = _attempt(case, step), _person(request)
    page = approving.approval(case, attempt, person, actor=door.doer(request, case), now=timezone.now())
    title = case.journey.text(case.journey.steps[attempt.step].title, door.language())
    context = {"case": case, "step": step, "title": title, "page": page, "person": person}
    return door.page(request, "approve", context)


@require_POST
@door.own_or_asked_case
def comment(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Pins a comment to a page, a place on it, a paragraph, or the whole."""
    attempt, text = _attempt(case, step), request.POST.get("comment", "").strip()
    piece = request.POST.get("piece", "")
    where = approving.place(piece, request.POST.get("page", ""), request.POST.get("place", ""))
    if text:
        door.tried(
            request,
            WHY_NOT,
            lambda: deliveries.pin(
                attempt,
                _person(request),
                text,
                approving.deliverable(attempt, request.POST.get("deliverable", "")),
                where,
                actor=door.doer(request, case),
                now=timezone.now(),
            ),
        )
    else:
        messages.error(request, _("The comment is empty. Say what should change, then add it."))
    return _back(case, step, f"{piece}-{request.POST.get('page', '')}" if where.piece else "comments")


@require_POST
@door.own_or_asked_case
def take_back(request: HttpRequest, case: Case, step: str, comment: UUID) -> HttpResponse:
    """Removes one's own comment before anything was decided."""
    found = next(
        (row for row in approvals.comments_on(_attempt(case, step)) if row.public_id == comment), None
    )
    if found is None:
        raise Http404
    person, actor = _person(request), door.doer(request, case)
    door.tried(request, WHY_NOT, lambda: approvals.take_back(found, person, actor=actor, now=timezone.now()))
    return _back(case, step, "comments")


@require_POST
@door.own_or_asked_case
def vote(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Says yes to the versions on the page, or asks for the changes that the comments name."""
    attempt, outcome = approving.attempt_of(case, step), request.POST.get("outcome", "")
    if attempt is None:
        messages.info(request, str(WHY_NOT["no-longer-open"]))
        return redirect("portal:case", case.public_id)
    seen, person = approving.seen(request.POST.getlist("seen")), _person(request)
    if not door.tried(
        request,
        WHY_NOT,
        lambda: deliveries.vote(
            attempt, person, outcome, seen, actor=door.doer(request, case), now=timezone.now()
        ),
    ):
        return _back(case, step, "")
    said = _("Thank you: you have approved it.") if outcome == APPROVE else _("Thank you. We see to it.")
    messages.success(request, said)
    return redirect("portal:case", case.public_id)


# -- how


def _attempt(case: Case, step: str) -> Attempt:
    attempt = approving.attempt_of(case, step)
    if attempt is None:
        raise Http404
    return attempt


def _person(request: HttpRequest) -> Person:
    person = door.person_of(request)
    if person is None:
        raise Http404
    return person


def _back(case: Case, step: str, anchor: str) -> HttpResponse:
    answer = redirect("portal:step", case.public_id, step)
    if anchor:
        answer["Location"] += f"#{anchor}"
    return answer
