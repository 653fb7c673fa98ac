"""Steering one case by hand: where it is on its map, a step added, passed over, or done again, a checklist ticked."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.cases import actions as case_actions
from pridvor.cases.models import Case
from pridvor.desk import door, steering
from pridvor.desk.door import case_or_404, language, me, tried
from pridvor.lib import clock


@staff_may("case.read")
@require_GET
def course(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The case on the map of its journey, and the tools beside it."""
    return _show(request, case_or_404(public_id))


@staff_may("case.steer")
@require_POST
def skip(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Passes over a step. One that two must decide is passed over when a second person does the same."""
    found = case_or_404(public_id)
    form = steering.skip_form(found, language(), request.POST)
    if not form.is_valid():
        return _show(request, found, skip=form)
    given, actor, now = form.cleaned_data, me(request).actor, clock.now()
    tried(request, lambda: case_actions.skip(found, given["step"], given["reason"], actor=actor, now=now))
    return redirect("desk:course", public_id)


@staff_may("case.steer")
@require_POST
def send_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = case_or_404(public_id)
    form = steering.back_form(found, language(), request.POST)
    if not form.is_valid():
        return _show(request, found, back=form)
    step, actor, now = form.cleaned_data["step"], me(request).actor, clock.now()

    def go() -> None:
        ref = case_actions.keep_note(found, step, 0, form.cleaned_data["note"], actor=actor, now=now)
        reason = {"step": step, "code": "sent-back", "note_ref": str(ref)}
        case_actions.send_back(found, step, [reason], actor=actor, now=now)

    tried(request, go)
    return redirect("desk:course", public_id)


@staff_may("case.steer")
@require_POST
def add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = case_or_404(public_id)
    form = steering.add_form(found, language(), request.POST)
    if not form.is_valid():
        return _show(request, found, add=form)
    given, actor, now = form.cleaned_data, me(request).actor, clock.now()

    def go() -> None:
        case_actions.add(
            found,
            given["stage"],
            given["kind"],
            given["what"],
            items=[given["item"]] if given["kind"] == "upload" else [],
            before=given["before"],
            actor=actor,
            now=now,
        )

    tried(request, go)
    return redirect("desk:course", public_id)


@staff_may("case.steer")
@require_POST
def meet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ticks and unticks what a stage must fulfil, as the page now has it."""
    found, stage = case_or_404(public_id), request.POST.get("stage", "")
    shown = next((row for row in steering.criteria(found, language()) if row.key == stage), None)
    if shown is None:
        raise Http404
    ticked, actor, now = set(request.POST.getlist("met")), me(request).actor, clock.now()
    for row in shown.criteria:
        if row.by_person and (row.name in ticked) != row.is_ticked:
            tick = partial(case_actions.meet, found, stage, row.name, not row.is_ticked, actor=actor, now=now)
            tried(request, tick)
    messages.success(request, _("Kept."))
    return redirect("desk:course", public_id)


def _show(request: HttpRequest, case: Case, **filled: object) -> HttpResponse:
    context = {
        "acts": policy.may(me(request), "case.steer") and case.state == "open",
        "page": steering.page(case, language(), **filled),  # type: ignore[arg-type]
    }
    return door.page(request, "course", context)
