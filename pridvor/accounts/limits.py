"""How long a session lasts: until nobody has used it for a while, and never past a whole (NIST SP 800-63B-4, 2.2.3).

A fragment that a page fetches by itself is not use; a form that saves itself is.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

NOTED_EVERY = 60  # seconds: each note is a write


class SessionLimits:
    """Ends sessions that are past their limits; the reader is told why and led back to the page after signing in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limits = _limits(request)
        if limits is None:
            return self.get_response(request)
        session, now = request.session, time.time()
        began, seen = session.setdefault("began_at", now), session.setdefault("seen_at", now)
        if now - seen > limits.idle.total_seconds() or now - began > limits.whole.total_seconds():
            return _ended(request, limits)
        if now - seen > NOTED_EVERY and not _by_itself(request):
            session["seen_at"] = now
        return self.get_response(request)


class Limits(NamedTuple):
    idle: timedelta
    whole: timedelta
    sign_in: str  # where somebody goes whose session has ended


def _limits(request: HttpRequest) -> Limits | None:
    """Those of staff or of clients; of somebody who has not signed in, none."""
    if SESSION_KEY in request.session:
        return Limits(settings.STAFF_IDLE, settings.STAFF_SESSION, settings.LOGIN_URL)
    if "person" in request.session:
        return Limits(settings.CLIENT_IDLE, settings.CLIENT_SESSION, settings.CLIENT_LOGIN_URL)
    return None


def _by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and request.headers.get("HX-Request") == "true"


def _ended(request: HttpRequest, limits: Limits) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else ""
    logout(request)
    messages.info(
        request, _("For your safety you were signed out after a while. Sign in and go on where you were.")
    )
    there = redirect(limits.sign_in)
    if back:
        there["Location"] += f"?{urlencode({'next': back})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": there["Location"]})
    return there
