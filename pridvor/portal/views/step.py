"""A step of a case: its kind says which page it is."""

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pridvor.cases import actions as cases
from pridvor.cases import approvals
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Attempt, Case
from pridvor.cases.rights import Right
from pridvor.documents import agreements
from pridvor.portal import door
from pridvor.portal.forms import SurveyForm
from pridvor.portal.views import agree, approve, documents, form

OPENERS = {"form": form.open_form, "upload": documents.open_upload, "approve": approve.open_approval}


@require_http_methods(["GET", "HEAD", "POST"])
@door.anybody_of_case
def step(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Open the step where it stands; one that is over leads back to the case."""
    known, attempt = case.journey.steps.get(step), case_queries.open_attempt(case, step)
    if known is None or known.party != "client" or not _is_theirs(request, case, step):
        raise Http404
    if known.kind == "sign" and (attempt or agreements.of_step(case, step)):
        return agree.open_contract(request, case, step)
    if attempt is None:
        if door.is_phone(request, case.public_id):
            return door.page(request, "continue_done")
        messages.info(request, _("There is nothing to do here at the moment. Here is where it stands."))
        return redirect("portal:case", case.public_id)
    if known.kind in OPENERS:
        return OPENERS[known.kind](request, case, step)
    return _survey(request, case, attempt) if known.kind == "survey" else _read(request, case, attempt)


def _is_theirs(request: HttpRequest, case: Case, step: str) -> bool:
    """Theirs to do; what is to be approved or signed may also be looked at by whoever is asked or reads the case."""
    if door.may_do(request, case, step):
        return True
    person = door.person_of(request)
    if case.journey.steps[step].kind == "sign":
        agreement = agreements.of_step(case, step)
        signs = agreement is not None and agreements.may_see(agreement, person)
        return signs or door.standing(request, case).may(Right.READ)
    looks = door.standing(request, case).may(Right.READ) or approvals.is_asked(case, person)
    return case.journey.steps[step].kind == "approve" and looks


def _survey(request: HttpRequest, case: Case, attempt: Attempt) -> HttpResponse:
    """Two questions; they may be answered after the case has ended."""
    asked = SurveyForm(door.posted(request))
    if request.method == "POST" and asked.is_valid():
        comment = asked.cleaned_data["comment"]
        with suppress(cases.Refused):  # a second press
            cases.submit(
                attempt,
                {"score": asked.cleaned_data["score"]},
                {"comment": comment} if comment else {},
                actor=door.doer(request, case),
                now=timezone.now(),
            )
        messages.success(request, _("Thank you. We read every answer."))
        return redirect("portal:case", case.public_id)
    return door.page(request, "survey", {"case": case, "form": asked, "title": _title(case, attempt)})


def _read(request: HttpRequest, case: Case, attempt: Attempt) -> HttpResponse:
    """Something to read or do and to confirm: a guide."""
    outcome = {"guide": "done"}.get(attempt.kind)
    if request.method == "POST" and outcome:
        with suppress(cases.Refused):  # a second press
            cases.complete(attempt, outcome, actor=door.doer(request, case), now=timezone.now())
        return redirect("portal:case", case.public_id)
    return door.page(
        request, "read", {"case": case, "title": _title(case, attempt), "can_confirm": bool(outcome)}
    )


def _title(case: Case, attempt: Attempt) -> str:
    return case.journey.text(case.journey.steps[attempt.step].title, door.language())
