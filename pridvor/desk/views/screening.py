"""Sanctions screening: the candidates that wait, those of one case beside what we know, and a person's verdict."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import staff_may
from pridvor.cases.models import Case
from pridvor.checks import rescreening, screening
from pridvor.checks.models import Candidate, Verdict
from pridvor.desk import adjudicating, door
from pridvor.desk.door import case_or_404, me, tried
from pridvor.lib import clock


@staff_may("sanctions.adjudicate")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    return door.page(request, "screening", {"rows": adjudicating.lines(), "section": "screening"})


@staff_may("sanctions.adjudicate")
@require_GET
def of_case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, case_or_404(public_id))


@staff_may("sanctions.adjudicate")
@require_POST
def adjudicate(request: HttpRequest, public_id: UUID, candidate: UUID) -> HttpResponse:
    """Keeps what the person says of one candidate."""
    found = case_or_404(public_id)
    row = Candidate.objects.filter(public_id=candidate, screening__case=found).first()
    if row is None:
        raise Http404
    form = adjudicating.VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: somebody else will ask one day."))
        return _page(request, found, typed={row.public_id: request.POST.get("why", "")}, status=422)
    verdict, why, actor = Verdict(form.cleaned_data["verdict"]), form.cleaned_data["why"], me(request).actor
    if tried(request, lambda: screening.adjudicate(row, verdict, why, actor=actor, now=clock.now())):
        messages.success(request, _("Noted."))
    return redirect("desk:candidates", public_id=public_id)


@staff_may("sanctions.adjudicate")
@require_POST
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Has the case held against the list once more, as soon as that answers."""
    found, actor = case_or_404(public_id), me(request).actor
    if tried(request, lambda: rescreening.ask(found, actor=actor, now=clock.now())):
        messages.success(request, _("The list is being asked. What it says shows here within a minute."))
    return redirect("desk:candidates", public_id=public_id)


# -- how


def _page(
    request: HttpRequest, case: Case, *, typed: Mapping[UUID, str] | None = None, status: int = 200
) -> HttpResponse:
    """The candidates of a case; what was `typed` for one of them stands there again."""
    context = {
        "case": case,
        "panels": adjudicating.panels(case, me(request), typed or {}),
        "screenings": screening.screenings(case),
        "section": "screening",
    }
    return door.page(request, "candidates", context, status=status)
