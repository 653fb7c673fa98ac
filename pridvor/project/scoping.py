"""Each request asks the database for whoever its page is for: read from the policy that the view declares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from pridvor.accounts import policy
from pridvor.accounts.models import Staff
from pridvor.lib import wall


class Scoping:
    """Between the session and the views. A view that declares nothing is shown no row of any client."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as stack:
            stack.enter_context(wall.within(wall.NOBODY))
            request.scoping = stack  # type: ignore[attr-defined]
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = _within(wall.present(), response.streaming_content)
            return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> None:
        scope = _scope(request, str(getattr(view, "policy", "")))
        request.scoping.enter_context(wall.within(scope))  # type: ignore[attr-defined]


def _within(scope: str, parts: Any) -> Iterator[bytes]:
    """What is sent piece by piece is read when the request is over already: for the same reader."""
    with wall.within(scope):
        yield from parts


def _scope(request: HttpRequest, declared: str) -> str:
    door, _, ability = declared.partition(":")
    if door == "staff":
        return _of_staff(request.user, ability)
    if door == "client":
        return _of_visitor(request)
    return wall.MACHINE if door == "machine" else wall.NOBODY


def _of_staff(user: Any, ability: str) -> str:
    """What somebody may see at all; what they may do with it, `staff_may` narrows further."""
    if not isinstance(user, Staff) or not policy.may(user, ability) or not policy.may(user, "case.read"):
        return wall.NOBODY
    return policy.sight(user, "case.read").scope


def _of_visitor(request: HttpRequest) -> str:
    """A person who has signed in, or a telephone that was let in to one case."""
    person, phone = request.session.get("person"), request.session.get("phone")
    if person:
        return wall.of_client(person)
    return wall.of_phone(phone) if phone else wall.NOBODY
