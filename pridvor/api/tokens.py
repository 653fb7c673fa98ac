"""Access tokens for OAuth clients (RFC 6749, 4.4): allauth's provider, of which this is the one grant that is offered."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.idp.oidc.views import token as of_allauth
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from pridvor.accounts.access import declares
from pridvor.clients import limits
from pridvor.lib import clock

A_MINUTE = 30  # from one network address: each costs a slow hash


@csrf_exempt  # the client shows its own secret
@sensitive_post_parameters()
@require_POST
@declares("anybody:token for a client's id and secret")
def token(request: HttpRequest) -> HttpResponseBase:
    """`grant_type=client_credentials` with the id and secret as Basic authentication or in the form."""
    asked = limits.count("oauth", _place(request), within=timedelta(minutes=1), now=clock.now())
    if asked > A_MINUTE:
        refused = _refused("slow_down", 429)  # RFC 8628, 3.5: RFC 6749 has no word for «too often»
        refused["Retry-After"] = "60"
        return refused
    grant = request.POST.get("grant_type")
    if grant != "client_credentials":
        return _refused("unsupported_grant_type" if grant else "invalid_request", 400)
    answer: HttpResponseBase = of_allauth(request)
    answer["Cache-Control"] = "no-store"
    return answer


def _place(request: HttpRequest) -> str:
    """The caller's network address; behind a socket that tells none, all callers count as one."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def _refused(error: str, status: int) -> JsonResponse:
    """As RFC 6749, 5.2 says it: these are the errors that OAuth's own libraries know."""
    return JsonResponse({"error": error}, status=status)
