"""What may be done with calls to outside systems: start one, try it, hurry it. Every try is written down.

No transaction is open while the network is used: a try is begun in one and finished in another. A worker may die
anywhere between; the next try finds the effect by its key and goes on, so each call has one effect. Times after a try
are its start plus what it took, so that only the doors and tasks read the clock.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import store
from pridvor.cases.models import Attempt, AttemptStatus, Event
from pridvor.connectors import circuit, history, peers, queries, reconciling, table, trail
from pridvor.connectors.contract import (
    SETTLE,
    Accepted,
    Answer,
    Failed,
    Rejected,
    Request,
    Unavailable,
    Uncertain,
)
from pridvor.connectors.models import Call, CallState, Outcome, Peer, Switch
from pridvor.lib import trace
from pridvor.lib.actor import Actor, machine

BACKOFF = (5, 15, 45, 135, 405, 600)  # seconds before the next try; the last one repeats
JITTER = 0.2
TELL_AFTER = timedelta(minutes=15)  # of failing, the client is told that it takes longer
GIVE_UP_AFTER = timedelta(hours=24)  # of failing, a person does it by hand
LOOK_FOR_AT_MOST = timedelta(hours=1)  # of failing, a person looks: somebody waits at the door
WHILE_PAUSED = timedelta(minutes=1)  # between looks whether somebody has resumed the case
WHILE_BUSY = (0.5, 1.5)  # seconds between looks whether the peer has a place free
BUSY = "http-429"  # the peer is there, and has said when it wants to be asked again
LONGEST_WISH = timedelta(minutes=10)  # of a peer that asks us to wait
LEASE = timedelta(seconds=90)  # a try that takes longer has lost its worker
QUEUE, TASK = "connectors", "connectors.attempt_call"
ME = machine("connectors")

log = logging.getLogger(__name__)

Asker = Callable[[Call, Answer | None, datetime], None]
_askers: dict[str, Asker] = {}


def learn(askers: Mapping[str, Asker]) -> None:
    """Who asks for verbs that are `of_check`, by capability: told what was found, or None when nothing can be.

    Called by the wiring, once. An asker runs in the transaction that closes the call.
    """
    _askers.update(askers)


class NotWaiting(Exception):
    """The call is not waiting for another try: it is being made, done, or closed."""


def send(event: Event, *, now: datetime) -> None:
    """This will note that an outside system is wanted for the step that was opened, and make the first try.

    Both in one job, because somebody waits. Where that job is lost between the two, the sweep finds the call overdue.
    """
    call = note(event, now=now)
    if call:
        attempt_call(call.pk, now=now)


@transaction.atomic
def note(event: Event, *, now: datetime) -> Call | None:
    """This will write down that an outside system is wanted for the step that was opened, each attempt once.

    Returns the call that waits for its first try; None when it had its turn, or nobody wants it any more.
    """
    attempt = case_queries.attempt_of(event)
    if attempt is None or attempt.status != AttemptStatus.OPEN:
        return None
    return _note(attempt, event.data["use"], now=now)


@transaction.atomic
def ask(attempt: Attempt, capability: str, *, now: datetime) -> None:
    """This will have an outside system asked for an open attempt, each attempt once. It may run twice."""
    call = _note(attempt, capability, now=now)
    if call:
        _enqueue(call)


@transaction.atomic
def take_back(event: Event, *, now: datetime) -> None:
    """This will undo outside what a step had done there, because its case ended otherwise. It may run twice."""
    step, capability = event.data["step"], event.data["use"]
    attempt = case_queries.attempt(event.case, step)
    if attempt and capability in table.CAPABILITIES:
        _note_once(f"{event.case.reference}:undo:{step}", _new(attempt, capability, now) | {"undoes": True})


@transaction.atomic
def ask_beside(attempt: Attempt, capability: str, key: str, *, now: datetime) -> None:
    """This will have something done outside for a case that does not wait for it. It may run twice."""
    if capability in table.CAPABILITIES:
        _note_once(key, _new(attempt, capability, now) | {"aside": True})


def attempt_call(call_id: int, *, now: datetime) -> None:
    """This will try the call once, if it is due, and write down how it went."""
    begun, start = _begin(call_id, now=now), time.monotonic()
    if begun is None:
        return
    with trail.counting() as cost:
        result = _perform(begun)
    _finish(call_id, begun, result, cost, now=now + timedelta(seconds=time.monotonic() - start))


@transaction.atomic
def try_now(call: Call, *, actor: Actor, now: datetime) -> None:
    """This will let a waiting call be tried at once, because a person says that the peer is back. Raises NotWaiting."""
    waiting = Call.objects.filter(pk=call.pk, state=CallState.WAITING).update(next_at=now)
    if not waiting:
        raise NotWaiting
    cases.record(
        call.case, "call.hurried", actor=actor, now=now, data={"step": call.attempt.key, "peer": call.peer}
    )
    call.next_at = now
    _enqueue(call)


@transaction.atomic
def replay(call: Call, *, actor: Actor, now: datetime) -> None:
    """This will try a call once more that ended with a person who has not done it yet. Raises NotWaiting.

    When it goes well, the person's step ends with it; else nothing changes.
    """
    call = _locked(call.pk)
    if (
        call.state != CallState.BY_HAND
        or call.undoes
        or call.aside
        or case_queries.standing_in(call.attempt) is None
    ):
        raise NotWaiting
    call.state, call.code, call.next_at, call.first_failed_at = CallState.WAITING, "", now, None
    call.save()
    said = {"step": call.attempt.key, "peer": call.peer}
    cases.record(call.case, "call.replayed", actor=actor, now=now, data=said)
    _enqueue(call)


@transaction.atomic
def answered(capability: str, reference: str, said: Mapping[str, Any], *, now: datetime) -> None:
    """This will end a call that a peer had accepted, as the peer tells now. Raises NotWaiting when no such call waits."""
    role, _dot, verb = capability.partition(".")
    waiting = Call.objects.filter(
        case__reference=reference, capability=capability, state=CallState.ACCEPTED, undoes=False
    )
    found = waiting.last()
    call = _locked(found.pk) if found else None
    if call is None or call.state != CallState.ACCEPTED:
        raise NotWaiting
    call.tries += 1
    history.begin(call, now=now, request={"told_by": call.peer})
    try:
        answer = peers.judge(role, verb, said, reference)
    except Rejected as refused:  # its words stay out: nobody has looked whom they name
        history.close(call, now=now, number=call.tries, outcome=refused.outcome, code=refused.code)
        _by_hand(call, refused.code, "", now=now)
    else:
        history.close(call, now=now, number=call.tries, outcome=Outcome.ANSWERED, answer=dict(answer.data))
        _done(call, answer, now=now)


def sweep(*, now: datetime) -> int:
    """This will enqueue calls whose job was lost: overdue ones, and tries whose worker is gone. Returns how many."""
    overdue = Q(state__in=[CallState.WAITING, CallState.ACCEPTED], next_at__lt=now - timedelta(seconds=30))
    stranded = Q(state=CallState.SENDING, next_at__lt=now - LEASE)
    calls = list(Call.objects.filter(overdue | stranded).order_by("next_at")[:500])
    for call in calls:
        _enqueue(call, at=now)
    return len(calls)


def scout(*, now: datetime) -> list[str]:
    """This will look which failing peers are back, and let the call that has waited longest for each be tried at once.

    So nobody waits out a pause of ten minutes when the peer returns after one. Only one goes ahead: what answers a
    probe need not do its work, and the others hurry when the first has arrived. Returns the roles of those that are back.
    """
    back = []
    for name in Peer.objects.filter(failures__gt=0).values_list("name", flat=True):
        waiting = Call.objects.filter(peer=name, state=CallState.WAITING, case__is_test=False).exclude(
            code=BUSY
        )
        first = waiting.order_by("waiting_since", "pk").first()
        if first and first.next_at and first.next_at > now and peers.probe(name).ok:
            circuit.let_one_through(name, now)
            _hurry(first, now)
            back.append(name)
    return back


def set_sandbox_mode(peer: str, mode: str) -> None:
    """This will make a stand-in of the demo answer, fail or dawdle. Raises ValueError for a mode it does not have."""
    if mode not in queries.sandbox_modes().get(peer, ("", ()))[1]:
        raise ValueError(f"{peer} has no mode {mode}")
    Switch.objects.update_or_create(peer=peer, defaults={"mode": mode})


# -- one try


def _new(attempt: Attempt, capability: str, now: datetime) -> dict[str, Any]:
    """A call that waits for its first try."""
    row = table.CAPABILITIES.get(capability)
    return {
        "case": attempt.case,
        "attempt": attempt,
        "capability": capability,
        "peer": row.peer if row else "",
        "waiting_since": now,
        "next_at": now,
    }


def _note_once(key: str, new: Mapping[str, Any]) -> None:
    call, made = Call.objects.get_or_create(key=key, defaults=new)
    if made:
        _enqueue(call)


def _note(attempt: Attempt, capability: str, *, now: datetime) -> Call | None:
    """The call that now waits for its next try; None when it has been noted before."""
    key, new = f"{attempt.case.reference}:{attempt.key}", _new(attempt, capability, now)
    call, made = Call.objects.select_for_update(of=("self",)).get_or_create(key=key, defaults=new)
    if not made and call.attempt_id == attempt.pk:
        return None  # this reaction has run before
    if not made:
        if call.state != CallState.SENDING:
            _land(call.attempt, now=now)
        call.attempt, call.first_failed_at, call.delay_told_at, call.waiting_since, call.next_at = (
            attempt,
            None,
            None,
            now,
            now,
        )
        if call.state != CallState.SENDING:
            call.state = CallState.WAITING
        call.save()
    return call


@dataclass(frozen=True)
class _Begun:
    """A try that has been begun: its number, and the request, or why there is none."""

    number: int
    attempt: Attempt
    capability: str
    is_test: bool
    request: Request | None
    failed: Failed | None


@transaction.atomic
def _begin(call_id: int, *, now: datetime) -> _Begun | None:
    """Write that a try begins. None when the call is not due, another worker has it, or it is no longer wanted."""
    call = _locked(call_id)
    if not _is_due(call, now) or not _is_wanted(call, now) or not _may_be_sent(call, now):
        return None
    with peers.of_a_test(call.case.is_test):
        request, failed = _gather(call, now)
    call.tries, call.state, call.next_at = call.tries + 1, CallState.SENDING, now
    call.save()
    history.begin(call, now=now, request=request.masked() if request else {})
    return _Begun(call.tries, call.attempt, call.capability, call.case.is_test, request, failed)


def _locked(call_id: int) -> Call:
    """The call and its case, until the transaction ends: the tries of a case are links of one chain (history.py)."""
    rows = Call.objects.select_for_update(of=("self", "case"), no_key=True)
    call = rows.select_related("case__client", "case__person", "attempt").get(pk=call_id)
    call.attempt.case = call.case
    return call


def _is_due(call: Call, now: datetime) -> bool:
    """Not when another worker has it, it waits, or it has ended; an order that nobody has answered ends here."""
    if call.state == CallState.SENDING and not _take_over(call, now):
        return False
    if call.state == CallState.ACCEPTED and call.next_at and call.next_at <= now:
        _by_hand(call, "no-answer", "", now=now)
        return False
    is_later = call.next_at is not None and call.next_at > now + timedelta(seconds=1)
    return call.state in (CallState.WAITING, CallState.SENDING) and not is_later


def _is_wanted(call: Call, now: datetime) -> bool:
    if not call.undoes and not call.aside and call.attempt.status != AttemptStatus.OPEN and call.tries == 0:
        _cancel(call, now=now)
        return False
    if call.case.is_paused:
        _put_off(call, now + WHILE_PAUSED)
        return False
    return True


def _may_be_sent(call: Call, now: datetime) -> bool:
    """Not while the peer rests, or has as many tries under way as it may. The case is locked before the peer, as ends do.

    A test is answered by stand-ins, which have no rests and no places.
    """
    if call.case.is_test:
        return True
    if until := circuit.rests_until(circuit.locked(call.peer), now):
        _wait(call, "peer-resting", now=now, until=until)
        return False
    if circuit.is_busy(call, since=now - LEASE):
        _put_off(call, now + timedelta(seconds=secrets.SystemRandom().uniform(*WHILE_BUSY)))
        return False
    return True


def _put_off(call: Call, until: datetime) -> None:
    """Not a failure: it waits its turn."""
    call.state, call.next_at = CallState.WAITING, until
    call.save()
    _enqueue(call)


def _take_over(call: Call, now: datetime) -> bool:
    """Whether the try under way has lost its worker; then it is closed as lost."""
    last = call.history.last()
    if last and not last.ended_at and last.started_at > now - LEASE:
        return False
    history.close(call, now=now, outcome=Outcome.LOST, code="worker-gone")
    return True


def _gather(call: Call, now: datetime) -> tuple[Request | None, Failed | None]:
    row = table.CAPABILITIES.get(call.capability)
    if row is None:
        return None, Rejected("no-such-capability", f"nothing is connected that offers {call.capability}")
    try:
        return row.gather(call.case, now=now), None
    except Failed as failed:
        return None, failed


def _perform(begun: _Begun) -> Answer | Failed:
    if begun.failed or begun.request is None:
        return begun.failed or Rejected("no-request")
    try:
        with peers.of_a_test(begun.is_test), trace.doing(f"call {begun.capability}"):
            return table.CAPABILITIES[begun.capability].perform(begun.request)
    except Failed as failed:
        return failed
    except Exception as error:  # a fault of ours: written down and repeated, so that no call is forgotten
        log.exception("the call %s failed in an unforeseen way", begun.capability)
        return Uncertain("unforeseen", type(error).__name__)


@transaction.atomic
def _finish(call_id: int, begun: _Begun, result: Answer | Failed, cost: trail.Cost, *, now: datetime) -> None:
    """Close the try and let the call go on: done, once more later, or by hand."""
    call = _locked(call_id)
    closing: dict[str, Any] = {"outcome": Outcome.ANSWERED}
    closing |= {"requests": cost.requests, "peer_ms": round(cost.milliseconds)}
    if isinstance(result, Failed):
        closing |= {"outcome": result.outcome, "code": result.code[:60], "words": result.words[:500]}
    else:
        closing |= {"answer": dict(result.data)}
    mine = history.close(call, now=now, number=begun.number, **closing)
    if not mine or call.tries != begun.number or call.state != CallState.SENDING:
        return  # it took so long that another try was begun; that one decides
    if begun.attempt.pk != call.attempt_id:
        _again(call, begun.attempt, now=now)
    elif isinstance(result, Answer):
        _done(call, result, now=now)
    elif isinstance(result, Rejected):
        _note_answered(call, now)  # it answers, if only to say no
        _by_hand(call, result.code, result.words, now=now)
    elif isinstance(result, Accepted):
        _note_answered(call, now)
        call.state, call.code, call.next_at = CallState.ACCEPTED, "", now + GIVE_UP_AFTER
        call.save()
    else:
        if not call.case.is_test:
            circuit.note_failure(call.peer, now)
        _wait(call, result.code, now=now, until=_not_before(result, now))


def _not_before(failed: Failed, now: datetime) -> datetime | None:
    """When what was sent may be read again, or the peer wants to be asked again."""
    if isinstance(failed, Uncertain):
        return now + SETTLE
    if isinstance(failed, Unavailable) and failed.after:
        return now + min(timedelta(seconds=failed.after), LONGEST_WISH)
    return None


def _done(call: Call, answer: Answer, *, now: datetime) -> None:
    call.state, call.answer, call.next_at, call.first_failed_at, call.code = (
        CallState.DONE,
        dict(answer.data),
        None,
        None,
        "",
    )
    call.save()
    if asker := _askers.get(call.capability):
        asker(call, answer, now)
    else:
        _record(call, answer, now=now)
        _complete(call, answer.outcome, now=now, values=answer.values)
    if _note_answered(call, now):
        _hurry_others(call.peer, now)


def _record(call: Call, answer: Answer, *, now: datetime) -> None:
    """What the case keeps of an answer, with the ground of each recognition. A mere look makes no record ours."""
    said: dict[str, Any] = {"step": call.attempt.key, "peer": call.peer, "reference": answer.reference}
    said |= {"by": str(answer.by)} if answer.by else {}
    if call.capability in table.LOOKS:
        said |= {"outcome": answer.outcome}
        cases.record(call.case, "company.looked-up", actor=ME, now=now, data=said)
        return
    cases.record(call.case, "call.done", actor=ME, now=now, data=said | {"how": answer.how})
    if not call.case.is_test:
        reconciling.note(call, answer, now=now)


def _note_answered(call: Call, now: datetime) -> bool:
    """Whether the peer had been failing until now. What a stand-in answered says nothing of the peer."""
    return not call.case.is_test and circuit.note_success(call.peer, now)


def _by_hand(call: Call, code: str, words: str, *, now: datetime) -> None:
    call.state, call.code, call.next_at = CallState.BY_HAND, code, None
    call.save()
    said = {"step": call.attempt.key, "peer": call.peer, "code": code, "words": words}
    cases.record(call.case, "call.by-hand", actor=ME, now=now, data=said)
    if asker := _askers.get(call.capability):
        asker(call, None, now)
        return
    _complete(call, "fail", now=now, reasons=({"step": call.attempt.key, "item": call.peer, "code": code},))


def _cancel(call: Call, *, now: datetime) -> None:
    """Nothing was ever sent, and nobody wants it any more."""
    Call.objects.filter(pk=call.pk).update(state=CallState.CANCELLED)
    _land(call.attempt, now=now)


def _again(call: Call, superseded: Attempt, *, now: datetime) -> None:
    """While the try ran, the step was opened anew, perhaps with other data: that attempt gets a try of its own."""
    _land(superseded, now=now)
    call.state, call.next_at = CallState.WAITING, now
    call.save()
    _enqueue(call)


def _land(attempt: Attempt, *, now: datetime) -> None:
    """Tell the case that no answer will come for an attempt that it has closed already."""
    with suppress(cases.Refused):
        cases.complete(attempt, "fail", actor=ME, now=now)


def _wait(call: Call, code: str, *, now: datetime, until: datetime | None = None) -> None:
    """Plan the next try; tell once that it takes longer; give up after a day of failing, a look after an hour."""
    call.first_failed_at, call.code = call.first_failed_at or now, code
    failing = now - call.first_failed_at
    if failing >= (LOOK_FOR_AT_MOST if call.capability in table.LOOKS else GIVE_UP_AFTER):
        _by_hand(call, "gave-up", code, now=now)
        return
    if failing >= TELL_AFTER and not call.delay_told_at:
        call.delay_told_at = now
        if call.attempt.kind == "connect" and not call.aside:  # of a check nobody is told that it goes on
            said = {"step": call.attempt.key, "peer": call.peer, "since": call.first_failed_at.isoformat()}
            cases.record(call.case, "call.delayed", actor=ME, now=now, data=said)
    call.state, call.next_at = CallState.WAITING, _next_try(call, now, until)
    call.save()
    _enqueue(call)


def _next_try(call: Call, now: datetime, until: datetime | None) -> datetime:
    """Later each time, never at the same moment as everybody, and no later than when the client is to be told."""
    lately = call.history.filter(started_at__gte=call.first_failed_at).count() if call.first_failed_at else 0
    seconds = BACKOFF[min(lately, len(BACKOFF) - 1)]
    spread = secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
    due = max(now + timedelta(seconds=seconds * spread), until or now)
    if call.first_failed_at and not call.delay_told_at:
        due = min(due, max(call.first_failed_at + TELL_AFTER, now + timedelta(seconds=BACKOFF[0])))
    return due


def _complete(
    call: Call,
    outcome: str,
    *,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    reasons: tuple[dict[str, str], ...] = (),
) -> None:
    """Tell the case. A call that takes something back, or goes beside, has no step to end: the ledger alone says how it went."""
    if call.undoes or call.aside:
        return
    is_held = call.attempt.status == AttemptStatus.HELD
    if is_held and (stand_in := case_queries.standing_in(call.attempt)):  # it was replayed
        if outcome != "fail":
            _end_by_hand(stand_in, now=now)
        return
    try:
        cases.complete(call.attempt, outcome, actor=ME, now=now, values=values, reasons=reasons)
    except cases.Refused as refused:
        said = {"step": call.attempt.key, "peer": call.peer, "outcome": outcome, "because": str(refused)}
        cases.record(call.case, "call.late", actor=ME, now=now, data=said)


def _end_by_hand(attempt: Attempt, *, now: datetime) -> None:
    """What a person should have done is there now. Another step than a task is theirs to judge all the same."""
    with suppress(cases.Refused):
        if attempt.kind == "todo":
            cases.complete(attempt, "done", actor=ME, now=now)


def _hurry_others(peer: str, now: datetime) -> None:
    waiting = Call.objects.filter(peer=peer, state=CallState.WAITING, next_at__gt=now, case__is_test=False)
    for call in waiting.select_for_update(of=("self",), skip_locked=True)[:200]:
        _hurry(call, now)


def _hurry(call: Call, now: datetime) -> None:
    if Call.objects.filter(pk=call.pk, state=CallState.WAITING).update(next_at=now):
        call.next_at = now
        _enqueue(call)


def _enqueue(call: Call, *, at: datetime | None = None) -> None:
    job = app.configure_task(TASK, queue=QUEUE, schedule_at=at or call.next_at, priority=store.SOONER)
    job.defer(call_id=call.pk, trace=trace.current())
