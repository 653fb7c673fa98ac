"""Who works on what: each stage of a case has an owner, work moves when the owner is away, nobody takes what another holds.

Codes of `why`: `least-load` (given by the machine), `again` (did the stage before), `substitute`, `away`, `late`,
`taken` (by the person), `by-hand` (by a lead). Within one visit of a stage the machine never gives a case back to
somebody from whom it was moved; a person may.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from pridvor.accounts import queries as people
from pridvor.accounts.models import Staff
from pridvor.cases import queries, store
from pridvor.cases.models import MOST_PRIORITY, Assignment, Attempt, Case, Event, StageVisit
from pridvor.lib.actor import Actor, machine

ME = machine("work")
HOLD = timedelta(minutes=10)  # how long a case is kept for the person who opened it for work


@transaction.atomic
def assign(case: Case, stage: str, staff: Staff, *, why: str, actor: Actor, now: datetime) -> None:
    """This will make somebody the owner of a stage's work; whoever was, is no longer. No change, no event."""
    _lock(case)
    old = owner(case, stage)
    visit = _visit(case, stage)
    if old and old.staff_id == staff.pk and old.visit == visit:
        return
    Assignment.objects.filter(case=case, stage=stage, ended_at=None).update(ended_at=now)
    Assignment.objects.create(
        case=case, stage=stage, visit=visit, staff=staff, at=now, by=str(actor), why=why
    )
    before = str(old.staff.public_id) if old else ""
    said = {"stage": stage, "visit": visit, "staff": str(staff.public_id), "before": before, "why": why}
    store.record(case.pk, [("work.assigned", said)], actor=actor, now=now)


@transaction.atomic
def release(case: Case, stage: str, *, why: str, actor: Actor, now: datetime) -> None:
    """This will leave a stage's work without an owner; its lead is told (`work.unassigned`)."""
    _lock(case)
    old = owner(case, stage)
    Assignment.objects.filter(case=case, stage=stage, ended_at=None).update(ended_at=now)
    before = str(old.staff.public_id) if old else ""
    said = {"stage": stage, "role": case.journey.stages[stage].owner, "before": before, "why": why}
    store.record(case.pk, [("work.unassigned", said)], actor=actor, now=now)


@transaction.atomic
def give(event: Event, *, now: datetime) -> None:
    """This will find an owner for a stage that was opened: who had it before, their substitute, or the least loaded."""
    case, stage = event.case, str(event.data["stage"])
    _lock(case)
    old = owner(case, stage)
    if not StageVisit.objects.filter(case=case, key=stage, live=True).exists():
        return
    if old and old.visit == _visit(case, stage):
        return
    last = old or Assignment.objects.filter(case=case, stage=stage).order_by("-id").first()
    found, why = _successor(case, stage, last.staff, now) if last else (None, "")
    if found is None:
        found, why = _least_loaded(case, stage, now), "least-load"
    if found is None:
        if not Event.objects.filter(case=case, kind="work.unassigned", id__gt=event.pk).exists():
            release(case, stage, why="nobody-present", actor=ME, now=now)
        return
    assign(case, stage, found, why=why, actor=ME, now=now)


@transaction.atomic
def finish(event: Event, *, now: datetime) -> None:
    """This will end the ownership of a stage that is done, or of all the stages of a case that has ended."""
    rows = Assignment.objects.filter(case_id=event.case_id, ended_at=None)
    if event.kind == "stage.done":
        rows = rows.filter(stage=event.data["stage"], visit__lte=event.data["visit"])
    rows.update(ended_at=event.at)


def move(case: Case, stage: str, *, why: str, actor: Actor, now: datetime) -> Staff | None:
    """This will move a stage's work to a present person with less of it than the owner; None: there is none."""
    old = owner(case, stage)
    found = _least_loaded(case, stage, now, below=loads([old.staff])[old.staff_id] if old else None)
    if found is not None and not (old and old.staff_id == found.pk):
        assign(case, stage, found, why=why, actor=actor, now=now)
        return found
    return None


