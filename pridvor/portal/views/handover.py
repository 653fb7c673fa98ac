"""From the computer to the phone: a link in a QR code, good once and for 15 minutes, for one case's documents only."""

import secrets
from uuid import UUID

import segno
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from pridvor.cases.models import Case
from pridvor.portal import door

MINUTES = 15
SALT = "pridvor.portal.handover"


def drawing(request: HttpRequest, case: Case, step: str) -> SafeString:
    """The QR code as SVG. Every look at the page makes a new link; each opens one phone."""
    token = signing.dumps(
        {"case": str(case.public_id), "step": step, "once": secrets.token_urlsafe(9)},
        salt=SALT,
        compress=True,
    )
    link = request.build_absolute_uri(reverse("portal:continue", args=[token]))
    return mark_safe(segno.make(link, error="m").svg_inline(scale=4, border=2, omitsize=True))  # noqa: S308


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def land(request: HttpRequest, token: str) -> HttpResponse:
    """The phone's first page. The link is used up by pressing the button, not by a preview of it."""
    try:
        told = signing.loads(token, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return door.page(request, "continue_late", status=410)
    spent = f"handover:{told['once']}"
    if cache.get(spent):
        if door.is_phone(request, UUID(told["case"])):
            return redirect("portal:step", told["case"], told["step"])
        return door.page(request, "continue_late", status=410)
    if request.method == "POST" and cache.add(spent, 1, MINUTES * 60):
        if "person" not in request.session:
            request.session.cycle_key()
            request.session["phone"] = told["case"]
            request.session.set_expiry(3600)
        return redirect("portal:step", told["case"], told["step"])
    return door.page(request, "continue")
