"""Ending a step by hand: at once, or on a page of its own where a reason is given first."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts.access import staff_may
from pridvor.accounts.proof import proven
from pridvor.cases import actions as case_actions
from pridvor.cases import notes
from pridvor.cases.models import Attempt
from pridvor.desk import door, forms, granting, queue, undoing, words
from pridvor.desk.door import case_or_404, language, me, tried
from pridvor.desk.granting import GrantForm
from pridvor.lib import clock
from pridvor.notifications import reason_texts


def _counts(request: HttpRequest, outcome: str = "", **named: Any) -> bool:
    """What is sent back comes again; whatever else is decided stands."""
    return request.method == "POST" and outcome != "correct"


@staff_may("case.decide")
@proven(_counts)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, public_id: UUID, attempt: int, outcome: str) -> HttpResponse:
    """Ends a step by hand. An outcome that sends back or closes asks for its reason on a page of its own first."""
    found = case_or_404(public_id)
    row = get_object_or_404(
        Attempt.objects.select_related("case__client", "case__journey_version"), pk=attempt, case=found
    )
    if not queue.may_act(me(request), row):
        raise Http404
    form = _reason_form(request, row, outcome)
    if request.method == "GET" or (form is not None and not form.is_valid()):
        return _ask_reason(request, row, outcome, form)
    return _finish(request, row, outcome, form)


@staff_may("case.decide")
@require_POST
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Takes back one's own last decision."""
    found = case_or_404(public_id)
    if tried(request, lambda: case_actions.undo(found, actor=me(request).actor, now=clock.now())):
        messages.success(request, _("Taken back. The case stands where it stood."))
    return redirect("desk:case", public_id=public_id)


# -- how


def _reason_form(request: HttpRequest, row: Attempt, outcome: str) -> Any:
    data = request.POST if request.method == "POST" else None
    if row.kind == "gate":
        return forms.ReasonForm(data, case=row.case, language=language()) if outcome == "close" else None
    step = row.case.journey.steps[row.step]
    if outcome not in step.routes:
        raise Http404
    if step.refuses(outcome):
        return forms.ReasonForm(data, case=row.case, language=language())
    verb = step.routes[outcome].verb
    if verb == "go on" and step.fields:
        return GrantForm(data, attempt=row, language=language())
    if verb == "redo" and not step.items:  # else the open items of its list say what is wrong
        return forms.CorrectionForm(data, attempt=row, outcome=outcome, language=language())
    return None


def _ask_reason(request: HttpRequest, row: Attempt, outcome: str, form: Any) -> HttpResponse:
    if form is None:
        return redirect("desk:case", public_id=row.case.public_id)
    if isinstance(form, GrantForm):
        return _ask_grant(request, row, form)
    template = "correct" if isinstance(form, forms.CorrectionForm) else "reject"
    context = {
        "case": row.case,
        "attempt": row,
        "outcome": outcome,
        "form": form,
        "version": row.case.version,
        "ends": row.kind == "gate" or row.case.journey.steps[row.step].routes[outcome].verb == "close",
    }
    return door.page(request, template, context, status=422 if form.is_bound else 200)


def _ask_grant(request: HttpRequest, row: Attempt, form: GrantForm) -> HttpResponse:
    case = row.case
    context = {
        "case": case,
        "title": case.journey.text(case.journey.steps[row.step].title, language()),
        "form": form,
        "second": row.second,
        "version": case.version,
        "page": {"assessments": granting.panels(case, language())},
    }
    return door.page(request, "grant", context, status=422 if form.is_bound else 200)


def _finish(request: HttpRequest, row: Attempt, outcome: str, form: Any) -> HttpResponse:
    actor, now = me(request).actor, clock.now()
    said = "close declined" if row.kind == "gate" and outcome == "close" else outcome

    def act() -> None:
        with transaction.atomic():
            if isinstance(form, GrantForm) and form.cleaned_data["why"]:
                notes.write(row.case, form.cleaned_data["why"], author=me(request), now=now)
            _complete(row, said, form, actor, now, request.POST.get("version", ""))

    if not tried(request, act):
        return redirect("desk:case", public_id=row.case.public_id)
    names = {"company": row.case.client.name, "outcome": words.OUTCOMES.get(outcome, outcome)}
    undoing.remember(request, row.case, _("%(company)s: %(outcome)s") % names)
    following = queue.take_next(me(request), now)
    return redirect("desk:case", following.case.public_id) if following else redirect("desk:home")


@transaction.atomic
def _complete(row: Attempt, outcome: str, form: Any, actor: Any, now: Any, seen: str) -> None:
    """The decision and the words for the client, together or not at all."""
    grants = isinstance(form, GrantForm)
    reasons = [] if grants or form is None else _reasons(row, form, actor, now)
    wanted: dict[str, list[str]] = {}
    for reason in reasons:
        if "step" in reason:
            wanted.setdefault(reason["step"], []).extend([reason["item"]] if "item" in reason else [])
    version = int(seen) if re.fullmatch(r"[0-9]{1,9}", seen) else None
    case_actions.complete(
        row,
        outcome,
        actor=actor,
        now=now,
        values=form.values() if grants else None,
        reasons=reasons,
        targets=sorted(wanted),
        wanted=wanted,
        seen_version=version,
    )


def _reasons(row: Attempt, form: Any, actor: Any, now: Any) -> list[dict[str, Any]]:
    """The chosen reasons; the words for the client are sealed, and only their id goes with the reasons."""
    note = form.words()
    reason_texts.note_use(form.chosen_texts())
    ref = (
        str(case_actions.keep_note(row.case, row.step, row.number, note, actor=actor, now=now))
        if note
        else ""
    )
    if isinstance(form, forms.CorrectionForm):
        return [{**reason, **({"note_ref": ref} if ref else {})} for reason in form.reasons()]
    return [{"code": form.cleaned_data["reason"], **({"note_ref": ref} if ref else {})}]
