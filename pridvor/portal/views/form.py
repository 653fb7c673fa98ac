"""The forms of a case: a page for each idea, kept as it is typed, checked before it is sent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.journeys.model import Page
from pridvor.portal import answering, applying, door
from pridvor.portal.answering import NotYours, Sitting
from pridvor.portal.views import entry


def open_form(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """The page on which something is missing, or the last look before sending."""
    sitting = _sit(request, case, step)
    if not sitting.is_open:
        return redirect("portal:case", case.public_id)
    gap = sitting.first_gap() or (sitting.pages[0] if len(sitting.pages) == 1 else None)
    if gap is None and sitting.is_again:
        gap = sitting.pages[0]
    return redirect(
        *(("portal:form", case.public_id, step, gap.key) if gap else ("portal:check", case.public_id, step))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door.own_case
def page(request: HttpRequest, case: Case, step: str, key: str) -> HttpResponse:
    """One page of the form: answered while it is open, corrected after it was sent."""
    try:
        sitting = _sit(request, case, step)
    except Http404:
        return _too_late(request, case, step)
    shown = sitting.page(key)
    if shown is None:
        return _not_asked(sitting, key)
    if request.method == "POST" and "insist" in request.POST and sitting.is_again:
        return _send(request, sitting, insist=request.POST["insist"][:60])
    if shown.repeat:
        return _group(request, sitting, shown)
    form = sitting.questions(shown, door.posted(request))
    if (
        request.method == "POST" and "X-Asked" in request.headers
    ):  # the page asks what it asks now; nothing is kept
        form.hush(form.fields)
    elif request.method == "POST" and form.is_valid() and not form.fresh:
        return _keep(request, sitting, shown, form.cleaned_data)
    form.hush(form.fresh)
    return _show(request, sitting, shown, form)


@require_http_methods(["GET", "HEAD", "POST"])
@door.own_case
def check(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Everything on one sheet, then sent."""
    try:
        sitting = _sit(request, case, step)
    except Http404:
        return _too_late(request, case, step)
    gap = sitting.first_gap()
    if not sitting.is_open:
        return _too_late(request, case, step)
    if gap:
        return redirect("portal:form", case.public_id, step, gap.key)
    if request.method == "POST":
        return _send(request, sitting)
    rows = [
        {
            "key": label,
            "value": value,
            "url": reverse("portal:form", args=[case.public_id, step, page.key]),
        }
        for page, label, value in sitting.rows()
    ]
    return door.page(
        request, "check", {"case": case, "sitting": sitting, "rows": rows, "place": _place(sitting, None)}
    )


