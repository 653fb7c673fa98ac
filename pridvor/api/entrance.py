"""The public keys of our one-time links: what a shop needs to know that they are ours (connectors.entrance)."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from pridvor.accounts.access import declares
from pridvor.connectors import entrance


@require_GET
@declares("anybody:public keys of the one-time entrance")
def keys(request: HttpRequest) -> JsonResponse:
    """A JSON Web Key Set (RFC 7517)."""
    return JsonResponse(entrance.public_keys())
