"""A journey within a journey: the step `{journey: name, ends: […]}` is a case of its own, whose end is its outcome."""

from datetime import datetime

from django.db import transaction

from pridvor.cases import actions, queries
from pridvor.cases.models import Case, Event
from pridvor.journeys import queries as journeys
from pridvor.lib.actor import machine

ACTOR = machine("journeys")


@transaction.atomic
def begin(event: Event, *, now: datetime) -> None:
    """This will open the case that a step of another case is. It may run twice: one attempt has one child."""
    attempt = queries.attempt_of(event)
    if attempt is None or attempt.status != "open":
        return
    if Case.objects.filter(
        parent=attempt.case, parent_step=attempt.key, parent_number=attempt.number
    ).exists():
        return
    parent, version = attempt.case, journeys.latest(str(event.data["use"]))
    if version is None:
        raise LookupError(f"no journey is called {event.data['use']}")
    actions.open_case(
        version,
        parent.client,
        parent.person,
        language=parent.language,
        actor=ACTOR,
        now=now,
        known=parent.values,
        parent=attempt,
    )


@transaction.atomic
def report(event: Event, *, now: datetime) -> None:
    """This will end the parent's step with the child's end; one that the parent does not name goes to a person."""
    child = event.case
    if child.parent is None:
        return
    attempt = queries.open_attempt(child.parent, child.parent_step)
    if attempt is None or attempt.number != child.parent_number:
        return
    step = child.parent.journey.steps[attempt.step]
    if child.end in step.routes:
        actions.complete(attempt, child.end, actor=ACTOR, now=now)
    else:
        actions.pause(child.parent, f"{child.reference}: {child.end}", actor=ACTOR, now=now)


@transaction.atomic
def abandon(event: Event, *, now: datetime) -> None:
    """This will withdraw the child of a step that was cancelled or is asked anew."""
    children = Case.objects.filter(
        parent=event.case_id,
        parent_step=event.data["step"],
        parent_number=event.data["number"],
        state="open",
    )
    for child in children:
        actions.withdraw(child, actor=ACTOR, now=now)
