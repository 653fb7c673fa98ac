"""The first pages of a registration may be shown in a frame, on sites that an administrator allows; no others ever.

The visitor leaves the frame when the code is sent: whoever signs in sees our address. Cookies are for our own site
(SameSite=Lax), so the frame works on sites of the same registrable domain; from others a link leads here.
"""

from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pridvor.accounts import machines
from pridvor.accounts.access import View
from pridvor.lib import clock


def by_allowed_sites(view: View) -> View:
    """The page's policy names the sites; without any, it stays as strict as all others."""

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        response = view(request, *args, **named)
        sites = machines.framing_origins(now=clock.now())
        if sites:
            response.frame_ancestors = sites  # type: ignore[attr-defined]
            response.xframe_options_exempt = True  # type: ignore[attr-defined]
        return response

    return framed
