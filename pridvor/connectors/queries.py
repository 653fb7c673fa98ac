"""Reads of calls: what a case waits for, the ledger for the desk, what stand-ins received, and health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from pridvor.cases.models import Attempt, AttemptStatus, Case, CaseState, Event
from pridvor.connectors import circuit, gathering, peers, table
from pridvor.connectors.contract import Health
from pridvor.connectors.models import (
    Call,
    CallState,
    Drift,
    DriftState,
    Mirrored,
    Peer,
    SandboxRecord,
    Switch,
)
from pridvor.connectors.sandbox_store import opened
from pridvor.connectors.stand_ins import registries


@dataclass(frozen=True)
class Waiting:
    """«Waiting for the ERP since 14:20»: which step waits, for whom, since when, and when it is tried next."""

    step: str
    peer: str
    since: datetime
    tries: int
    next_at: datetime | None
    failing: bool


@dataclass(frozen=True)
class Reference:
    """The number under which an outside system knows a client; `how`: created, found or linked there."""

    peer: str
    reference: str
    how: str
    at: datetime


@dataclass(frozen=True)
class Received:
    """A record that a stand-in received, for the sandbox page."""

    id: int
    model: str
    at: datetime
    record: dict[str, Any]


def waiting(case: Case) -> list[Waiting]:
    """The calls that this case waits for; `failing` once a try has failed."""
    calls = Call.objects.filter(
        case=case,
        state__in=[CallState.WAITING, CallState.SENDING, CallState.ACCEPTED],
        attempt__status=AttemptStatus.OPEN,
        aside=False,
    )
    return [
        Waiting(
            call.attempt.key,
            call.peer,
            call.first_failed_at or call.waiting_since,
            call.tries,
            call.next_at,
            bool(call.first_failed_at),
        )
        for call in calls.select_related("attempt").order_by("waiting_since")
    ]


def call_for(attempt: Attempt, capability: str) -> Call | None:
    """The call that an attempt has made with a capability."""
    return Call.objects.filter(attempt=attempt, capability=capability).first()


def ledger(case: Case) -> list[Call]:
    """Every call of the case, oldest first, each with its tries in `history`."""
    return list(
        Call.objects.filter(case=case).select_related("attempt").prefetch_related("history").order_by("pk")
    )


@dataclass(frozen=True)
class Queue:
    """What one outside system has before it, of the cases that the reader sees; `rests_until`: it is left alone."""

    peer: str
    waiting: int
    sending: int
    accepted: int
    by_hand: int
    oldest: datetime | None
    rests_until: datetime | None


def queues(*, now: datetime) -> list[Queue]:
    """The systems that have calls before them, or rest."""
    under_way = [CallState.WAITING, CallState.SENDING, CallState.ACCEPTED, CallState.BY_HAND]

    def count(state: str) -> Count:
        return Count("pk", filter=Q(state=state))

    rows = (
        Call.objects.filter(state__in=under_way)
        .exclude(Q(state=CallState.BY_HAND) & ~Q(case__state=CaseState.OPEN))
        .values("peer")
        .annotate(**{state.replace("-", "_"): count(state) for state in under_way})
        .annotate(oldest=Min("waiting_since", filter=Q(state__in=under_way[:3])))
        .order_by("peer")
    )
    resting = {peer.name: peer.rests_until for peer in Peer.objects.filter(rests_until__gt=now)}
    found = {str(row["peer"]): row for row in rows}
    none = {"waiting": 0, "sending": 0, "accepted": 0, "by_hand": 0, "oldest": None}
    return [
        Queue(**{**none, **found.get(name, {}), "peer": name}, rests_until=resting.get(name))
        for name in sorted({*found, *resting})
    ]


def calls(
    *, about: str = "", peer: str = "", state: str = "", since: datetime | None = None
) -> QuerySet[Call]:
    """The calls that fit, the newest first, of the cases that the reader sees; `about`: a part of a reference or name."""
    wanted = {"peer": peer, "state": state, "waiting_since__gte": since}
    asked = {name: value for name, value in wanted.items() if value}
    named = Q(case__reference__icontains=about) | Q(case__client__name__icontains=about)
    return Call.objects.filter(named, **asked).select_related("case__client", "attempt").order_by("-pk")


def call(public_id: UUID) -> Call | None:
    """One call with its tries in `history`, if the reader sees its case."""
    found = Call.objects.filter(public_id=public_id).select_related("case__client", "attempt")
    return found.prefetch_related("history").first()


def differences() -> QuerySet[Drift]:
    """What is to be resolved, the newest first, of the clients that the reader sees."""
    open_ones = Drift.objects.filter(state__in=[DriftState.OPEN, DriftState.WRITING, DriftState.TAKING])
    return open_ones.select_related("record__case__client").order_by("-pk")


def unread() -> list[Mirrored]:
    """Records that could not be read back the last time."""
    return list(
        Mirrored.objects.exclude(failed="").select_related("case__client").order_by("-compared_at")[:50]
    )


def references(found: Iterable[Case]) -> list[Reference]:
    """Under which number each outside system knows these cases' client, each pair once, the oldest first."""
    events = Event.objects.filter(case__in=list(found), kind="call.done").exclude(data__reference="")
    seen: dict[tuple[str, str], Reference] = {}
    for event in events.order_by("id"):
        row = Reference(
            str(event.data["peer"]),
            str(event.data["reference"]),
            str(event.data.get("how", "")),
            event.at,
        )
        seen.setdefault((row.peer, row.reference), row)
    return list(seen.values())


