"""Is it alive, and can it work: for load balancers and for people on duty."""

from django.db import connections
from django.db.utils import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from pridvor.accounts.access import declares


@require_GET
@declares("anybody:health")
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
@declares("anybody:health")
def readyz(request: HttpRequest) -> HttpResponse:
    """Both databases answer; 503 names the one that does not."""
    parts = {alias: _answers(alias) for alias in ("default", "vault")}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("select 1")
    except Error:
        return False
    return True
