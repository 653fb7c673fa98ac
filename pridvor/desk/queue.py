"""The queue: open work in the order that matters, narrowed as a person likes, with all that a choice needs in a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.accounts import queries as people
from pridvor.accounts import regions
from pridvor.accounts.models import Role, Staff
from pridvor.cases import queries as cases
from pridvor.cases import work
from pridvor.cases.models import Attempt, Case
from pridvor.desk import time
from pridvor.lib import text
from pridvor.sla import queries as sla
from pridvor.sla.queries import TimeLeft
from pridvor.ui import dates

ONLY_LOOK = (Role.MANAGER, Role.AUDITOR)
ACTS = {  # whose steps a role may do; each its own, and compliance also the operators'
    Role.OPERATOR: ("operator",),
    Role.COMPLIANCE: ("compliance", "operator"),
    Role.ACCOUNT_MANAGER: ("account-manager",),
    Role.ENGINEER: ("engineer",),
    Role.EDITOR: ("editor",),
    Role.SECURITY: ("security",),
    Role.ADMINISTRATOR: tuple(role.value for role in Role if role not in ONLY_LOOK),
}
NO_HURRY = 10**9  # seconds: after everything that has a clock
BESIDE = 40  # rows of the short list beside a case
FLAGS = ("late", "again", "paused", "raised")


@dataclass(frozen=True)
class Narrowing:
    """Which rows a person wants to see; every part empty: all of them."""

    scope: str = ""  # "": what waits for us · others: what waits for somebody else
    journey: str = ""
    stage: str = ""
    owner: str = ""  # mine | nobody | a public id
    flag: str = ""  # one of FLAGS
    client: str = ""  # a part of the client's name

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> "Narrowing":
        return cls(**{part: str(query.get(part, ""))[:80] for part in cls.__dataclass_fields__})

    @property
    def query(self) -> dict[str, str]:
        """The parts that narrow, as an address or a saved view keeps them."""
        return {part: value for part, value in vars(self).items() if value}


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    attempt: Attempt
    url: str
    client_url: str
    journey: str
    stage: str
    todo: str
    owner: str
    is_mine: bool
    left: str
    left_kind: str
    since: str
    flags: Sequence[Mapping[str, str]]
    region: str  # its name; empty: everybody's


@dataclass(frozen=True)
class Work:
    """Open work, who looks after it and how much time is left: three questions, however much there is."""

    attempts: Sequence[Attempt]
    owners: Mapping[tuple[int, str], Staff]
    clocks: Mapping[tuple[int, str], TimeLeft]
    now: datetime

    def owner(self, attempt: Attempt) -> Staff | None:
        return self.owners.get((attempt.case_id, attempt.stage))

    def left(self, attempt: Attempt) -> TimeLeft | None:
        """Of our time for the attempt's stage; None where nothing is promised, or somebody else must act."""
        return self.clocks.get((attempt.case_id, attempt.stage)) if attempt.kind in cases.PEOPLE_ACT else None

    def urgency(self, attempt: Attempt) -> tuple[int, int, float]:
        """Raised cases first, then what has the least time left, then what waits longest."""
        left = self.left(attempt)
        opened = attempt.opened_at.timestamp() if attempt.opened_at else 0.0
        return -attempt.case.priority, left.seconds if left else NO_HURRY, opened


def may_act(staff: Staff, attempt: Attempt) -> bool:
    return attempt.kind in cases.PEOPLE_ACT and cases.owner_of(attempt) in roles(staff)


def roles(staff: Staff) -> tuple[str, ...]:
    """Whose work a person does; none for those who only look."""
    return ACTS.get(Role(staff.role), ())


def gather(staff: Staff, narrowing: Narrowing, now: datetime) -> Work:
    """What matches, in the order that matters."""
    if narrowing.scope == "others":
        found = [row for row in cases.open_work() if row.kind not in cases.PEOPLE_ACT]
    else:
        found = cases.queue(roles(staff))
    ids = {row.case_id for row in found}
    everything = Work(found, work.owners_of(ids), sla.time_left(ids, now), now)
    kept = [row for row in found if _matches(row, everything, narrowing, staff)]
    return replace(everything, attempts=sorted(kept, key=everything.urgency))


def take_next(staff: Staff, now: datetime) -> Attempt | None:
    """This will hold the most urgent case that nobody else holds for this person; None: there is none."""
    found = gather(staff, Narrowing(), now)
    return work.next_case(staff, roles(staff), now=now, order=lambda rows, _: sorted(rows, key=found.urgency))


def rows(found: Work, attempts: Sequence[Attempt], staff: Staff, language: str) -> list[Row]:
    """These attempts as lines."""
    named = {one.code: one.named(language) for one in regions.all_regions()}
    return [_row(found, attempt, staff, language, named) for attempt in attempts]


