"""Staff open a case for a client, who goes on with it by mail."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pridvor.accounts.access import staff_may
from pridvor.cases import inviting
from pridvor.connectors import companies
from pridvor.desk import door
from pridvor.desk.door import me
from pridvor.desk.forms import InvitationForm
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import clock


@staff_may("case.open")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The journey, the company by its number, and whom to write to; what the registry does not know is typed."""
    offered = {journey.name: (version, journey) for version, journey in journeys.opened_for_clients()}
    form = InvitationForm(
        request.POST if request.method == "POST" else None,
        journeys=[
            (name, journey.text(journey.title, door.language())) for name, (_v, journey) in offered.items()
        ],
        initial={"language": door.language()},
    )
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, clock.now()
        version, journey = offered[said["journey"]]
        asked = _number_question(journey)
        application = _company(said, asked, now=now)
        if application.values.get("name"):
            return _invite(request, said, version, application, asked, now=now)
        form.add_error(
            "name", _("The registry cannot say whose number this is at the moment. Please write the name.")
        )
    return door.page(request, "new", {"form": form})


def _number_question(journey: Journey) -> str:
    """What the journey calls the company's number."""
    questions = [question for form in journey.forms.values() for question in form.fields]
    return next(
        (question.key for question in questions if question.type == "company number"), "company_number"
    )


def _company(said: dict[str, Any], asked: str, *, now: datetime) -> companies.Application:
    """What the registry says; a name that was typed counts where it says nothing."""
    application = companies.recognise(asked, said["number"], now=now)
    if not application.values.get("name"):
        application.values["name"], application.edited = said["name"], True
    return application


def _invite(
    request: HttpRequest,
    said: dict[str, Any],
    version: JourneyVersion,
    application: companies.Application,
    asked: str,
    *,
    now: datetime,
) -> HttpResponse:
    answers = {**application.values, "contact_name": said["contact_name"]}
    try:
        case = inviting.invite(
            version,
            companies.company_of(application, asked),
            said["email"],
            {key: value for key, value in answers.items() if value},
            language=said["language"],
            actor=me(request).actor,
            now=now,
        )
    except inviting.AlreadyOpen as open_already:
        messages.info(request, _("This is open already: here it is."))
        return redirect("desk:case", open_already.case.public_id)
    messages.success(request, _("Opened. We have written to the client, who can go on at once."))
    return redirect("desk:case", case.public_id)
