"""Lists of items inside steps: defects, assets, corrections. Each is added, fixed, tested again, and closed by name.

A step that works on a list (`items: defects`) does not pass while a required item still needs it, and sends work back
only with the items that are meant. Codes of Refused: `not-now` (the item is past that), `no-evidence`, `no-words`, and of
`judge`: `items-open`, `no-items-named`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from pridvor.cases import store
from pridvor.cases.commands import Refused
from pridvor.cases.models import Attempt, Case, Item, ItemNote
from pridvor.clients import actions as clients
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Step
from pridvor.lib.actor import Actor

KEY = "item-"  # before an item's id, where reasons, findings and documents name it
PASSES = ("done", "approve", "ok")
State = Item.State
LONGEST = 2000  # characters
STILL_NEEDS = {  # by kind of step: an item in one of these states keeps it from passing
    "todo": (State.OPEN,),
    "upload": (State.OPEN,),
    "check": (State.OPEN,),
    "review": (State.OPEN, State.FIXED),
}


@dataclass(frozen=True)
class Named:
    """The items that go with work that is sent back: why, and which, by the step that is asked again."""

    reasons: tuple[dict[str, Any], ...] = ()
    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An item with its words, as revealed for one look; what was erased is empty."""

    item: Item
    text: str
    notes: Sequence[str]


