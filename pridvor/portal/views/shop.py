"""From the porch into the shop: the applicant comes in signed in, by an address that is good once and for a moment."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from pridvor.cases import actions as cases
from pridvor.cases import rights
from pridvor.cases.models import Case
from pridvor.cases.rights import Right
from pridvor.connectors import peers, queries
from pridvor.portal import door


@require_safe
@door.case_with(Right.ANSWER)
def enter(request: HttpRequest, case: Case) -> HttpResponse:
    """Makes the address and goes there. A link, not a form: a form may not lead to another site (form-action)."""
    reference, now = queries.shop_account(case), timezone.now()
    if not reference or door.standing(request, case).role != rights.APPLICANT or door.visit_of(request):
        raise Http404  # on a support visit one looks at pages, and signs in nowhere as somebody else
    with peers.of_a_test(case.is_test):
        address = peers.entrance("shop", reference, now=now)
    if not address:
        raise Http404
    if request.method == "GET":
        cases.record(case, "shop.entered", actor=door.doer(request, case), now=now, data={"peer": "shop"})
    answer = redirect(address)
    answer.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    answer.headers["Cache-Control"] = "no-store"
    return answer
