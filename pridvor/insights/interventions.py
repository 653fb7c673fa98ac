"""What did not go by itself: interventions and exceptions by reason, loops with the time they cost, the automatic share."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q
from django.db.models.fields.json import KeyTextTransform

from pridvor.accounts.sight import without_tests
from pridvor.cases.models import Event

BY_HAND = (  # events of a person who steps out of the automatic flow
    "gate.opened",
    "case.paused",
    "case.returned",
    "step.added",
    "step.changed",
    "criteria.accepted",
    "decision.undone",
    "case.migrated",
)
LOOPS = """
select v.name, e.data->>'step', coalesce(reason->>'code', ''), count(*),
  avg(extract(epoch from (coalesce(again.at, c.ended_at, %(now)s) - e.at)))
from cases_event e
join cases_case c on c.id = e.case_id and not c.is_test
join journeys_journeyversion v on v.id = c.journey_version_id
cross join lateral jsonb_array_elements(
  case when jsonb_array_length(e.data->'reasons') > 0 then e.data->'reasons' else '[{}]'::jsonb end) reason
left join lateral (
  select later.at from cases_event later
  where later.case_id = e.case_id and later.id > e.id and later.kind = 'step.completed'
    and later.data->>'step' = e.data->>'step'
  order by later.id limit 1) again on true
where e.kind = 'loop.taken' and e.at >= %(since)s and e.at < %(now)s
group by 1, 2, 3 order by count(*) desc, 1, 2, 3
"""


@dataclass(frozen=True)
class Loop:
    """One loop and one reason: how often it was taken, and how long until the same step was done again (mean seconds)."""

    journey: str
    step: str  # the step that sent back; of an exception step `name@host`
    reason: str  # a code; empty: none was given
    count: int
    seconds: float


@dataclass(frozen=True)
class Share:
    """Of the steps that are not the client's: how many a machine ended, and how many a person."""

    machine: int
    people: int

    @property
    def automatic(self) -> float | None:
        """From 0 to 1; None while nothing was done."""
        total = self.machine + self.people
        return self.machine / total if total else None


@without_tests()
def counted(since: datetime, now: datetime) -> dict[str, int]:
    """How often each kind of intervention happened; a step passed over counts when a person did it."""
    happened = Event.objects.filter(at__gte=since, at__lt=now)
    kinds = happened.filter(Q(kind__in=BY_HAND) | Q(kind="step.skipped", data__why="person"))
    return dict(kinds.values_list("kind").annotate(count=Count("id")).order_by("-count", "kind"))


@without_tests()
def exceptions(since: datetime, now: datetime) -> list[tuple[str, str, int]]:
    """Journey, exception step, and how often it was opened."""
    events = Event.objects.filter(kind="step.opened", at__gte=since, at__lt=now)
    opened = events.annotate(step=KeyTextTransform("step", "data")).filter(step__contains="@")
    found: dict[tuple[str, str], int] = {}
    for name, step in opened.values_list("case__journey_version__name", "step"):
        key = (name, str(step).partition("@")[0])
        found[key] = found.get(key, 0) + 1
    return [(*key, count) for key, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def loops(since: datetime, now: datetime) -> list[Loop]:
    """Every loop that was taken, by the reason that was given."""
    with connection.cursor() as cursor:
        cursor.execute(LOOPS, {"since": since, "now": now})
        return [
            Loop(journey, step, reason, count, float(seconds))
            for journey, step, reason, count, seconds in cursor
        ]


@without_tests()
def share(since: datetime, now: datetime) -> Share:
    """Who ended the steps of the period that clients do not."""
    ended = Event.objects.filter(kind="step.completed", at__gte=since, at__lt=now)
    by = dict(ended.values_list("actor_kind").annotate(count=Count("id")))
    return Share(by.get("machine", 0), by.get("staff", 0))
