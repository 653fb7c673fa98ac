"""Who stands at the door: a person who has proved an address, or a phone that may add files to one case."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.accounts.access import declares
from pridvor.accounts.models import Staff
from pridvor.cases import queries as cases
from pridvor.cases import rights
from pridvor.cases.commands import Refused
from pridvor.cases.models import Case
from pridvor.cases.rights import Right, Standing
from pridvor.cases.support import Visit
from pridvor.clients import limits
from pridvor.clients import queries as clients
from pridvor.clients.models import Person
from pridvor.lib import clock, wall
from pridvor.lib.actor import Actor
from pridvor.ui.reader import language as language

PROVED = "proved_at"  # in the session: when it last showed who it is, in seconds
RETURN_TO = "return_to"  # in the session: the site that sent the visitor, as an administrator allows it
View = Callable[..., HttpResponseBase]
CODES_FROM_ONE_PLACE, HOUR = 30, timedelta(hours=1)


def person_of(request: HttpRequest) -> Person | None:
    """Who has signed in; on a support visit, the applicant whose pages somebody of the staff looks at."""
    visit = visit_of(request)
    if visit:
        return clients.person(visit.person)
    return clients.person(request.session.get("person"))


def visit_of(request: HttpRequest) -> Visit | None:
    """The support visit on which this page is asked for (see project.scoping)."""
    return getattr(request, "support", None)


def actor_of(person: Person, role: str = "") -> Actor:
    return Actor("client", str(person.subject), role)


def admit(request: HttpRequest, person: Person) -> None:
    """Sign the person in, under a new session key (an old one may have been planted)."""
    request.session.cycle_key()
    for old in ("phone", "began_at", "seen_at"):
        request.session.pop(old, None)
    request.session["person"] = str(person.subject)
    proved(request)
    speaks_for(request, person)


def proved(request: HttpRequest) -> None:
    """This session has just shown who it is (see portal.proof)."""
    request.session[PROVED] = time.time()


def speaks_for(request: HttpRequest, person: Person) -> None:
    """From now on until it is answered, this request may see what this person may: a code or a signed link proved it."""
    scoping: ExitStack = request.scoping  # type: ignore[attr-defined]
    scoping.enter_context(wall.within(wall.of_client(person.subject)))


def public(view: View) -> View:
    """Anybody may open the page; whoever has signed in may find what is theirs on it."""
    return declares("client:anybody")(view)


def signed_in(view: View) -> View:
    """Whoever has not signed in does so first, and comes back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return _to_sign_in(request)
        return view(request, person, *args, **kwargs)

    return declares("client:signed in")(guarded)


def own_case(view: View) -> View:
    """The view gets the case if its part of it is this person's to see (cases.rights); another's and none look the same.

    A page with a step in its address opens for whoever may do that step, any other for whoever may read the case.
    """
    return declares("client:own case")(_guarded(view, Right.READ))


def case_with(right: Right) -> Callable[[View], View]:
    """As own_case, for pages that take another right than reading."""

    def decorate(view: View) -> View:
        return declares("client:own case")(_guarded(view, right))

    return decorate


def own_or_asked_case(view: View) -> View:
    """For the pages on which somebody is asked for something: whoever is asked finds the case, too, and the view says
    what of it. Colleagues come with any role."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return _to_sign_in(request)
        return view(request, _or_404(_let_in(person, public_id)), *args, **kwargs)

    return declares("client:own or asked case")(guarded)


def _guarded(view: View, right: Right) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return _to_sign_in(request)
        case = _or_404(_let_in(person, public_id))
        mine, step = rights.standing(case, person), kwargs.get("step")
        if not (mine.may_do(step) if step else mine.may(right)):
            raise Http404
        return view(request, case, *args, **kwargs)

    return guarded


def _let_in(person: Person, public_id: UUID) -> Case | None:
    return cases.mine(person, public_id) or cases.asked_of(person, public_id)


def standing(request: HttpRequest, case: Case) -> Standing:
    """What the visitor is in this case."""
    return rights.standing(case, person_of(request))


def may_do(request: HttpRequest, case: Case, step: str) -> bool:
    """Whether this step is the visitor's to do: by their role, because they were asked, or on the phone for papers."""
    if is_phone(request, case.public_id):
        known = case.journey.steps.get(step)
        return known is not None and known.kind == "upload"
    return standing(request, case).may_do(step)


