"""From the street to a case: who is the company, what is the address, the code."""

import itertools

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pridvor.cases import joining
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Page
from pridvor.journeys.models import JourneyVersion
from pridvor.portal import applying, door, forms, framing, prefill
from pridvor.portal.applying import Application
from pridvor.portal.forms import CodeForm, EmailForm
from pridvor.portal.views import sign_in
from pridvor.privacy import texts
from pridvor.ui import values


@require_safe
@door.public
@framing.by_allowed_sites
def start(request: HttpRequest, name: str) -> HttpResponse:
    """The first page of the journey."""
    _version, journey = _public(name)
    pages = applying.pages(journey)
    return (
        redirect("portal:apply-page", name, pages[0].key) if pages else redirect("portal:apply-email", name)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
@framing.by_allowed_sites
def page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One page before signing in."""
    _version, journey = _public(name)
    shown = next((page for page in applying.pages(journey) if page.key == key), None)
    if shown is None:
        raise Http404
    if applying.number_field(shown):
        return _number(request, journey, shown)
    application = applying.recall(request, journey)
    if not application.finding and any(map(applying.number_field, applying.pages(journey))):
        return redirect("portal:apply", name)
    if applying.is_about_the_company(shown) and application.finding == "found" and not application.edited:
        return _is_it_you(request, journey, shown, application)
    return _typed(request, journey, shown, application)


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
@framing.by_allowed_sites
def email(request: HttpRequest, name: str) -> HttpResponse:
    """Where the code goes."""
    _version, journey = _public(name)
    if _unfinished(request, journey):
        return redirect("portal:apply", name)
    if door.person_of(request):
        return redirect("portal:begin", name)
    form = EmailForm(door.posted(request), initial=prefill.address(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and sign_in.ask(request, form, then=reverse("portal:begin", args=[name]))
    ):
        return redirect("portal:apply-code", name)
    pages = applying.pages(journey)
    back = reverse("portal:apply-page", args=[name, pages[-1].key]) if pages else reverse("portal:porch")
    return door.page(request, "email", {"form": form, "back": back, "place": _place(journey, len(pages))})


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def code(request: HttpRequest, name: str) -> HttpResponse:
    """The code; with the right one the case is opened at once."""
    _version, _journey = _public(name)
    if door.person_of(request):
        return redirect("portal:begin", name)
    form = CodeForm(door.posted(request))
    if request.method == "POST" and form.is_valid() and sign_in.confirm(request, form):
        sign_in.then(request)
        return _begin(request, name)
    return sign_in.code_page(
        request,
        form,
        again=reverse("portal:apply-again", args=[name]),
        back=reverse("portal:apply-email", args=[name]),
    )


@require_POST
@door.public
def again(request: HttpRequest, name: str) -> HttpResponse:
    sign_in.send_again(request)
    return redirect("portal:apply-code", name)


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """Open the case, go on with the one there is, or ask which is meant."""
    return _begin(request, name)


def _begin(request: HttpRequest, name: str) -> HttpResponse:
    version, journey = _public(name)
    person = door.person_of(request)
    open_cases = applying.under_way(person, journey) if person else []
    if person is None or _unfinished(
        request, journey
    ):  # the way back, or a second press: the case is there already
        return (
            redirect("portal:case", open_cases[0].public_id) if open_cases else redirect("portal:apply", name)
        )
    application = applying.recall(request, journey)
    asked = next(filter(None, map(applying.number_field, applying.pages(journey))), "")
    company = applying.company_of(application, asked)
    others = open_cases and not applying.twin(open_cases, company)
    if others and "another" not in request.POST:
        rows = [{"case": case, "url": reverse("portal:case", args=[case.public_id])} for case in open_cases]
        return door.page(request, "which", {"rows": rows, "name": name, "company_name": company["name"]})
    if not open_cases and not applying.vouches(journey) and joining.taken(company, person):
        return redirect("portal:join", name)
    me, now = door.actor_of(person), timezone.now()
    texts.accept_needed(person, language=door.language(), actor=me, now=now)
    case = applying.open_or_resume(
        version,
        journey,
        person,
        application,
        language=door.language(),
        actor=me,
        now=now,
        is_test=prefill.is_test(request),
    )
    prefill.hand_over(request, case, actor=me, now=now)
    applying.forget(request, journey)
    step, _form = applying.first_form(case.journey)
    return redirect("portal:step", case.public_id, step.key)


# -- the pages about the company


def _number(request: HttpRequest, journey: Journey, shown: Page) -> HttpResponse:
    application, asked = applying.recall(request, journey), applying.number_field(shown)
    if "neither" in request.POST:
        applying.keep(request, journey, Application(finding="neither", edited=True))
        return redirect("portal:apply-page", journey.name, _following(journey, shown))
    form = forms.questions(
        journey, shown.fields, door.language(), data=door.posted(request), initial=application.values
    )
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data[asked]
        if not (application.edited and application.values.get(asked) == number):
            applying.keep(request, journey, applying.recognise(asked, number, now=timezone.now()))
        return redirect("portal:apply-page", journey.name, _following(journey, shown))
    return _answer(request, "number", journey, shown, {"form": form})


def _is_it_you(request: HttpRequest, journey: Journey, shown: Page, application: Application) -> HttpResponse:
    """The registry's answer, to say yes to. A page left open in another tab confirms the company that it shows."""
    asked = next(filter(None, map(applying.number_field, applying.pages(journey))), "")
    if request.method == "POST":
        number = request.POST.get("number", "")
        if number and number != application.values.get(asked):
            application = _seen_before(asked, number) or application
        application.confirmed, application.edited = "confirm" in request.POST, "edit" in request.POST
        applying.keep(request, journey, application)
        if application.edited:
            return redirect("portal:apply-page", journey.name, shown.key)
        return redirect("portal:apply-email", journey.name)
    return _answer(
        request,
        "is_it_you",
        journey,
        shown,
        {
            "company_found": application.values,
            "number": application.values.get(asked),
            "state": application.state,
            "registration_number": application.registration_number,
            "country": values.country(str(application.values.get("country", "RO"))),
        },
    )


def _typed(request: HttpRequest, journey: Journey, shown: Page, application: Application) -> HttpResponse:
    form = forms.questions(
        journey, shown.fields, door.language(), data=door.posted(request), initial=application.values
    )
    if request.method == "POST" and form.is_valid():
        application.values |= form.cleaned_data
        application.edited = application.edited or applying.is_about_the_company(shown)
        application.confirmed = True
        applying.keep(request, journey, application)
        following = _following(journey, shown)
        return (
            redirect("portal:apply-page", journey.name, following)
            if following
            else redirect("portal:apply-email", journey.name)
        )
    return _answer(request, "company", journey, shown, {"form": form, "finding": application.finding})


def _answer(
    request: HttpRequest, template: str, journey: Journey, shown: Page, context: dict
) -> HttpResponse:
    language, pages = door.language(), applying.pages(journey)
    position = pages.index(shown)
    back = (
        reverse("portal:apply-page", args=[journey.name, pages[position - 1].key])
        if position
        else reverse("portal:porch")
    )
    return door.page(
        request,
        template,
        {
            "title": journey.text(shown.title, language),
            "intro": journey.text(shown.intro, language),
            "back": back,
            "place": _place(journey, position),
            **context,
        },
    )


# -- how


def _public(name: str) -> tuple[JourneyVersion, Journey]:
    found = next(((version, journey) for version, journey in journeys.public() if journey.name == name), None)
    if found is None:
        raise Http404
    return found


def _unfinished(request: HttpRequest, journey: Journey) -> bool:
    return bool(applying.pages(journey)) and not applying.recall(request, journey).confirmed


def _following(journey: Journey, shown: Page) -> str:
    keys = [page.key for page in applying.pages(journey)]
    return dict(itertools.pairwise(keys)).get(shown.key, "")


def _seen_before(asked: str, number: str) -> Application | None:
    try:
        found = applying.recognise(asked, number, now=timezone.now())
    except ValueError:
        return None
    return found if found.finding == "found" else None


def _place(journey: Journey, position: int) -> dict:
    """Where this page stands among all of the registration: the pages, the address, and sending."""
    count = len(applying.first_form(journey)[1].pages) + 2
    marks = ["done"] * position + ["present"] + ["ahead"] * (count - position - 1)
    return {"step": position + 1, "of": count, "marks": marks}
