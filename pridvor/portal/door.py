"""Who stands at the door: a person who has proved an address, or a phone that may add files to one case."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pridvor.accounts.access import declares
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.clients import queries as clients
from pridvor.clients.models import Person
from pridvor.lib import wall
from pridvor.lib.actor import Actor

View = Callable[..., HttpResponseBase]
CODES_FROM_ONE_PLACE = 30  # an hour, from one network address


def language() -> str:
    return (get_language() or "en").partition("-")[0]


def person_of(request: HttpRequest) -> Person | None:
    return clients.person(request.session.get("person"))


def actor_of(person: Person, role: str = "") -> Actor:
    return Actor("client", str(person.subject), role)


def admit(request: HttpRequest, person: Person) -> None:
    """Sign the person in, under a new session key (an old one may have been planted)."""
    request.session.cycle_key()
    for old in ("phone", "began_at", "seen_at"):
        request.session.pop(old, None)
    request.session["person"] = str(person.subject)
    speaks_for(request, person)


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
    """The view gets the case if it is the person's own; another's and none look the same."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return _to_sign_in(request)
        return view(request, _or_404(cases.mine(person, public_id)), *args, **kwargs)

    return declares("client:own case")(guarded)


def own_or_asked_case(view: View) -> View:
    """As own_case, for the pages on which somebody is asked to approve: whoever is asked finds the case, too."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        asked = cases.asked_of(person, public_id) if person and not cases.mine(person, public_id) else None
        if asked:
            return view(request, asked, *args, **kwargs)
        guarded_too: HttpResponseBase = own_case(view)(request, public_id, *args, **kwargs)
        return guarded_too

    return declares("client:own or asked case")(guarded)


def is_only_asked(request: HttpRequest, case: Case) -> bool:
    """Whether the visitor sees of this case no more than what they are asked to approve."""
    person = person_of(request)
    return person is not None and cases.mine(person, case.public_id) is None


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
    """As own_case; a phone that was let in for this one case may come too."""

    @wraps(view)
    def guarded(request: HttpRequest, public_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_phone(request, public_id):
            return view(request, _or_404(cases.case(public_id)), *args, **kwargs)
        guarded_too: HttpResponseBase = own_case(view)(request, public_id, *args, **kwargs)
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
    """Who has signed in; or the case's own person, on the phone they pointed at it."""
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
    if "person" in request.session:
        frame["sign_out_url"] = reverse("portal:sign-out")
    return render(request, f"portal/{template}.html", frame | (context or {}), status=status)


def asks_too_often(request: HttpRequest) -> bool:
    """Whether this network address has asked for more codes than an hour allows. Counts the asking."""
    key = f"codes:{get_adapter(request).get_client_ip(request)}"
    count = int(cache.get(key) or 0) + 1
    cache.set(key, count, 3600)
    return count > CODES_FROM_ONE_PLACE


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