def is_only_asked(request: HttpRequest, case: Case) -> bool:
    """Whether the visitor sees of this case no more than what they are asked to approve or to do."""
    return person_of(request) is not None and not standing(request, case).may(Right.STATUS)


def applicants_case(view: View) -> View:
    """As own_case, for what only the applicant does: colleagues who were let in do not find it."""

    @wraps(view)
    def guarded(request: HttpRequest, case: Case, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None or person.pk != case.person_id:
            raise Http404
        return view(request, case, *args, **kwargs)

    return declares("client:applicant's case")(own_case(guarded))


def own_case_or_phone(view: View) -> View:
    """For papers: whoever may do a step of the case, and a phone that was let in for it; the view asks `may_do`."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_phone(request, public_id):
            return view(request, _or_404(cases.case(public_id)), *args, **kwargs)
        way_in = own_case if "step" in kwargs else own_or_asked_case
        guarded_too: HttpResponseBase = way_in(view)(request, public_id, *args, **kwargs)
        return guarded_too

    return declares("client:own case or phone")(guarded)


def anybody_of_case(view: View) -> View:
    """As own_case_or_phone, and whoever is asked to approve finds the case, too; the view says who may what."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        way_in = own_case_or_phone if is_phone(request, public_id) else own_or_asked_case
        let_in: HttpResponseBase = way_in(view)(request, public_id, *args, **kwargs)
        return let_in

    return declares("client:anybody of case")(guarded)


def is_phone(request: HttpRequest, public_id: UUID) -> bool:
    return "person" not in request.session and request.session.get("phone") == str(public_id)


def doer(request: HttpRequest, case: Case) -> Actor:
    """Who has signed in, also to look for support; or the case's own person, on the phone they pointed at it."""
    if visit_of(request) and isinstance(request.user, Staff):
        return request.user.actor
    if is_phone(request, case.public_id):
        return actor_of(case.person, "phone")
    return actor_of(person_of(request) or case.person)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was filled with; None when it is only looked at."""
    return request.POST if request.method == "POST" else None


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of this door, with what stands above and below every one of them."""
    links = [
        ("porch", _("First page")),
        ("track", _("My registrations")),
        ("guide", _("Guide")),
        ("privacy", _("Your data")),
    ]
    frame: dict[str, Any] = {
        "footer_links": [{"url": reverse(f"portal:{name}"), "text": text} for name, text in links]
    }
    if back := request.session.get(RETURN_TO):
        frame["footer_links"].append(
            {"url": back, "text": _("Back to %(site)s") % {"site": urlsplit(back).netloc}}
        )
    frame["support"] = visit_of(request)
    if "person" in request.session:
        frame["sign_out_url"] = reverse("portal:sign-out")
    return render(request, f"portal/{template}.html", frame | (context or {}), status=status)


def asks_too_often(request: HttpRequest) -> bool:
    """Whether this network address has asked for more codes than an hour allows. Counts the asking."""
    place = get_adapter(request).get_client_ip(request)
    return limits.count("codes", place, within=HOUR, now=clock.now()) > CODES_FROM_ONE_PLACE


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    if request.method not in ("GET", "HEAD"):
        return redirect("portal:track")
    return redirect(f"{reverse('portal:track')}?{urlencode({'next': request.get_full_path()})}")


def _or_404(case: Case | None) -> Case:
    if case is None:
        raise Http404
    return case


def tried(request: HttpRequest, why_not: Mapping[str, Any], act: Callable[[], object]) -> bool:
    """Whether the action was done; if not, the reader is told why: `why_not` has words for the codes of refusals."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(why_not.get(str(refused)) or _("That is not possible now.")))
        return False
    return True