@require_POST
@door.own_case
def draft(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """One field as it stands, kept while the person goes on. 422: kept, but it cannot be right yet."""
    key = request.POST.get("field", "")
    try:
        right = _seat(request, case, step).keep_one(key, request.POST.get(key, ""))
    except (NotYours, cases.Refused):
        return HttpResponse(status=409)  # it was sent meanwhile, from another window
    return HttpResponse(status=204 if right else 422)


# -- how


def _sit(request: HttpRequest, case: Case, step: str) -> Sitting:
    try:
        return _seat(request, case, step)
    except NotYours:
        raise Http404 from None


def _seat(request: HttpRequest, case: Case, step: str) -> Sitting:
    me, spoken = door.doer(request, case), door.language()
    return answering.sit(case, step, actor=me, language=spoken, now=timezone.now())


def _not_asked(sitting: Sitting, key: str) -> HttpResponse:
    """A page that other answers have made needless: on to what is asked."""
    if not sitting.has_page(key):
        raise Http404
    return redirect("portal:step", sitting.case.public_id, sitting.step.key)


def _too_late(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """A second press, or the way back to a page whose time is over: the case's page tells where it stands."""
    if step not in case.journey.steps:
        raise Http404
    messages.info(request, _("This part has been sent. Here is where it stands."))
    return redirect("portal:case", case.public_id)


def _group(request: HttpRequest, sitting: Sitting, shown: Page) -> HttpResponse:
    """A page that repeats: its list; «Continue» goes on once all of it can stand."""
    problem = sitting.problem(shown) if request.method == "POST" else ""
    if request.method != "POST" or problem or not sitting.is_open:
        frame = {"place": _place(sitting, shown), "back": _back(sitting, shown)}
        return entry.overview(request, sitting, shown, frame, problem)
    return _on(request, sitting)


def _keep(request: HttpRequest, sitting: Sitting, shown: Page, values: dict[str, Any]) -> HttpResponse:
    case, step = sitting.case, sitting.step.key
    before = dict(sitting.known)
    try:
        sitting.keep(values)
    except cases.Refused:
        return _too_late(request, case, step)
    asked = applying.number_field(shown)
    if asked and values[asked] != before.get(asked):
        company = next((page for page in sitting.form.pages if applying.is_about_the_company(page)), None)
        if company:
            return redirect("portal:form", case.public_id, step, company.key)
    if not sitting.is_open:
        messages.success(request, _("Corrected. What depends on it is checked again."))
        return redirect("portal:case", case.public_id)
    return _on(request, sitting)


def _on(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """To the next page on which something is missing, or to the last look; a form of one page is sent."""
    case, step = sitting.case, sitting.step.key
    gap = sitting.first_gap()
    if gap:
        return redirect("portal:form", case.public_id, step, gap.key)
    only = sitting.form.pages[0]
    return (
        redirect("portal:check", case.public_id, step)
        if len(sitting.form.pages) > 1 or only.repeat
        else _send(request, sitting)
    )


def _send(request: HttpRequest, sitting: Sitting, *, insist: str = "") -> HttpResponse:
    first = sitting.wants_consent
    try:
        sitting.send(insist=insist)
    except cases.Refused:
        return _too_late(request, sitting.case, sitting.step.key)
    if insist:
        messages.success(request, _("Sent as it is. A person looks at it."))
    elif first:
        messages.success(request, _("Your registration has been sent. We have written to you as well."))
    else:
        messages.success(
            request,
            _("Sent: %(what)s") % {"what": sitting.case.journey.text(sitting.step.title, door.language())},
        )
    return redirect("portal:case", sitting.case.public_id)


def _show(request: HttpRequest, sitting: Sitting, shown: Page, form: Any) -> HttpResponse:
    case, journey, language = sitting.case, sitting.case.journey, door.language()
    asked = answering.asked_rows(form, sitting.wrong)
    return door.page(
        request,
        "form",
        {
            "case": case,
            "sitting": sitting,
            "form": form,
            "asked": asked,
            "title": journey.text(shown.title, language),
            "intro": journey.text(shown.intro, language),
            "general": sitting.wrong.get("", []),
            "place": _place(sitting, shown),
            "back": _back(sitting, shown),
            "varies": sitting.form.varies,
            "looked_at": sitting.looked_at(shown),
            "sends": sitting.is_open and len(sitting.form.pages) == 1,
        },
    )


def _back(sitting: Sitting, shown: Page) -> str:
    pages, case = sitting.pages, sitting.case
    position = pages.index(shown) if shown in pages else 0
    if sitting.is_open and position and not (sitting.is_first and pages[position - 1].before_sign_in):
        return reverse("portal:form", args=[case.public_id, sitting.step.key, pages[position - 1].key])
    return reverse("portal:case", args=[case.public_id])


def _place(sitting: Sitting, shown: Page | None) -> dict[str, Any] | None:
    """Where this page stands: the registration counts the address among its steps."""
    if len(sitting.pages) == 1 or not sitting.is_open or sitting.is_again:
        return None
    keys: list[str] = []
    for page in sitting.pages:
        if sitting.is_first and keys and not page.before_sign_in and "e-mail" not in keys:
            keys.append("e-mail")
        keys.append(page.key)
    keys.append("check")
    position = keys.index(shown.key if shown else "check")
    return {
        "step": position + 1,
        "of": len(keys),
        "marks": ["done"] * position + ["present"] + ["ahead"] * (len(keys) - position - 1),
    }
