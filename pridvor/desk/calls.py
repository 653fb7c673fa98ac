"""The ledger of calls to outside systems, for people: what waits for whom, what was sent, and what came back."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pridvor.cases import queries as cases
from pridvor.cases.models import CaseState
from pridvor.connectors import blueprint, failures, peers, queries
from pridvor.connectors.models import Call, CallState, Outcome, Try
from pridvor.connectors.queries import Queue
from pridvor.ui import dates

A_PAGE = 50
STATES: dict[str, Promise] = {
    CallState.WAITING: gettext_lazy("waits"),
    CallState.SENDING: gettext_lazy("is being made"),
    CallState.ACCEPTED: gettext_lazy("was taken, and is answered later"),
    CallState.DONE: gettext_lazy("done"),
    CallState.BY_HAND: gettext_lazy("with a person"),
    CallState.CANCELLED: gettext_lazy("not wanted any more"),
}
OUTCOMES: dict[str, Promise] = {
    Outcome.ANSWERED: gettext_lazy("answered"),
    Outcome.UNAVAILABLE: gettext_lazy("no answer; nothing was done"),
    Outcome.UNCERTAIN: gettext_lazy("no answer; looked for before it is sent again"),
    Outcome.REJECTED: gettext_lazy("refused"),
    Outcome.ACCEPTED: gettext_lazy("was taken, and is answered later"),
    Outcome.LOST: gettext_lazy("broken off"),
}
SPANS = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}
MARKS = {CallState.DONE: "good", CallState.BY_HAND: "bad", CallState.WAITING: "warn"}


class Search(forms.Form):
    """Which calls are looked for."""

    case = forms.CharField(label=gettext_lazy("Case or company"), required=False, max_length=80)
    peer = forms.ChoiceField(label=gettext_lazy("System"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    span = forms.ChoiceField(label=gettext_lazy("Since"), required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        choices: dict[str, list[tuple[str, Any]]] = {
            "peer": [("", _("all")), *((role, blueprint.title(role)) for role in peers.roles())],
            "state": [("", _("all")), *STATES.items()],
            "span": [
                ("", _("always")),
                ("1", _("a day ago")),
                ("7", _("a week ago")),
                ("30", _("a month ago")),
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """One call in the list; `what`: the step that wants it, in the reader's language."""

    call: Call
    what: str
    peer: str
    state: str
    mark: str
    why: str
    next: str


@dataclass(frozen=True)
class Shown:
    """One try, as a page shows it: durations in words, what was sent and came back as text."""

    row: Try
    outcome: str
    why: str
    took: str
    cost: str
    request: str
    answer: str


def search(form: Search, number: str | None, *, now: datetime) -> Page[Call]:
    """The calls that were asked for; none where the question cannot be right, which the form says."""
    if not form.is_valid():
        return Paginator(Call.objects.none(), A_PAGE).get_page(1)
    said = form.cleaned_data
    span = SPANS.get(said["span"])
    found = queries.calls(
        about=said["case"], peer=said["peer"], state=said["state"], since=now - span if span else None
    )
    return Paginator(found, A_PAGE).get_page(number)


def rows(calls: Sequence[Call], language: str) -> list[Row]:
    return [row(each, language) for each in calls]


def waiting(found: Iterable[Queue]) -> list[tuple[str, Queue]]:
    """What waits, by system, under the name that people call it."""
    return [(blueprint.title(queue.peer), queue) for queue in found]


def row(call: Call, language: str) -> Row:
    due = call.state == CallState.WAITING and call.next_at
    told = (
        _("next try %(when)s") % {"when": dates.said(call.next_at, "short")} if due and call.next_at else ""
    )
    step = call.case.journey.steps.get(call.attempt.step)
    what = call.case.journey.text(step.title, language) if step else call.capability
    peer = blueprint.title(call.peer)
    return Row(
        call,
        what or call.capability,
        peer,
        str(STATES[call.state]),
        MARKS.get(CallState(call.state), "info"),
        failures.meaning(call.code),
        told,
    )


def tries(call: Call) -> list[Shown]:
    """What was tried, the latest first."""
    return [_shown(each) for each in sorted(call.history.all(), key=lambda each: -each.number)]


def verb(call: Call) -> str:
    """What a person may have done with it: hurry, replay, or nothing."""
    if call.case.state != CaseState.OPEN:
        return ""
    if call.state == CallState.BY_HAND:
        return "replay" if not call.undoes and cases.standing_in(call.attempt) else ""
    return "hurry" if call.state == CallState.WAITING else ""


def _shown(row: Try) -> Shown:
    took = ""
    if row.ended_at:
        took = f"{formats.number_format((row.ended_at - row.started_at).total_seconds(), 2)} s"
    cost = ""
    if row.requests is not None:
        cost = ngettext(
            "%(n)s request, %(ms)s ms of theirs", "%(n)s requests, %(ms)s ms of theirs", row.requests
        )
        cost %= {"n": row.requests, "ms": row.peer_ms}
    outcome = str(OUTCOMES[row.outcome]) if row.outcome else _("under way")
    return Shown(row, outcome, failures.meaning(row.code), took, cost, _text(row.request), _text(row.answer))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