def away(staff: Staff, *, actor: Actor, now: datetime) -> int:
    """This will move all the work of somebody who is not there: to the substitute, else to the least loaded."""
    rows = Assignment.objects.filter(staff=staff, ended_at=None, case__state="open")
    moved = 0
    for row in rows.select_related(*(f"case__{name}" for name in queries.CASE)).order_by("id"):
        found = people.substitute(staff, now)
        why = "substitute" if found else "away"
        found = found or _least_loaded(row.case, row.stage, now)
        if found is None:
            release(row.case, row.stage, why="nobody-present", actor=actor, now=now)
        else:
            assign(row.case, row.stage, found, why=why, actor=actor, now=now)
            moved += 1
    return moved


def sweep(*, now: datetime, limit: int = 200) -> int:
    """This will move the work of everybody who is away now, and give what nobody has; returns how many stages moved."""
    gone = Staff.objects.filter(assignments__ended_at=None, assignments__case__state="open")
    moved = sum(
        away(staff, actor=ME, now=now)
        for staff in gone.exclude(pk__in=people.present(now)).distinct().order_by("pk")
    )
    return moved + sum(_adopt(visit, now) for visit in _orphans()[:limit])


@transaction.atomic
def raise_priority(case: Case, *, by: int = 1, why: str, actor: Actor, now: datetime) -> int:
    """This will lift a case above the others in the queue, at most to 9; returns where it is now."""
    row = _lock(case)
    raised = min(MOST_PRIORITY, row.priority + by)
    if raised != row.priority:
        Case.objects.filter(pk=case.pk).update(priority=raised)
        said = {"priority": raised, "before": row.priority, "why": why}
        store.record(case.pk, [("priority.raised", said)], actor=actor, now=now)
    return raised


# -- one person at a time


@transaction.atomic
def hold(attempt: Attempt, staff: Staff, *, now: datetime) -> bool:
    """This will keep a case for somebody for ten minutes, or until they decide; False: another holds it."""
    return _hold([attempt], staff, now=now) is not None


@transaction.atomic
def let_go(case: Case, staff: Staff, *, now: datetime) -> None:
    """This will give up a hold without a decision; another's hold stays."""
    held = Case.objects.filter(pk=case.pk, held_by=staff, held_until__gt=now)
    if held.update(held_by=None, held_until=None, held_attempt=None):
        store.record(case.pk, [("work.let-go", {})], actor=staff.actor, now=now)


@transaction.atomic
def next_case(
    staff: Staff,
    roles: Iterable[str],
    *,
    now: datetime,
    order: Callable[[Sequence[Attempt], datetime], list[Attempt]] | None = None,
    besides: Iterable[int] = (),
) -> Attempt | None:
    """This will take the most urgent open work for these roles that nobody else holds, and hold it for ten minutes.

    `order` puts it in order (without: by priority and age); one's own and nobody's work comes before colleagues'.
    `besides` are cases to pass over. Fifty people who press at once get fifty different cases.
    """
    passed = set(besides)
    rows = [row for row in queries.queue(roles) if row.case_id not in passed and not row.case.paused]
    owners = owners_of({row.case_id for row in rows})
    ordered = (order or _by_age)(rows, now)
    ordered.sort(key=lambda row: owners.get((row.case_id, row.stage), staff) != staff)
    return _hold(ordered, staff, now=now)


# -- reads


def owner(case: Case, stage: str) -> Assignment | None:
    """Who looks after a stage now."""
    rows = Assignment.objects.filter(case=case, stage=stage, ended_at=None)
    return rows.select_related("staff").first()


def owners_of(case_ids: Iterable[int]) -> dict[tuple[int, str], Staff]:
    """The owner of each stage that has one, by case and stage; one query for a whole queue."""
    rows = Assignment.objects.filter(case__in=list(case_ids), ended_at=None).select_related("staff")
    return {(row.case_id, row.stage): row.staff for row in rows}


def holder(case: Case, now: datetime) -> Staff | None:
    """Who has opened the case for work and has neither decided nor let go."""
    if case.held_by_id is None or case.held_until is None or case.held_until <= now:
        return None
    undecided = case.held_attempt and Attempt.objects.filter(pk=case.held_attempt, status="open").exists()
    return case.held_by if undecided else None


