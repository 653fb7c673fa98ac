"""Publishing by two people: one proposes a text and the cases to move, sees what would happen, another approves."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from pridvor.cases import moving
from pridvor.cases.commands import Refused
from pridvor.cases.models import Case, Proposal
from pridvor.journeys import actions as journeys
from pridvor.journeys import queries as published
from pridvor.journeys.vocabulary import Vocabulary
from pridvor.lib import trace
from pridvor.lib.actor import Actor

TASK = "cases.move_chosen"


@transaction.atomic
def propose(
    source: str, known: Vocabulary, *, note: str = "", actor: Actor, now: datetime, move: Iterable[int] = ()
) -> Proposal:
    """This will keep a text for a second person to approve, with the cases that are to move to it.

    Raises language.Unsound when it cannot be read, CannotPublish when it has problems, Refused `nothing-new` when it
    is what is published.
    """
    journey = journeys.reviewed(source, known)
    base = published.latest(journey.name)
    if base and base.digest == journey.digest:
        raise Refused("nothing-new")
    return Proposal.objects.create(
        name=journey.name,
        source=source,
        base=base,
        note=note[:400],
        by=str(actor),
        at=now,
        chosen=sorted(set(move)),
    )


@transaction.atomic
def choose(proposal: Proposal, move: Iterable[int], *, actor: Actor, now: datetime) -> None:
    """This will set which cases move when it is approved. Only who proposed it may; afterwards nobody."""
    found = _locked(proposal)
    if found.by != str(actor):
        raise Refused("somebody-else-must")
    found.chosen = sorted(set(move))
    found.save(update_fields=["chosen"])


@transaction.atomic
def approve(proposal: Proposal, known: Vocabulary, *, actor: Actor, now: datetime) -> Proposal:
    """This will publish what somebody else proposed, and enqueue the moving of the chosen cases.

    Raises Refused `second-person-must` for who proposed it, `stale` when another version was published since.
    """
    found = _locked(proposal)
    if found.by == str(actor):
        raise Refused("second-person-must")
    latest = published.latest(found.name)
    if (latest.pk if latest else None) != found.base_id:
        raise Refused("stale")
    found.version = journeys.publish(found.source, known, actor=actor, now=now)
    found.decided_by, found.decided_at = str(actor), now
    found.save()
    if found.chosen:
        app.configure_task(TASK, queue="reactions").defer(proposal=found.pk, trace=trace.current())
    return found


@transaction.atomic
def withdraw(proposal: Proposal, *, actor: Actor, now: datetime) -> None:
    """This will leave a proposal without effect: by whoever made it, or by whoever would have approved it."""
    found = _locked(proposal)
    found.decided_by, found.decided_at, found.withdrawn = str(actor), now, True
    found.save()


def move_chosen(proposal: Proposal, *, now: datetime) -> None:
    """This will move the chosen cases, each in its own transaction; run again, it goes on with those that are left."""
    if proposal.version is None:
        return
    mover = Actor("machine", f"publication-{proposal.pk}")
    for case in Case.objects.filter(pk__in=set(proposal.chosen) - set(map(int, proposal.results))):
        verdict = moving.move(case, proposal.version, actor=mover, now=now, of=str(proposal.pk))
        _note(proposal, verdict)


def take_back(proposal: Proposal, *, actor: Actor, now: datetime) -> list[moving.Verdict]:
    """This will put each case that moved back where it was, unless it has gone on since; the version stays published."""
    verdicts = []
    moved = [int(case) for case, result in proposal.results.items() if result["code"] == moving.MOVES]
    for case in Case.objects.filter(pk__in=moved).select_related("client", "journey_version"):
        verdicts.append(moving.take_back(case, str(proposal.pk), actor=actor, now=now))
        _note(proposal, verdicts[-1])
    return verdicts


# -- how


def _locked(proposal: Proposal) -> Proposal:
    found = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if found.decided_at:
        raise Refused("no-longer-open")
    return found


@transaction.atomic
def _note(proposal: Proposal, verdict: moving.Verdict) -> None:
    found = Proposal.objects.select_for_update().get(pk=proposal.pk)
    found.results[str(verdict.case.pk)] = {"code": verdict.code, "because": verdict.because}
    found.save(update_fields=["results"])
    proposal.results = found.results