def beside(
    staff: Staff, now: datetime, *, language: str, current: Case | None = None
) -> list[dict[str, Any]]:
    """The short list beside a case: the most urgent of one's work."""
    found = gather(staff, Narrowing(), now)
    return [_line(found, attempt, language, current) for attempt in found.attempts[:BESIDE]]


def choices(staff: Staff, language: str) -> dict[str, list[tuple[str, str]]]:
    """What each part of a narrowing may be, in words."""
    journeys = {
        row.case.journey.name: row.case.journey for row in (*cases.queue(roles(staff)), *cases.open_work())
    }
    stages = {
        stage.key: journey.text(stage.title, language)
        for journey in journeys.values()
        for stage in journey.stages.values()
    }
    owners = [(str(one.public_id), one.name) for one in people.active() if roles(one)]
    said = {"late": _("late"), "again": _("asked again"), "paused": _("paused"), "raised": _("raised")}
    return {
        "journey": [(name, journey.text(journey.title, language)) for name, journey in journeys.items()],
        "stage": list(stages.items()),
        "owner": [("mine", _("mine")), ("nobody", _("nobody's")), *owners],
        "flag": [(flag, said[flag]) for flag in FLAGS],
    }


# -- how


def _matches(row: Attempt, found: Work, wanted: Narrowing, staff: Staff) -> bool:
    owner = found.owner(row)
    return (
        (not wanted.journey or row.case.journey.name == wanted.journey)
        and (not wanted.stage or row.stage == wanted.stage)
        and (not wanted.owner or _is_owner(owner, wanted.owner, staff))
        and (not wanted.flag or wanted.flag in _flags(row, found))
        and (not wanted.client or text.fold(wanted.client) in row.case.client.folded)
    )


def _is_owner(owner: Staff | None, wanted: str, staff: Staff) -> bool:
    if wanted == "nobody":
        return owner is None
    return owner is not None and (
        owner.pk == staff.pk if wanted == "mine" else str(owner.public_id) == wanted
    )


def _flags(row: Attempt, found: Work) -> set[str]:
    left = found.left(row)
    said = {
        "late": bool(left and left.is_late),
        "again": row.number > 1,
        "paused": row.case.is_paused,
        "raised": row.case.priority > 0,
    }
    return {flag for flag, is_so in said.items() if is_so}


def _row(found: Work, row: Attempt, staff: Staff, language: str, named: Mapping[str, str]) -> Row:
    journey, owner, left = row.case.journey, found.owner(row), found.left(row)
    flags = _flags(row, found)
    return Row(
        attempt=row,
        url=reverse("desk:case", args=[row.case.public_id]),
        client_url=reverse("desk:client", args=[row.case.client.public_id]),
        journey=journey.text(journey.title, language),
        stage=journey.text(journey.stages[row.stage].title, language),
        todo=_todo(row, language),
        owner=owner.name if owner else "",
        is_mine=owner is not None and owner.pk == staff.pk,
        left=time.words(left),
        left_kind=time.kind(left),
        since=dates.since(row.opened_at) if row.opened_at else "",
        flags=_marks(row, flags),
        region=named.get(row.case.region_id or "", ""),
    )


def _todo(row: Attempt, language: str) -> str:
    """What is to be done, and by whom when it is not by us."""
    journey = row.case.journey
    step = journey.steps.get(row.step)
    title = journey.text(step.title, language) if step else _("Decision wanted")
    if step is None or row.kind in cases.PEOPLE_ACT:
        return title
    whom = {"client": _("the client"), "third party": _("an outside system"), "nobody": _("a check")}
    return _("%(step)s: waits for %(whom)s") % {"step": title, "whom": whom.get(step.party, step.party)}


def _marks(row: Attempt, flags: set[str]) -> list[dict[str, str]]:
    marks = []
    if "late" in flags:
        marks.append({"text": _("late"), "kind": "bad"})
    if "paused" in flags:
        marks.append({"text": _("paused"), "kind": "wait"})
    if "again" in flags:
        again = row.number - 1
        words = ngettext("%d time again", "%d times again", again) % again
        marks.append({"text": words, "kind": "wait"})
    if "raised" in flags:
        marks.append({"text": _("priority %(n)d") % {"n": row.case.priority}, "kind": "now"})
    return marks


def _line(found: Work, row: Attempt, language: str, current: Case | None) -> dict[str, Any]:
    flags = _flags(row, found)
    mark = next(iter(_marks(row, flags)), {"text": "", "kind": ""})
    return {
        "id": f"case-{row.case_id}-{row.pk}",
        "url": reverse("desk:case", args=[row.case.public_id]),
        "title": row.case.client.name,
        "note": f"{_todo(row, language)} · {row.case.reference}",
        "aside": time.words(found.left(row)),
        "kind": time.kind(found.left(row)),
        "now": current is not None and current.pk == row.case_id,
        "tag": mark["text"],
        "tag_kind": mark["kind"],
    }
