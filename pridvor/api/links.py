"""Links for sites that lead their visitors to a registration on our pages."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Status

from pridvor.accounts.models import Scope
from pridvor.api import registering
from pridvor.api.door import MachineKey, caller_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import LinkMade, NewLink
from pridvor.cases import linking
from pridvor.journeys import queries as journeys
from pridvor.lib import clock

router = Router(tags=["links"])


@router.post(
    "/",
    response={201: LinkMade, **REFUSALS},
    auth=MachineKey(Scope.CASES_WRITE),
    operation_id="makeLink",
)
def make_link(request: HttpRequest, body: NewLink) -> Any:
    """A link to a registration, prefilled. The address holds nothing of the prefill, and the applicant confirms it."""
    journey = next((one for _version, one in journeys.public() if one.name == body.journey), None)
    if journey is None:
        raise Problem("not-a-journey", fields=[("journey", "option")])
    registering.must_be_known(registering.first_form(journey)[1], body.answers)
    if body.email:
        registering.must_be_an_address(body.email)
    try:
        link, token = linking.make(
            caller_of(request).machine,
            body.journey,
            body.answers,
            email=body.email,
            return_url=body.return_url,
            once=body.once,
            lasts=timedelta(hours=body.hours),
            now=clock.now(),
        )
    except linking.NotAllowed:
        raise Problem("wrong-fields", fields=[("return_url", "return-url")]) from None
    url = settings.PUBLIC_URL + reverse("portal:linked", args=[token])
    return Status(201, {"url": url, "expires_at": link.expires_at})
