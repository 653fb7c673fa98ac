"""The way in from another site: its link is followed, and the registration begins with what the site knew."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pridvor.cases import linking
from pridvor.journeys import queries as journeys
from pridvor.portal import door, framing, prefill


@require_safe
@door.public
@framing.by_allowed_sites
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Remembers the prefill and shows the first page."""
    link = linking.of_token(token, now=timezone.now())
    journey = next((one for _v, one in journeys.public() if link and one.name == link.journey), None)
    if link is None or journey is None:
        messages.info(request, _("This link was used already, or its time is over. You can begin here."))
        return redirect("portal:porch")
    prefill.follow(request, link, journey)
    return redirect("portal:apply", journey.name)
