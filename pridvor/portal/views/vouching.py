"""The page behind the link in an administrator's mail: does this person act for your company? Looking decides nothing."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pridvor.cases import actions as cases
from pridvor.cases import vouching
from pridvor.portal import door


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def vouch(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks, yes or no. The link proves the administrator's mailbox, as a code would."""
    now = timezone.now()
    try:
        asked = vouching.by_token(token)
    except vouching.NotWhole:
        return door.page(request, "vouch_broken", status=404)
    if asked is None:
        return door.page(request, "vouch_late", status=410)
    actor, case = door.actor_of(asked.administrator), asked.case
    if request.method == "POST":
        outcome = "confirmed" if "confirm" in request.POST else "refused"
        try:
            vouching.answer(asked, outcome, actor=actor, now=now)
        except cases.Refused:
            return door.page(request, "vouch_late", status=410)
        return door.page(request, "vouch_answered", {"confirmed": outcome == "confirmed", "case": case})
    return door.page(request, "vouch", {"case": case, "said": vouching.applicant(asked, now=now)})
