"""Incidents: unusual access and other breaches, with the clock of 72 hours, judged by people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import me, staff_may
from pridvor.accounts.models import Staff
from pridvor.accounts.proof import always, proven
from pridvor.lib import clock
from pridvor.oversight import happenings
from pridvor.oversight.privacy_views import pdf
from pridvor.privacy import breach_reports, incidents, looking, sheets
from pridvor.privacy.models import Incident
from pridvor.ui import reader


@staff_may("incident.judge")
@require_GET
def all_incidents(request: HttpRequest) -> HttpResponse:
    rows = [_row(row, clock.now()) for row in incidents.listed()]
    return render(request, "oversight/incidents.html", {"rows": rows, "section": "oversight"})


@staff_may("incident.judge")
@require_POST
def report_incident(request: HttpRequest) -> HttpResponse:
    """Opens an incident that somebody tells of."""
    try:
        made = incidents.report(request.POST.get("words", ""), author=me(request), now=clock.now())
    except incidents.NoReason:
        messages.error(request, _("Say in a few words what happened."))
        return redirect("oversight:incidents")
    return redirect("oversight:incident", made.public_id)


@staff_may("incident.judge")
@require_GET
def incident(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was found, who is affected, what was noted; and what may be done."""
    found, now = _found(public_id), clock.now()
    affected = [
        {"row": row, "fields": looking.in_words(row.fields, {})} for row in found.affected.all()[:200]
    ]
    context = {
        "row": _row(found, now),
        "figures": breach_reports.figures(found),
        "affected": affected,
        "more": max(0, found.affected.count() - len(affected)),
        "notes": incidents.notes(found, actor=me(request).actor, now=now),
        "history": happenings.of(found.public_id),
        "decisions": incidents.DECISIONS.items(),
        "section": "oversight",
    }
    return render(request, "oversight/incident.html", context)


@staff_may("incident.judge")
@require_POST
def note_incident(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _act(request, public_id, incidents.note)


@staff_may("incident.judge")
@proven()
@require_POST
def decide_incident(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who is told, and why; the reason is a note."""
    decision = request.POST.get("decision", "")
    if decision not in incidents.DECISIONS:
        messages.error(request, _("Choose who is told."))
        return redirect("oversight:incident", public_id)

    def decide(found: Incident, words: str, *, author: Staff, now: datetime) -> None:
        incidents.decide(found, decision, words, author=author, now=now)

    return _act(request, public_id, decide)


@staff_may("incident.judge")
@proven()
@require_POST
def close_incident(request: HttpRequest, public_id: UUID) -> HttpResponse:
    try:
        incidents.close(_found(public_id), author=me(request), now=clock.now())
    except incidents.NotNow:
        messages.warning(request, _("Decide first who is told; a closed incident stays closed."))
    return redirect("oversight:incident", public_id)


@staff_may("incident.judge")
@proven(always)
@require_GET
def incident_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What Art. 33(3) asks for, to print or send."""
    language = reader.language()
    actor, now = me(request).actor, clock.now()
    made = sheets.pdf(breach_reports.sheet(_found(public_id), language, actor=actor, now=now))
    return pdf(made, f"incident-{public_id}.pdf")


@staff_may("incident.judge")
@proven(always)
@require_GET
def incident_persons(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The persons affected with their addresses; each look is logged."""
    said = incidents.persons_csv(_found(public_id), actor=me(request).actor, now=clock.now())
    answer = HttpResponse(said, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="incident-{public_id}.csv"'
    return answer


# -- how


def _found(public_id: UUID) -> Incident:
    found = incidents.incident(public_id)
    if found is None:
        raise Http404
    return found


def _row(row: Incident, now: datetime) -> dict[str, Any]:
    late = not row.closed_at and not row.decision and row.due_at <= now
    return {
        "incident": row,
        "what": incidents.KINDS[Incident.Kind(row.kind)],
        "decision": incidents.DECISIONS.get(Incident.Decision(row.decision), ""),
        "late": late,
        "waits": not row.decision,
    }


def _act(request: HttpRequest, public_id: UUID, verb: Any) -> HttpResponse:
    """A verb that takes words of a person; what was wrong is said on the page."""
    try:
        verb(_found(public_id), request.POST.get("words", ""), author=me(request), now=clock.now())
        messages.success(request, _("Kept."))
    except incidents.NoReason:
        messages.error(request, _("Say why, in a few words."))
    except incidents.NotNow:
        messages.warning(request, _("This incident is closed."))
    return redirect("oversight:incident", public_id)
