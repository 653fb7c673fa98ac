"""Lists of items on the page of a case: what stands in them, what keeps a step from passing, and what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts.models import Staff
from pridvor.cases import items
from pridvor.cases.items import Told
from pridvor.cases.models import Attempt, Case, Item
from pridvor.desk import queue
from pridvor.journeys.model import Step

PURPOSE = "work on the case"
STATES = {
    "open": (gettext_lazy("open"), "now"),
    "fixed": (gettext_lazy("fixed, to be tested"), "wait"),
    "retested": (gettext_lazy("tested again"), "good"),
    "closed": (gettext_lazy("closed"), "good"),
    "rejected": (gettext_lazy("set aside"), "quiet"),
}
SEVERITIES = {
    "blocker": gettext_lazy("blocker"),
    "major": gettext_lazy("major"),
    "minor": gettext_lazy("minor"),
}
OWNERS = {"us": gettext_lazy("ours"), "client": gettext_lazy("the client's")}
VERBS = {  # what may be done with an item, by its state
    "open": ("take", "reject"),
    "fixed": ("pass", "fail", "reject"),
    "retested": ("fail",),
}
SAID = {
    "take": gettext_lazy("I take it"),
    "pass": gettext_lazy("Tested: in order"),
    "fail": gettext_lazy("Tested: not in order"),
    "reject": gettext_lazy("Set aside"),
}
WHY_NOT = {
    "not-now": gettext_lazy("This item has gone on meanwhile. Here it is as it stands now."),
    "no-words": gettext_lazy("Say it in words, too."),
    "no-evidence": gettext_lazy("Show that it is fixed: by a file, or in words."),
}


class ItemForm(forms.Form):
    """A new item."""

    text = forms.CharField(max_length=items.LONGEST)
    severity = forms.ChoiceField(choices=Item.Severity.choices)
    owner = forms.ChoiceField(choices=Item.Owner.choices)


@dataclass(frozen=True)
class Row:
    """One item, its words, and the verbs that it is open to."""

    told: Told
    state: str
    kind: str
    severity: str
    owner: str
    is_taken: bool
    evidence_url: str
    verbs: Sequence[tuple[str, str]]
    can_fix: bool
    is_wanted: bool


@dataclass(frozen=True)
class ListPanel:
    name: str
    rows: Sequence[Row]
    holds: Sequence[str]  # what cannot pass yet, and for how many items
    acts: bool


def panels(case: Case, staff: Staff, *, language: str, now: datetime) -> list[ListPanel]:
    """Every list of the case's journey that has an open step or an item; looks at sealed words are logged."""
    attempts = {row.step: row for row in Attempt.objects.filter(case=case, status="open")}
    found = []
    for name, steps in items.lists(case.journey).items():
        at_work = [step for step in steps if step.key in attempts]
        told = items.read(
            Item.objects.filter(case=case, list=name), actor=staff.actor, purpose=PURPOSE, now=now
        )
        if not at_work and not told:
            continue
        wanted = {key for step in at_work for key in items.asked_by_name(attempts[step.key])}
        acts = may_act(staff, case, name)
        rows = [_row(case, one, wanted if acts else set(), acts) for one in told]
        holds = [_holds(case, step, language) for step in at_work]
        found.append(ListPanel(name, rows, list(filter(None, holds)), acts))
    return found


def may_act(staff: Staff, case: Case, name: str) -> bool:
    """Whoever does any step that works on the list, or looks after its stage, while the case goes on."""
    owners = {
        role
        for step in items.lists(case.journey)[name]
        for role in (step.by, case.journey.stages[step.stage].owner)
    }
    return case.state == "open" and bool(owners & set(queue.roles(staff)))


def find(case: Case, public_id: object) -> Item | None:
    return items.by_key(case, f"{items.KEY}{public_id}")


# -- how


def _row(case: Case, told: Told, wanted: set[str], acts: bool) -> Row:
    item = told.item
    word, kind = STATES[item.state]
    evidence = reverse("desk:copy", args=[case.public_id, item.evidence]) if item.evidence else ""
    verbs = [(verb, str(SAID[verb])) for verb in VERBS.get(item.state, ())] if acts else []
    return Row(
        told,
        str(word),
        kind,
        str(SEVERITIES[item.severity]),
        str(OWNERS[item.owner]),
        bool(item.taken_by),
        evidence,
        verbs,
        acts and item.state in ("open", "fixed"),
        items.key(item) in wanted,
    )


def _holds(case: Case, step: Step, language: str) -> str:
    """Which items keep a step from passing."""
    held = ", ".join(str(item.number) for item in items.holding(case, step))
    title = case.journey.text(step.title, language) or step.key
    return (
        _("“%(step)s” cannot pass yet, because of: %(items)s") % {"step": title, "items": held}
        if held
        else ""
    )
