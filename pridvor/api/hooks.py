"""`/hooks/<connector>/`: systems outside tell us things. Genuine ones get 204 however often they come."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pridvor.accounts.access import declares
from pridvor.api import problems
from pridvor.api.problems import Problem
from pridvor.connectors import knocking
from pridvor.lib import clock


@csrf_exempt  # the sender signs what it sends
@require_POST
@declares("machine:signature of a connector")
def take(request: HttpRequest, connector: str) -> HttpResponse:
    """Verified, kept and handed to a job; nothing else happens while the sender waits."""
    if knocking.listener(connector) is None:
        return problems.response(Problem("not-found"))
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > knocking.LARGEST:
        return problems.response(problems.too_large(knocking.LARGEST))
    try:
        knocking.knock(connector, request.body, dict(request.headers), now=clock.now())
    except knocking.Forged as forged:
        return problems.response(Problem("not-genuine", reason=forged.code))
    return HttpResponse(status=204)
