"""Erasure reaches further: every system that was told of a person is told to forget them (GDPR Art. 17(2) and 19).

Each product declares what that means there (`contract.Erasure`): the record is made nameless, blocked, or a person must
see to it. The calls are made after the erasure, by a job, and repeated for a day; what does not succeed is a person's.
"""

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from pridvor.cases import actions as cases
from pridvor.cases.models import Case, Event
from pridvor.clients.models import Person
from pridvor.connectors import contract, peers, table, watchlist
from pridvor.connectors.contract import Failed, Product, Rejected
from pridvor.connectors.customer import PERSONAL
from pridvor.connectors.models import Call, CallState, Forgetting
from pridvor.lib.actor import Actor, machine

ME = machine("forgetting")
QUEUE = "connectors"
BACKOFF = (60, 300, 900, 3600)  # seconds; the last repeats
GIVE_UP_AFTER = timedelta(hours=24)
AT_A_TIME = 20
PARTLY = "partly"  # why it is a person's: of what is there, only a part may go

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipient:
    """A system that was told of the person: what erasing means there, what remains and why, and how it stands.

    `state`: waiting, done, by-hand; empty while nothing was asked yet.
    """

    peer: str
    name: str
    means: str
    remains: str
    state: str
    at: datetime | None


@transaction.atomic
def shred(person: Person, *, actor: Actor, now: datetime) -> int:
    """This will have every system asked to forget the person. Returns how many were told of them. It may run twice."""
    found = {
        (case, peer, reference)
        for case in Case.objects.filter(person=person)
        for peer, reference in _told(case)
    }
    for case, peer, reference in sorted(found, key=lambda each: (each[0].pk, *each[1:])):
        _ask(case, peer, reference, now=now)
    partly = Forgetting.objects.filter(case__person=person, state=Forgetting.State.BY_HAND, code=PARTLY)
    partly.update(state=Forgetting.State.WAITING, code="", asked_at=now, next_at=now, ended_at=None)
    return len(found)


@transaction.atomic
def shred_partly(person: Person, gone: Collection[str], kept: Collection[str], *, now: datetime) -> int:
    """This will have the systems forget that were told of nothing else than the personal fields that are `gone` here.

    What a system has of both, `gone` and `kept`, is a person's to sort out there: products forget a person, not a field.
    Returns how many were told of what is gone. It may run twice.
    """
    count = 0
    for case in Case.objects.filter(person=person).order_by("pk"):
        for peer, reference in sorted(_told(case)):
            fields = _fields_told(case, peer)
            if fields.isdisjoint(gone):
                continue
            row = _ask(case, peer, reference, now=now)
            if not fields.isdisjoint(kept):
                _end(row, Forgetting.State.BY_HAND, PARTLY, now=now)
            count += 1
    return count


def carry_out(*, now: datetime) -> int:
    """This will ask the systems whose turn it is. Returns how many. Uses the network, outside a transaction."""
    due = Forgetting.objects.filter(state=Forgetting.State.WAITING, next_at__lte=now).order_by("next_at")
    rows = list(due.select_related("case")[:AT_A_TIME])
    for row in rows:
        _forget(row, now=now)
    return len(rows)


def recipients(found: Iterable[Case]) -> list[Recipient]:
    """Every system that was told of these cases' person, each once."""
    rows = list(found)
    told = sorted({peer for case in rows for peer, _reference in _told(case)})
    asked = Forgetting.objects.filter(case__in=rows).order_by("pk")
    return [_recipient(peer, [row for row in asked if row.peer == peer]) for peer in told]


# -- how


def _ask(case: Case, peer: str, reference: str, *, now: datetime) -> Forgetting:
    fresh = {"asked_at": now, "next_at": now}
    return Forgetting.objects.get_or_create(case=case, peer=peer, reference=reference[:120], defaults=fresh)[
        0
    ]


def _fields_told(case: Case, peer: str) -> set[str]:
    """Which personal fields a system was sent, of the ledger of calls; of what a person did there: any."""
    calls = Call.objects.filter(case=case, peer=peer)
    if calls.filter(state=CallState.BY_HAND).exists():
        return set(PERSONAL)
    sent = [json.dumps(request) for request in calls.values_list("history__request", flat=True)]
    return {field for field in PERSONAL if any(f'"{field}"' in request for request in sent)}


def _told(case: Case) -> set[tuple[str, str]]:
    """Under which references systems have the case's person; what a person did by hand has none."""
    events = Event.objects.filter(case=case, kind="call.done")
    keep_nobody = {*table.LOOKS, watchlist.CAPABILITY}
    handed = Call.objects.filter(case=case, state=CallState.BY_HAND).exclude(capability__in=keep_nobody)
    by_hand = handed.values_list("peer", flat=True)
    told = {(str(event.data["peer"]), str(event.data.get("reference") or "")) for event in events}
    known = {peer for peer, _reference in told}
    return told | {(peer, "") for peer in by_hand if peer not in known}


def _product(peer: str) -> Product | None:
    try:
        return peers.product(peer)
    except Rejected:
        return None


def _forget(row: Forgetting, *, now: datetime) -> None:
    product = _product(row.peer)
    erasure = product.erasure if product else None
    if erasure is None or erasure.forget is None or not row.reference:
        _end(row, Forgetting.State.BY_HAND, "no-way", now=now)
        return
    try:
        with peers.of_a_test(row.case.is_test), peers.connection(row.peer) as connection:
            erasure.forget(connection, row.reference, row.case.reference)
    except Rejected as refused:
        _end(row, Forgetting.State.BY_HAND, refused.code, now=now)
    except Failed as failed:
        _again(row, failed.code, now=now)
    except Exception:  # a fault of ours: it is repeated, and a person sees to it in the end
        log.exception("%s could not be told to forget", row.peer)
        _again(row, "unforeseen", now=now)
    else:
        _end(row, Forgetting.State.DONE, "", now=now)


def _again(row: Forgetting, code: str, *, now: datetime) -> None:
    if now - row.asked_at >= GIVE_UP_AFTER:
        _end(row, Forgetting.State.BY_HAND, code, now=now)
        return
    later = now + timedelta(seconds=BACKOFF[min(row.tries, len(BACKOFF) - 1)])
    Forgetting.objects.filter(pk=row.pk).update(tries=row.tries + 1, next_at=later, code=code[:60])


@transaction.atomic
def _end(row: Forgetting, state: Forgetting.State, code: str, *, now: datetime) -> None:
    waiting = Forgetting.objects.filter(pk=row.pk, state=Forgetting.State.WAITING)
    if waiting.update(state=state, code=code[:60], ended_at=now, next_at=None, tries=row.tries + 1):
        said = {"peer": row.peer, "state": str(state), "code": code[:60]}
        cases.record(row.case, "recipient.told", actor=ME, now=now, data=said)


def _recipient(peer: str, rows: list[Forgetting]) -> Recipient:
    product = _product(peer)
    erasure = product.erasure if product else None
    states = {row.state for row in rows}
    order = (Forgetting.State.BY_HAND, Forgetting.State.WAITING, Forgetting.State.DONE)
    state = next((str(each) for each in order if each in states), "")
    return Recipient(
        peer=peer,
        name=product.name if product else peer,
        means=str(erasure.means if erasure and erasure.forget else contract.Forgetting.CANNOT),
        remains=erasure.remains if erasure else "",
        state=state,
        at=max((row.ended_at for row in rows if row.ended_at), default=None),
    )
