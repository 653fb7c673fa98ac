"""One's own service: the tests of the interface, run again when one likes, and the measures."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pridvor.cases.models import Case
from pridvor.cases.rights import Right
from pridvor.connectors import suites
from pridvor.insights import service as insights
from pridvor.portal import door


@require_safe
@door.case_with(Right.SERVICE)
def service(request: HttpRequest, case: Case) -> HttpResponse:
    if not insights.is_kept(case):
        raise Http404
    shown = insights.standing(case, door.language(), now=timezone.now())
    may_run = bool(case.journey.suites) and case.state == "open"
    return door.page(request, "service", {"case": case, "service": shown, "may_run": may_run})


@require_POST
@door.case_with(Right.SERVICE)
def run(request: HttpRequest, case: Case) -> HttpResponse:
    """Asks for the tests to be run again; a worker does it within moments."""
    if not insights.is_kept(case):
        raise Http404
    try:
        suites.ask(case, actor=door.doer(request, case), now=timezone.now())
        messages.success(request, _("The tests are running. Load this page again in a moment."))
    except suites.NotNow:
        messages.info(request, _("The tests ran a moment ago. Wait half a minute before the next run."))
    return redirect("portal:service", case.public_id)