def loads(staff: Iterable[Staff]) -> dict[int, int]:
    """How many stages of open cases each of these people looks after, by their key."""
    mine = Count("assignments", filter=_BUSY)
    return dict(
        Staff.objects.filter(pk__in=[one.pk for one in staff]).annotate(n=mine).values_list("pk", "n")
    )


def candidates(role: str, now: datetime) -> QuerySet[Staff]:
    """Present people of a role: the least loaded first, then whoever was given nothing for the longest."""
    return (
        people.present(now)
        .filter(role=role)
        .annotate(load=Count("assignments", filter=_BUSY), last=Max("assignments__at"))
        .order_by("load", "last", "pk")
    )


# -- how

_OWNED = Assignment.objects.filter(case=OuterRef("case"), stage=OuterRef("key"), ended_at=None)
_BUSY = Q(assignments__ended_at=None, assignments__case__state="open", assignments__case__paused="")


def _lock(case: Case) -> Case:
    """The case before its rows, as every verb does."""
    return Case.objects.select_for_update(no_key=True).only("pk", "priority").get(pk=case.pk)


def _visit(case: Case, stage: str) -> int:
    return StageVisit.objects.filter(case=case, key=stage).values_list("number", flat=True).first() or 0


def _successor(case: Case, stage: str, before: Staff, now: datetime) -> tuple[Staff | None, str]:
    """Whoever had the stage before knows the case; when away, their substitute."""
    if people.is_present(before, now) and before.role == case.journey.stages[stage].owner:
        return before, "again"
    return people.substitute(before, now), "substitute"


def _orphans() -> QuerySet[StageVisit]:
    """Stages at work that nobody looks after: nobody was there when they were opened."""
    rows = StageVisit.objects.filter(~Exists(_OWNED), live=True, case__state="open").order_by(
        "opened_at", "pk"
    )
    return rows.select_related(*(f"case__{name}" for name in queries.CASE))


@transaction.atomic
def _adopt(visit: StageVisit, now: datetime) -> bool:
    found = _least_loaded(visit.case, visit.key, now)
    if found is not None:
        assign(visit.case, visit.key, found, why="least-load", actor=ME, now=now)
    return found is not None


def _least_loaded(case: Case, stage: str, now: datetime, *, below: int | None = None) -> Staff | None:
    """A present person of the stage's role who did not have it in this visit, with fewer than `below` stages."""
    had = Assignment.objects.filter(case=case, stage=stage, visit=_visit(case, stage)).values("staff")
    able = candidates(case.journey.stages[stage].owner, now).filter(_sees(case))
    found = able.exclude(pk__in=had).first()
    return found if found and (below is None or loads([found])[found.pk] < below) else None


def _sees(case: Case) -> Q:
    """Of the staff, those whose regions the case is in; who has none, has all."""
    everywhere = Q(regions=[])
    return everywhere | Q(regions__contains=[case.region_id]) if case.region_id else Q()


def _by_age(rows: Sequence[Attempt], now: datetime) -> list[Attempt]:
    return sorted(rows, key=lambda row: (-row.case.priority, row.opened_at or now))


CLAIM = """
select c.id from cases_case c join unnest(%s::bigint[]) with ordinality as wanted(id, place) on wanted.id = c.id
where c.state = 'open' and (c.held_until is null or c.held_until <= %s or c.held_by_id = %s
  or not exists (select 1 from cases_attempt a where a.id = c.held_attempt and a.status = 'open'))
order by wanted.place limit 1 for no key update of c skip locked
"""


def _hold(rows: Sequence[Attempt], staff: Staff, *, now: datetime) -> Attempt | None:
    """Take the first of these whose case nobody else holds or is changing at this moment."""
    first: dict[int, Attempt] = {}
    for row in rows:
        first.setdefault(row.case_id, row)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [list(first), now, staff.pk])
        found = cursor.fetchone()
    if found is None:
        return None
    row = first[found[0]]
    Case.objects.filter(pk=row.case_id).update(held_by=staff, held_until=now + HOLD, held_attempt=row.pk)
    store.record(
        row.case_id, [("work.taken", {"step": row.key, "number": row.number})], actor=staff.actor, now=now
    )
    return row
