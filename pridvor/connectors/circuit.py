"""Leaving a peer alone while it is down, and not asking too much of it at once.

After some failures in a row it is asked only now and then; and no more tries are under way at it than the settings say,
however many workers there are.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from pridvor.connectors.models import Call, CallState, Peer

FAILURES = 5  # in a row, before the peer is left alone
REST = timedelta(seconds=30)


def closed_until(name: str, now: datetime) -> datetime | None:
    """None when the peer may be asked; else the time at which it may. After each rest one caller goes through."""
    peer = Peer.objects.filter(name=name).first()
    return rests_until(peer, now) if peer else None


def locked(name: str) -> Peer:
    """The peer, held until the caller's transaction ends, so that two workers do not take one place."""
    return Peer.objects.select_for_update().get_or_create(name=name)[0]


def rests_until(peer: Peer, now: datetime) -> datetime | None:
    """As `closed_until`, of a peer that has been read."""
    if peer.failures < FAILURES or peer.rests_until is None:
        return None
    if peer.rests_until > now:
        return peer.rests_until
    mine = Peer.objects.filter(pk=peer.pk, rests_until=peer.rests_until).update(rests_until=now + REST)
    return None if mine else now + REST


def is_busy(call: Call, *, since: datetime) -> bool:
    """Whether the peer of a call, which is `locked`, has all the tries under way that it may have.

    Those begun earlier lost their worker.
    """
    under_way = Call.objects.filter(
        peer=call.peer, state=CallState.SENDING, next_at__gt=since, case__is_test=False
    )
    return under_way.exclude(pk=call.pk).count() >= settings.CALLS_AT_ONCE


def note_failure(name: str, now: datetime) -> None:
    Peer.objects.get_or_create(name=name)
    Peer.objects.filter(name=name).update(failures=F("failures") + 1, failed_at=now)
    Peer.objects.filter(name=name, failures__gte=FAILURES).filter(
        Q(rests_until=None) | Q(rests_until__lt=now)
    ).update(rests_until=now + REST)


@transaction.atomic(savepoint=False)
def note_success(name: str, now: datetime) -> bool:
    """Whether the peer had been failing until now: then what waits for it may hurry."""
    peer = locked(name)
    failed = peer.failures > 0
    peer.failures, peer.rests_until, peer.answered_at = 0, None, now
    peer.save()
    return failed


def let_one_through(name: str, now: datetime) -> None:
    """The peer was seen to answer: its rest ends for the next caller."""
    Peer.objects.filter(name=name, rests_until__gt=now).update(rests_until=now)
