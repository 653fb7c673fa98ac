"""Moving open cases to another version of their journey: rehearsed first, each with a verdict, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from pridvor.cases import engine, store
from pridvor.cases import snapshot as snapshots
from pridvor.cases.models import Answer, Case, Undoable
from pridvor.journeys import asking
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.models import JourneyVersion
from pridvor.lib.actor import Actor

MOVES, BLOCKED, GONE_ON, TAKEN_BACK = "moves", "blocked", "gone-on", "taken-back"
TAKE_BACK = timedelta(days=7)  # how long a move can be taken back, while the case has not gone on since


@dataclass(frozen=True)
class Verdict:
    """What moving would do to one case, or did. Steps and questions are named as the journeys name them."""

    case: Case
    code: str
    because: str = ""  # of a blocked one
    asked: tuple[str, ...] = ()  # steps that it has yet to do, and had not before
    again: tuple[str, ...] = ()  # steps that were done and are asked again
    stopped: tuple[str, ...] = ()  # work under way that is stopped
    lost: tuple[str, ...] = ()  # questions whose answers no step asks any more
    gates: tuple[str, ...] = ()  # places at which a person has to say how it goes on

    @property
    def is_quiet(self) -> bool:
        """Nobody notices: nothing more is asked, stopped or lost."""
        return self.code == MOVES and not (
            self.asked or self.again or self.stopped or self.lost or self.gates
        )


def rehearse(journey: Journey, *, most: int = 1000) -> list[Verdict]:
    """What would happen to each open case of this name that stands on another version. Nothing is written."""
    cases = Case.objects.filter(journey_version__name=journey.name, state="open").exclude(
        journey_version__digest=journey.digest
    )
    return [judge(case, journey) for case in cases.select_related("client", "journey_version")[:most]]


def judge(case: Case, journey: Journey) -> Verdict:
    """What moving this case to the journey would do."""
    before = store.load(case.pk, lock=False).snapshot
    decision = engine.decide(case.journey, before, engine.Migrate(journey))
    return _verdict(case, before, decision, journey)


@transaction.atomic
def move(case: Case, version: JourneyVersion, *, actor: Actor, now: datetime, of: str = "") -> Verdict:
    """This will move the case to another version, or say what blocks it. `of` names the move, to take it back by."""
    _, before, was, head = store.load(case.pk)
    journey = journeys.compiled(version.pk)
    if was == version.pk:
        return Verdict(case, MOVES)
    decision = engine.decide(journeys.compiled(was), before, engine.Migrate(journey))
    verdict = _verdict(case, before, decision, journey)
    if decision.refused:
        return verdict
    Case.objects.filter(pk=case.pk).update(journey_version=version)
    events = store.write(case.pk, before, decision, head=head, actor=actor, now=now)
    mover = Actor("machine", f"move-{of}")
    store.keep_before(case.pk, before, was, events[0], actor=mover, until=now + TAKE_BACK)
    return verdict


@transaction.atomic
def take_back(case: Case, of: str, *, actor: Actor, now: datetime) -> Verdict:
    """This will put a case back on the version from which this move took it, if it has not gone on since."""
    version, after, standing, head = store.load(case.pk)
    mover = str(Actor("machine", f"move-{of}"))
    kept = Undoable.objects.filter(case=case, actor=mover, version=version, until__gte=now).first()
    if kept is None:
        return Verdict(case, GONE_ON)
    was = journeys.compiled(kept.journey_version_id)
    undo = engine.Undo(snapshots.from_json(kept.snapshot), was)
    decision = engine.decide(journeys.compiled(standing), after, undo)
    if decision.refused:
        return Verdict(case, GONE_ON, decision.refused)
    Case.objects.filter(pk=case.pk).update(journey_version_id=kept.journey_version_id)
    store.write(case.pk, after, decision, head=head, actor=actor, now=now)
    kept.delete()
    return Verdict(case, TAKEN_BACK)


# -- how


def _verdict(case: Case, before: engine.Snapshot, decision: engine.Decision, new: Journey) -> Verdict:
    if decision.refused:
        return Verdict(case, BLOCKED, decision.refused)
    after, asked, again, stopped, gates = decision.snapshot.steps, [], [], [], []
    for key, attempt in after.items():
        old = before.steps.get(key)
        if attempt.kind == engine.GATE and attempt.status == engine.OPEN and (not old or old != attempt):
            gates.append(engine.host_of(key))
        elif attempt.status == engine.CANCELLED and old and old.status in (engine.OPEN, engine.HELD):
            stopped.append(key)
        elif attempt.status in (engine.OPEN, engine.WAITING) and "@" not in key:
            if old is None:
                asked.append(key)
            elif old.status == engine.DONE:
                again.append(key)
    lost = tuple(sorted(_lost(case, new)))
    return Verdict(case, MOVES, "", tuple(asked), tuple(again), tuple(stopped), lost, tuple(gates))


def _lost(case: Case, new: Journey) -> Iterable[str]:
    """Questions of this case that were answered and that the new version asks nowhere."""
    for step, field in Answer.objects.filter(case=case).values_list("step", "field").distinct():
        asked = new.steps.get(step)
        if asked is None or (asked.use in new.forms and not asking.belongs(new.forms[asked.use], field)):
            yield f"{step}.{field}"
