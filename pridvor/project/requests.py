"""Each request gets an id, a log line when it ends badly, and a place in the measures."""

import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from pridvor.lib import trace
from pridvor.project import metrics


class Traced:
    """The outermost of our middlewares: what happens within carries one id, which the answer names (X-Request-ID).

    An id that comes with the request is taken over only behind a trusted proxy.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = (
            trace.read(request.headers.get("traceparent", "")) if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
        )
        began = time.perf_counter()
        with trace.doing(f"request {request.method}", given or trace.fresh()) as found:
            response = self.get_response(request)
        response.headers["X-Request-ID"] = found
        metrics.note_request(
            request.method or "", _route(request), response.status_code, time.perf_counter() - began
        )
        return response


class Slashes(CommonMiddleware):
    """An address whose last slash is missing is asked for again, by the same method and with the same body: a POST that
    301 makes a GET would find something else, and nothing would be done."""

    response_redirect_class = partial(HttpResponsePermanentRedirect, preserve_request=True)  # type: ignore[assignment]


def _route(request: HttpRequest) -> str:
    """The page by its pattern, so that no reference of anybody's stands in a log or a measure."""
    match = request.resolver_match
    return match.route if match else ""
