"""Is it alive. Whether it can work is asked at /readyz (project.readiness), which looks into every room."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pridvor.accounts.access import declares


@require_safe
@declares("anybody:health")
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")
