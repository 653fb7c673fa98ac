"""A company that is with us already: a second person asks to be let in, and whoever applied first decides."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pridvor.cases import joining
from pridvor.clients import actions as clients
from pridvor.journeys import queries as journeys
from pridvor.portal import applying, door
from pridvor.portal.forms import JoinForm, RoleForm

WHY_NOT = {
    "asked-too-often": gettext_lazy("You have asked often today. Please try again tomorrow, or call us."),
    "refused-before": gettext_lazy("This was answered with no. If you think that is wrong, call us."),
    "decided-already": gettext_lazy("This was decided already."),
    "too-late": gettext_lazy("This link counts no more."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """Says that the company is with us, and nothing of who, when or how far; offers two ways on."""
    journey = next((journey for _version, journey in journeys.public() if journey.name == name), None)
    if journey is None:
        raise Http404
    person = door.person_of(request)
    application = applying.recall(request, journey)
    asked = next(filter(None, map(applying.number_field, applying.pages(journey))), "")
    case = joining.taken(applying.company_of(application, asked), person) if person else None
    if person is None or case is None:
        return redirect("portal:apply", name)
    form = JoinForm(door.posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            joining.ask(
                case, person, said["role"], of=said["of"], actor=door.actor_of(person), now=timezone.now()
            )
        except joining.CannotJoin as wrong:
            messages.error(request, str(WHY_NOT[wrong.code]))
        else:
            return door.page(request, "join_asked", {"of": said["of"]})
    return door.page(request, "join", {"form": form, "number": application.values.get(asked)})


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in the applicant's mail: who asks, yes or no. Looking at it decides nothing."""
    now = timezone.now()
    asked = joining.by_token(token, now)
    if asked is None:
        return door.page(request, "join_late", status=410)
    door.speaks_for(request, asked.case.person)
    actor = door.actor_of(asked.case.person)
    form = RoleForm(door.posted(request), initial={"role": asked.role})
    if request.method == "POST" and ("refuse" in request.POST or form.is_valid()):
        try:
            if "refuse" in request.POST:
                joining.refuse(asked, actor=actor, now=now)
            else:
                joining.approve(asked, form.cleaned_data["role"], actor=actor, now=now)
        except joining.CannotJoin:
            return door.page(request, "join_late", status=410)
        return door.page(request, "join_decided", {"approved": "refuse" not in request.POST})
    address = clients.email_of(asked.person, actor=actor, purpose="decide who is let in", now=now)
    return door.page(request, "join_decide", {"form": form, "address": address, "asked": asked})
