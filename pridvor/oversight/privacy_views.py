"""Requests about personal data, the rules of retention, the record of GDPR Art. 30."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import me, staff_may
from pridvor.accounts.proof import proven
from pridvor.cases.models import Case
from pridvor.clients import queries as clients
from pridvor.lib import clock
from pridvor.oversight import happenings
from pridvor.privacy import categories, erasing, recipients, record, requests, rules, sheets
from pridvor.privacy.models import Relationship, Request, Rule
from pridvor.ui import reader

KINDS = {Request.Kind.EXPORT: gettext_lazy("copy"), Request.Kind.ERASURE: gettext_lazy("erasure")}
STATES = {
    Request.State.ASKED: (gettext_lazy("asked for"), "wait"),
    Request.State.READY: (gettext_lazy("ready to be fetched"), "now"),
    Request.State.DECIDED: (gettext_lazy("decided, its letter leaves"), "now"),
    Request.State.WITHDRAWN: (gettext_lazy("taken back"), "quiet"),
    Request.State.OVER: (gettext_lazy("done"), "good"),
}
OUTCOMES = {
    Request.Outcome.WHOLE: gettext_lazy("everything is erased"),
    Request.Outcome.PARTIAL: gettext_lazy("what may go is erased, the rest is kept"),
    Request.Outcome.REFUSED: gettext_lazy("everything must be kept for now"),
}


class EndForm(forms.Form):
    """The day on which the contract with a client ended."""

    ended_on = forms.DateField(
        label=gettext_lazy("Last day of the contract"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_ended_on(self) -> Any:
        day = self.cleaned_data["ended_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day


@staff_may("privacy.read")
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Every request, those that wait for a decision first, with the clock of one month."""
    now = clock.now()
    waiting = list(requests.waiting())
    known = {row.pk for row in waiting}
    rows = [*waiting, *(row for row in requests.recent() if row.pk not in known)]
    context = {"rows": [_row(row, now) for row in rows], "waiting": len(waiting), "section": "oversight"}
    return render(request, "oversight/privacy.html", context)