@transaction.atomic
def add(
    case: Case,
    name: str,
    text: str,
    *,
    severity: str = Item.Severity.MAJOR,
    owner: str = Item.Owner.US,
    required: bool | None = None,
    attempt: Attempt | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    """This will add an item to a list. Without a word on it, all but the minor ones are required."""
    if name not in lists(case.journey) or case.state != "open":
        raise Refused("not-now")
    if not text.strip():
        raise Refused("no-words")
    _lock(case)
    highest = Item.objects.filter(case=case, list=name).aggregate(highest=Max("number"))["highest"] or 0
    item = Item.objects.create(
        case=case,
        list=name,
        number=highest + 1,
        ref=_seal(case, text, now),
        severity=severity,
        required=severity != Item.Severity.MINOR if required is None else required,
        owner=owner,
        opened_in=attempt,
        by=str(actor),
        at=now,
        changed_at=now,
    )
    _say(item, "item.added", actor=actor, now=now)
    return item


@transaction.atomic
def take(item: Item, *, actor: Actor, now: datetime) -> None:
    """This will note who is at work on an open item."""
    row = _held(item, State.OPEN)
    Item.objects.filter(pk=row.pk).update(taken_by=str(actor), changed_at=now)
    _say(row, "item.taken", actor=actor, now=now)


@transaction.atomic
def fix(item: Item, *, evidence: UUID | None = None, note: str = "", actor: Actor, now: datetime) -> None:
    """This will say that an item is done and show it: by a file that was received, in words, or both."""
    if evidence is None and not note.strip():
        raise Refused("no-evidence")
    row = _held(item, State.OPEN, State.FIXED)
    _become(row, State.FIXED, "item.fixed", note, actor=actor, now=now, evidence=evidence or row.evidence)


@transaction.atomic
def retest(item: Item, passed: bool, why: str = "", *, actor: Actor, now: datetime) -> None:
    """This will say how a fixed item did when it was tested again. One that failed is open again, and says why."""
    if not passed and not why.strip():
        raise Refused("no-words")
    row = _held(item, State.FIXED, State.RETESTED)
    state = State.RETESTED if passed else State.OPEN
    _become(row, state, "item.retested", why, actor=actor, now=now, passed=passed)


@transaction.atomic
def reject(item: Item, why: str, *, actor: Actor, now: datetime) -> None:
    """This will set an item aside: it is not to be done, and here is why."""
    if not why.strip():
        raise Refused("no-words")
    row = _held(item, State.OPEN, State.FIXED)
    _become(row, State.REJECTED, "item.rejected", why, actor=actor, now=now)


def lists(journey: Journey) -> dict[str, list[Step]]:
    """The lists that a journey's steps work on, and which steps."""
    found: dict[str, list[Step]] = {}
    for step in journey.steps.values():
        if step.items:
            found.setdefault(step.items, []).append(step)
    return found


def key(item: Item) -> str:
    """How reasons, findings and documents name an item."""
    return f"{KEY}{item.public_id}"


def by_key(case: Case, name: str) -> Item | None:
    """The item of this case that a reason, finding or document names."""
    try:
        public_id = UUID(name.removeprefix(KEY))
    except ValueError:
        return None
    return Item.objects.filter(case=case, public_id=public_id).first() if name.startswith(KEY) else None


def asked_by_name(attempt: Attempt) -> set[str]:
    """The keys of the items that are asked of this attempt by name; of an exception step, those of what it stands before."""
    if attempt.wanted or "@" not in attempt.key:
        return set(attempt.wanted)
    host = Attempt.objects.filter(case=attempt.case_id, key=attempt.key.rpartition("@")[2])
    last = host.order_by("-number").first()
    return set(last.wanted) if last else set()


def holding(case: Case, step: Step, name: str = "") -> list[Item]:
    """The required items that keep a step from passing: of its own side where it only does the work.

    `name` is the list to look at where the step names none.
    """
    rows = Item.objects.filter(
        case=case, list=step.items or name, required=True, state__in=STILL_NEEDS[step.kind]
    )
    if step.kind in ("todo", "upload"):
        rows = rows.filter(owner=Item.Owner.CLIENT if step.party == "client" else Item.Owner.US)
    return list(rows)


def judge(attempt: Attempt, outcome: str, reasons: Iterable[Mapping[str, Any]] = ()) -> Named:
    """What the list of a step says to this outcome, and the items that go with it. Raises Refused.

    `items-open`: it cannot pass yet. `no-items-named`: it sends back, and neither an open item nor a reason says what.
    """
    step = attempt.case.journey.steps.get(attempt.step)
    if step is None or not step.items or attempt.kind != step.kind:
        return Named()
    _lock(attempt.case)
    if outcome in PASSES:
        if holding(attempt.case, step):
            raise Refused("items-open")
        return Named()
    route = step.routes.get(outcome)
    if route is None or route.verb != "redo":
        return Named()
    still_open = Item.objects.filter(case=attempt.case, list=step.items, state=State.OPEN)
    meant = holding(attempt.case, step) if step.kind == "check" else list(still_open)
    if not meant and not any(reason.get("code") for reason in reasons):
        raise Refused("no-items-named")
    host = attempt.key.rpartition("@")[2]
    targets = [host if target == "self" else target for target in route.targets]
    keys = tuple(key(item) for item in meant)
    return Named(tuple({"item": name, "code": "item-open"} for name in keys), dict.fromkeys(targets, keys))


def close_tested(attempt: Attempt, *, actor: Actor, now: datetime) -> None:
    """This will close what was tested well, once the review or check that looked at the list has passed."""
    step = attempt.case.journey.steps.get(attempt.step)
    if step is None or not step.items or step.kind not in ("review", "check"):
        return
    passed = Attempt.objects.filter(pk=attempt.pk, status="done", outcome__in=PASSES).exists()
    for row in (
        Item.objects.filter(case=attempt.case, list=step.items, state=State.RETESTED) if passed else ()
    ):
        _become(row, State.CLOSED, "item.closed", "", actor=actor, now=now)


def read(found: Iterable[Item], *, actor: Actor, purpose: str, now: datetime) -> list[Told]:
    """This will log the look and return items with their words and all that was said of them since."""
    rows = list(found)
    notes = list(ItemNote.objects.filter(item__in=rows))
    refs = {f"item-{row.pk}": row.ref for row in rows} | {f"note-{note.pk}": note.ref for note in notes}
    texts = clients.reveal_refs(refs, actor=actor, purpose=purpose, now=now) if refs else {}
    said: dict[int, list[str]] = {}
    for note in notes:
        said.setdefault(note.item_id, []).append(texts.get(f"note-{note.pk}", ""))
    return [
        Told(row, texts.get(f"item-{row.pk}", ""), list(filter(None, said.get(row.pk, [])))) for row in rows
    ]


# -- how


def _lock(case: Case) -> None:
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _held(item: Item, *states: str) -> Item:
    """The item as it stands, locked with its case. Raises Refused when it is past that."""
    _lock(item.case)
    row = Item.objects.select_related("case").get(pk=item.pk)
    if row.state not in states or row.case.state != "open":
        raise Refused("not-now")
    return row


def _seal(case: Case, text: str, now: datetime) -> UUID:
    return clients.keep(case.subject, {"item": text.strip()[:LONGEST]}, now=now)["item"]


def _become(
    row: Item,
    state: str,
    event: str,
    note: str,
    *,
    actor: Actor,
    now: datetime,
    evidence: UUID | None = None,
    **data: Any,
) -> None:
    Item.objects.filter(pk=row.pk).update(
        state=state, changed_at=now, taken_by="", evidence=evidence or row.evidence
    )
    if note.strip():
        ref = _seal(row.case, note, now)
        ItemNote.objects.create(item=row, state=state, ref=ref, by=str(actor), at=now)
    _say(row, event, actor=actor, now=now, **data)


def _say(row: Item, event: str, *, actor: Actor, now: datetime, **data: Any) -> None:
    said = {"item": key(row), "list": row.list, "n": row.number, **data}
    store.record(row.case_id, [(event, said)], actor=actor, now=now)
