"""What another site knew of a visitor whom it led here: it waits sealed on our side, and becomes drafts to confirm."""

from datetime import datetime

from django.http import HttpRequest

from pridvor.cases import actions as cases
from pridvor.cases import linking
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case, Link
from pridvor.journeys import asking
from pridvor.journeys.language import Journey
from pridvor.lib import clock
from pridvor.lib.actor import Actor
from pridvor.lib.identifiers import WrongIdentifier
from pridvor.portal import applying, door

LINK = "link"  # in the session: the link that was followed


def follow(request: HttpRequest, link: Link, journey: Journey) -> None:
    """Remember the link; what it says of the company stands on the first pages, to be confirmed."""
    request.session[LINK] = str(link.public_id)
    if link.return_url:
        request.session[door.RETURN_TO] = link.return_url
    said = linking.prefill(link)["answers"]
    pages = applying.pages(journey)
    public = {field.key for page in pages for field in page.fields if not field.personal}
    values = {name: value for name, value in said.items() if name in public}
    asked = next(filter(None, map(applying.number_field, pages)), "")
    application = applying.Application(values)
    if asked and values.get(asked):
        try:
            application = applying.recognise(asked, str(values[asked]), now=clock.now())
        except WrongIdentifier:
            application.values.pop(asked)
        application.values |= {name: value for name, value in values.items() if name != asked}
    applying.keep(request, journey, application)


def address(request: HttpRequest) -> dict[str, str]:
    """The e-mail address that the site gave; the visitor proves it like any other."""
    link = _followed(request)
    return {"email": str(linking.prefill(link).get("email", ""))} if link else {}


def is_test(request: HttpRequest) -> bool:
    """Whether the site is only trying us out."""
    link = _followed(request)
    return bool(link and link.machine.is_test)


def hand_over(request: HttpRequest, case: Case, *, actor: Actor, now: datetime) -> None:
    """This will put what the site knew into the first form as drafts, where the applicant has said nothing yet."""
    link = _followed(request)
    request.session.pop(LINK, None)
    if link is None or link.journey != case.journey.name or not linking.use(link, now=now):
        return
    step, form = applying.first_form(case.journey)
    kept = set(case_queries.drafts(case, step.key))
    said = linking.prefill(link)["answers"]
    new = {name: value for name, value in said.items() if name not in kept and asking.belongs(form, name)}
    if new and case_queries.open_attempt(case, step.key):
        cases.save_draft(case, step.key, new, now=now)
    cases.record(case, "link.followed", actor=actor, now=now, data={"machine": str(link.machine.public_id)})


def _followed(request: HttpRequest) -> Link | None:
    kept = request.session.get(LINK)
    return linking.standing(kept, now=clock.now()) if kept else None