@staff_may("privacy.read")
@require_GET
def privacy_request(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One request: what would happen today, or what was decided and done."""
    return _page(request, _found(public_id), EndForm())


@staff_may("privacy.decide")
@proven()
@require_POST
def privacy_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Decides as the rules assess it; the letter goes out."""
    try:
        requests.decide(_found(public_id), actor=me(request).actor, now=clock.now())
        messages.success(request, _("Decided. The letter leaves, then it is carried out."))
    except requests.NotNow:
        messages.warning(request, _("It has been decided already."))
    return redirect("oversight:privacy_request", public_id)


@staff_may("privacy.decide")
@require_POST
def privacy_told(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Notes that the data was erased in an outside system, too."""
    try:
        peer = request.POST.get("peer", "")
        requests.told(_found(public_id), peer, actor=me(request).actor, now=clock.now())
    except requests.NotNow:
        messages.warning(request, _("It stands there already."))
    return redirect("oversight:privacy_request", public_id)


@staff_may("privacy.decide")
@require_POST
def contract_end(request: HttpRequest, public_id: UUID, client_id: UUID) -> HttpResponse:
    """Notes when the contract with a client ended: from that day the law's years count."""
    found, client, form = _found(public_id), clients.client(client_id), EndForm(request.POST)
    if client is None or not Case.objects.filter(person=found.person, client=client).exists():
        raise Http404
    if not form.is_valid():
        return _page(request, found, form, status=422)
    rules.end_relationship(client, form.cleaned_data["ended_on"], actor=me(request).actor, now=clock.now())
    messages.success(request, _("Kept."))
    return redirect("oversight:privacy_request", public_id)


@staff_may("privacy.read")
@require_GET
def article30(request: HttpRequest) -> HttpResponse:
    """The record of processing activities, as a page."""
    said = record.described(reader.language())
    activities = [
        {"use": one.use, "whose": record.WHOSE[one.use.whose], "columns": _columns(one)}
        for one in record.activities()
    ]
    context = {"said": said, "activities": activities, "section": "oversight"}
    return render(request, "oversight/article30.html", context)


@staff_may("privacy.read")
@require_GET
def article30_pdf(request: HttpRequest) -> HttpResponse:
    made = sheets.pdf(record.sheet(reader.language(), now=clock.now()))
    return pdf(made, "article-30.pdf")


@staff_may("privacy.read")
@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """How long what is kept, by which law."""
    return _retention(request)


@staff_may("retention.change")
@proven()
@require_http_methods(["POST"])
def change_rule(request: HttpRequest, key: str) -> HttpResponseBase:
    """Changes one row of the table."""
    rule = next((row for row in rules.table() if row.key == key), None)
    if rule is None:
        raise Http404
    try:
        months = int(request.POST.get("months", ""))
        active = "active" in request.POST
        rules.change(rule, months=months, active=active, actor=me(request).actor, now=clock.now())
        messages.success(request, _("Kept. It counts for every decision from now on."))
    except (ValueError, rules.Impossible):
        messages.error(request, _("Give a number of months between 0 and 1200."))
    return redirect("oversight:retention")


# -- how


def pdf(made: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _found(public_id: UUID) -> Request:
    found = requests.request(public_id)
    if found is None:
        raise Http404
    return found


def _row(row: Request, now: Any) -> dict[str, Any]:
    state, kind = STATES[Request.State(row.state)]
    waits = row.state == Request.State.ASKED and row.kind == Request.Kind.ERASURE
    late = waits and row.due_at <= now + requests.WARN
    return {
        "request": row,
        "what": KINDS[Request.Kind(row.kind)],
        "state": state,
        "kind": "bad" if late else kind,
        "outcome": OUTCOMES.get(Request.Outcome(row.outcome), ""),
        "cases": ", ".join(erasing.references(row.person)),
        "waits": waits,
        "late": late,
    }


def _page(request: HttpRequest, found: Request, form: EndForm, status: int = 200) -> HttpResponse:
    assessed = erasing.tell(erasing.assess(found.person, today=timezone.localdate()))
    facts = found.facts if found.outcome else assessed
    language = reader.language()
    context = {
        "row": _row(found, clock.now()),
        "going": [(categories.NAMES[key], count) for key, count in facts["going"].items()],
        "kept": [_bound(one, language) for one in facts["kept"]],
        "outside": recipients.of(found),
        "clients": _clients(found),
        "history": happenings.of(found.public_id),
        "acts": policy.may(me(request), "privacy.decide"),
        "form": form,
        "section": "oversight",
    }
    return render(request, "oversight/privacy_request.html", context, status=status)


def _bound(kept: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "name": categories.NAMES[kept["category"]],
        "rules": [
            {"title": rule["title"][language], "law": rule["law"][language], "until": _day(rule["until"])}
            for rule in kept["rules"]
        ],
    }


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None


def _clients(found: Request) -> list[dict[str, Any]]:
    """Clients with whom there is, or was, a contract."""
    cases = Case.objects.filter(person=found.person, goal=True).select_related("client")
    by_id = {case.client_id: case.client for case in cases}
    ended = dict(Relationship.objects.filter(client__in=list(by_id)).values_list("client", "ended_on"))
    return [{"client": client, "ended_on": ended.get(key)} for key, client in by_id.items()]


def _columns(one: record.Activity) -> list[dict[str, Any]]:
    return [
        {"name": f"{column.table}.{column.column}", "form": record.FORMS[column.form]}
        for column in one.columns
    ]


def _retention(request: HttpRequest) -> HttpResponse:
    language = reader.language()
    rows = [
        {
            "rule": rule,
            "title": rule.said("title", language),
            "law": rule.said("law", language),
            "kinds": ", ".join(str(categories.NAMES[key]) for key in rule.categories),
            "since": record.SINCE[Rule.Since(rule.since)],
        }
        for rule in rules.table()
    ]
    context = {
        "rows": rows,
        "acts": policy.may(me(request), "retention.change"),
        "section": "oversight",
    }
    return render(request, "oversight/retention.html", context)