def shop_account(case: Case) -> str:
    """The reference of the account in the shop that this case has made and not taken back; empty: none."""
    calls = Call.objects.filter(
        case=case, capability="shop.create_account", undoes=False, state=CallState.DONE
    )
    return gathering.references(case).get("shop", "") if calls.exists() else ""


def known_as_one(found: Iterable[Case]) -> set[int]:
    """Other clients to whom an outside system gave one of these cases' numbers, by key."""
    rows = list(found)
    own = {row.client_id for row in rows}
    clients: set[int] = set()
    for one in references(rows):
        same = Event.objects.filter(kind="call.done", data__peer=one.peer, data__reference=one.reference)
        clients |= set(same.values_list("case__client", flat=True))
    return clients - own


def health() -> list[Health]:
    """A probe of every peer that has a capability (on the network), and what registries last did (from memory)."""
    probes = {row.peer: row.probe for row in table.CAPABILITIES.values()}
    asked = [probe() for probe in probes.values()]
    seen = [
        Health(
            peer.name,
            peer.failures < circuit.FAILURES,
            f"{peer.failures} failures in a row" if peer.failures else "answered last time",
        )
        for peer in Peer.objects.exclude(name__in=probes).order_by("name")
    ]
    return [*asked, *seen]


def sandbox_erp() -> list[Received]:
    """What the demo's ERP stand-in has received, newest first. Opens what was sealed; for the sandbox page only."""
    rows = SandboxRecord.objects.order_by("-pk")[:200]
    return [Received(row.pk, row.model, row.created_at, opened(row)) for row in rows]


def sandbox_modes() -> dict[str, tuple[str, tuple[str, ...]]]:
    """For each stand-in its present mode, and those it has."""
    modes = {role: peers.stand_in_modes(role) for role in peers.roles()} | {"registry": registries.MODES}
    return {peer: (Switch.objects.mode(peer), known) for peer, known in modes.items()}


def what_is_there(case: Case, *, now: datetime) -> dict[str, bool]:
    """By step: whether what it made outside stands, of systems that can tell. Raises Failed when one cannot be asked."""
    calls = Call.objects.filter(case=case, undoes=False).exclude(state=CallState.CANCELLED)
    with peers.of_a_test(case.is_test):
        return _standing(case, calls, now=now)


def _standing(case: Case, calls: QuerySet[Call], *, now: datetime) -> dict[str, bool]:
    found = {}
    for call in calls.select_related("attempt"):
        role, _dot, verb = call.capability.partition(".")
        if not peers.can_tell(role, verb):
            continue
        is_there = call.state == CallState.BY_HAND or peers.is_there(
            role, verb, peers.gather(role, verb, case, now=now)
        )
        found[call.attempt.step] = is_there
    return found
