"""Each request asks the database for whoever its page is for: read from the policy that the view declares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from pridvor.accounts import policy
from pridvor.accounts.models import Staff
from pridvor.cases import support
from pridvor.lib import clock, wall


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

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, named: dict[str, Any]
    ) -> None:
        declared = str(getattr(view, "policy", ""))
        if declared.startswith("client:"):
            request.support = _support_visit(request, named)  # type: ignore[attr-defined]
        scope = _scope(request, declared)
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
    """A person who has signed in, or a telephone that was let in to one case; on a support visit, the case's applicant."""
    visit: support.Visit | None = request.support  # type: ignore[attr-defined]
    if visit:
        return wall.of_client(visit.person)
    person, phone = request.session.get("person"), request.session.get("phone")
    if person:
        return wall.of_client(person)
    return wall.of_phone(phone) if phone else wall.NOBODY


def _support_visit(request: HttpRequest, named: dict[str, Any]) -> support.Visit | None:
    """The visit, on pages of the one case that it is about; elsewhere whoever looks is nobody but themselves."""
    visit = support.standing(request.session, request.user, now=clock.now())
    return visit if visit and named.get("public_id") == visit.case else None
