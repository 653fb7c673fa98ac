"""The managers' pages."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.lib import clock
from pridvor.oversight import calendars, figures, forms, interventions, time
from pridvor.sla import actions as sla
from pridvor.sla.models import Calendar, unsaved, working_time


@staff_may("figures.read")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "oversight/home.html", figures.context(get_language() or "en", clock.now()))


@staff_may("figures.read")
@require_GET
def time_spent(request: HttpRequest) -> HttpResponse:
    shown = time.page(get_language() or "en", clock.now())
    context = {"journeys": shown, "weeks": time.WEEKS, "section": "oversight"}
    return render(request, "oversight/time.html", context)


@staff_may("figures.read")
@require_GET
def what_did_not_go_by_itself(request: HttpRequest) -> HttpResponse:
    page = interventions.page(get_language() or "en", clock.now())
    context = {"page": page, "weeks": interventions.WEEKS, "section": "oversight"}
    return render(request, "oversight/interventions.html", context)


@staff_may("calendar.change")
@require_GET
def all_calendars(request: HttpRequest) -> HttpResponse:
    sla.default(now=clock.now())
    context = {"rows": calendars.rows(clock.now()), "section": "oversight"}
    return render(request, "oversight/calendars.html", context)


@staff_may("calendar.change")
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """A calendar, its hours to change, and its next days. Saving writes a new revision."""
    found = get_object_or_404(Calendar, pk=pk)
    if request.method == "POST":
        return _posted(request, forms.CalendarForm(request.POST, calendar=found), found)
    form = forms.CalendarForm(initial=forms.initial(found, found.latest), calendar=found)
    return _page(request, form, found, working_time(found.latest.pk))


@staff_may("calendar.change")
@require_http_methods(["GET", "POST"])
def new_calendar(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _posted(request, forms.CalendarForm(request.POST), None)
    like = sla.default(now=clock.now())
    given = {**forms.initial(like, like.latest), "name": "", "countries": ""}
    return _page(request, forms.CalendarForm(initial=given), None, working_time(like.latest.pk))


# -- how


def _posted(request: HttpRequest, form: forms.CalendarForm, found: Calendar | None) -> HttpResponse:
    if not form.is_valid():
        shown = working_time(found.latest.pk) if found else None
        return _page(request, form, found, shown, status=422)
    now = clock.now()
    if "preview" in request.POST:
        return _page(request, form, found, unsaved(form.rules(now)))
    _save(form, found, request.user, now)
    messages.success(request, _("Kept. It holds for what begins from now on."))
    return redirect("oversight:calendars")


@transaction.atomic
def _save(form: forms.CalendarForm, found: Calendar | None, user: Any, now: Any) -> None:
    assert isinstance(user, Staff)
    said, rules = form.cleaned_data, form.rules(now)
    if found is None:
        sla.make(said["name"], countries=said["countries"], rules=rules, actor=user.actor, now=now)
    else:
        sla.name(found, said["name"], said["countries"], actor=user.actor, now=now)
        sla.revise(found, rules, actor=user.actor, now=now)


def _page(
    request: HttpRequest, form: forms.CalendarForm, found: Calendar | None, hours: Any, status: int = 200
) -> HttpResponse:
    days = calendars.coming(hours, clock.now()) if hours else []
    context = {"form": form, "calendar": found, "days": days, "section": "oversight"}
    return render(request, "oversight/calendar.html", context, status=status)
