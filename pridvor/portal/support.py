"""While somebody of the staff looks at a client's pages, nothing can be sent from them."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from pridvor.cases import support
from pridvor.lib import clock
from pridvor.portal import door

READING = ("GET", "HEAD", "OPTIONS")


class ReadOnly:
    """Refuses whatever would change something on the clients' pages, before the view runs."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = self.get_response(request)
        return answer

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        is_clients = str(getattr(view, "policy", "")).startswith("client:")
        if request.method in READING or not is_clients or support.KEY not in request.session:
            return None
        if support.standing(request.session, request.user, now=clock.now()) is None:
            return None
        return door.page(request, "support_reads", status=403)
