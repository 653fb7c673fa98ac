"""The entries of a page that repeats: listed, added, changed, removed and put back, each with a page of its own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.cases import actions as cases
from pridvor.cases import groups as verbs
from pridvor.cases.models import Case
from pridvor.journeys import entries
from pridvor.journeys.model import Page
from pridvor.portal import answering, door, groups
from pridvor.portal.answering import NotYours, Sitting


def overview(
    request: HttpRequest, sitting: Sitting, page: Page, frame: dict[str, Any], problem: str = ""
) -> HttpResponse:
    """All entries, each with its ways on; `frame` says where the page stands in its form."""
    case, journey, language = sitting.case, sitting.case.journey, door.language()
    numbers = entries.present(page.key, sitting.known)
    at = [case.public_id, sitting.step.key, page.key]
    rows = [
        {
            "title": groups.title(journey, page, number, language),
            "value": groups.in_one(journey, page, number, sitting.known, sitting.asked.seen, language),
            "url": reverse("portal:entry", args=[*at, number]),
            "remove_url": reverse("portal:entry-remove", args=[*at, number]),
        }
        for number in numbers
    ]
    gone = verbs.restorable(case, sitting.step.key, page.key) if sitting.is_open else []
    return door.page(
        request,
        "group",
        {
            **frame,
            "case": case,
            "sitting": sitting,
            "title": journey.text(page.title, language),
            "intro": journey.text(page.intro, language),
            "reasons": sitting.wrong.get(page.key, []),
            "problem": problem,
            "rows": rows,
            "gone": [
                {
                    "title": groups.title(journey, page, number, language),
                    "url": reverse("portal:entry-restore", args=[*at, number]),
                }
                for number in gone[-5:]
            ],
            "add": journey.text(page.repeat.add, language) if page.repeat else "",
            "add_url": reverse("portal:entry-new", args=at)
            if page.repeat and len(numbers) < page.repeat.most
            else "",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door.own_case
def entry(request: HttpRequest, case: Case, step: str, key: str, number: int = 0) -> HttpResponse:
    """The questions of one entry; a new one has no number yet."""
    sitting, page = _sit(request, case, step, key)
    if number and number not in entries.present(key, sitting.known):
        raise Http404
    own = entries.answers_of(key, number, sitting.known) if number else {}
    language = door.language()
    form = groups.questions(case.journey, page, own, sitting.asked.seen, language, door.posted(request))
    if request.method == "POST" and "X-Asked" in request.headers:  # as for every page of a form
        form.hush(form.fields)
    elif request.method == "POST" and form.is_valid() and not form.fresh:
        return _keep(request, sitting, page, number, form.cleaned_data)
    form.hush(form.fresh)
    named = entries.name(key, number) if number else ""
    return door.page(
        request,
        "entry",
        {
            "case": case,
            "sitting": sitting,
            "form": form,
            "asked": answering.asked_rows(
                form, {k: sitting.wrong.get(f"{named}.{k}", []) for k in form.fields}
            ),
            "title": groups.title(case.journey, page, number, language)
            if number
            else case.journey.text(page.repeat.add if page.repeat else {}, language),
            "looked_at": sitting.looked_at(page),
            "varies": sitting.form.varies,
            "back": reverse("portal:form", args=[case.public_id, step, key]),
        },
    )


@require_POST
@door.own_case
def remove(request: HttpRequest, case: Case, step: str, key: str, number: int) -> HttpResponse:
    sitting, page = _sit(request, case, step, key)
    return _set(request, sitting, page, number, verbs.remove_entry, _("Removed: %(entry)s."))


@require_POST
@door.own_case
def restore(request: HttpRequest, case: Case, step: str, key: str, number: int) -> HttpResponse:
    sitting, page = _sit(request, case, step, key)
    return _set(request, sitting, page, number, verbs.restore_entry, _("Put back: %(entry)s."))


# -- how


def _sit(request: HttpRequest, case: Case, step: str, key: str) -> tuple[Sitting, Page]:
    try:
        sitting = answering.sit(
            case, step, actor=door.doer(request, case), language=door.language(), now=timezone.now()
        )
    except NotYours:
        raise Http404 from None
    page = sitting.page(key)
    if page is None or page.repeat is None:
        raise Http404
    return sitting, page


def _keep(
    request: HttpRequest, sitting: Sitting, page: Page, number: int, values: dict[str, Any]
) -> HttpResponse:
    case, step = sitting.case, sitting.step.key
    try:
        if number:
            verbs.change_entry(case, step, page.key, number, values, actor=sitting.actor, now=sitting.now)
        else:
            verbs.add_entry(case, step, page.key, values, actor=sitting.actor, now=sitting.now)
    except cases.Refused as refused:
        return _back(request, sitting, page, refused)
    if not sitting.is_open:
        messages.success(request, _("Corrected. What depends on it is checked again."))
    return redirect("portal:form", case.public_id, step, page.key)


def _set(
    request: HttpRequest, sitting: Sitting, page: Page, number: int, verb: Any, said: str
) -> HttpResponse:
    case, step = sitting.case, sitting.step.key
    try:
        verb(case, step, page.key, number, actor=sitting.actor, now=sitting.now)
    except cases.Refused as refused:
        return _back(request, sitting, page, refused)
    messages.success(request, said % {"entry": groups.title(case.journey, page, number, door.language())})
    return redirect("portal:form", case.public_id, step, page.key)


def _back(request: HttpRequest, sitting: Sitting, page: Page, refused: cases.Refused) -> HttpResponse:
    """To the list, with what kept it from being done."""
    least, most = (page.repeat.least, page.repeat.most) if page.repeat else (0, 0)
    said = {
        "too-many-entries": _("There can be at most %(count)d. Remove one first.") % {"count": most},
        "too-few-entries": _("At least %(count)d must stay. Add another first.") % {"count": least},
        "breaks-rule": sitting.case.journey.text(page.repeat.message if page.repeat else {}, door.language()),
    }.get(str(refused), _("This has changed meanwhile. Here is how it stands."))
    messages.error(request, said)
    return redirect("portal:form", sitting.case.public_id, sitting.step.key, page.key)
