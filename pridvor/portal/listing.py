"""Items that a client has to bring or mend in an upload: what each is, how it stands, and a form to show that it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from pridvor.cases import items
from pridvor.cases.items import Told
from pridvor.cases.models import Attempt, Case, Item
from pridvor.lib.actor import Actor

PURPOSE = "see what is still to be done"


@dataclass(frozen=True)
class Row:
    told: Told
    word: str
    kind: str
    is_open: bool
    evidence_url: str


def rows(case: Case, attempt: Attempt, *, actor: Actor, now: datetime) -> Sequence[Row]:
    """The client's items of the step's list; asked again by name, just those. Looks at sealed words are logged."""
    step = case.journey.steps.get(attempt.step)
    if step is None or not step.items:
        return []
    found = list(Item.objects.filter(case=case, list=step.items, owner=Item.Owner.CLIENT))
    wanted = items.asked_by_name(attempt)
    named = [row for row in found if items.key(row) in wanted]
    return [_row(case, told) for told in items.read(named or found, actor=actor, purpose=PURPOSE, now=now)]


def find(case: Case, attempt: Attempt, public_id: object) -> Item | None:
    """One item of the client's, in the list of this step."""
    step, row = case.journey.steps.get(attempt.step), items.by_key(case, f"{items.KEY}{public_id}")
    is_theirs = step and row and row.list == step.items and row.owner == Item.Owner.CLIENT
    return row if is_theirs else None


def still_missing(case: Case, attempt: Attempt) -> list[dict[str, str]]:
    """What stands in the way of sending, each with its place on the page."""
    step = case.journey.steps.get(attempt.step)
    held = items.holding(case, step) if step and step.items else []
    text = _("Number %(n)d of the list is still to be done.")
    return [{"id": items.key(row), "text": text % {"n": row.number}} for row in held]


def _row(case: Case, told: Told) -> Row:
    item = told.item
    words = {
        "open": (_("To do"), "now"),
        "fixed": (_("Sent, being checked"), "wait"),
        "retested": (_("In order"), "good"),
        "closed": (_("In order"), "good"),
        "rejected": (_("Not needed any more"), "quiet"),
    }
    word, kind = words[item.state]
    evidence = reverse("portal:copy", args=[case.public_id, item.evidence]) if item.evidence else ""
    return Row(told, word, kind, item.state in ("open", "fixed"), evidence)
