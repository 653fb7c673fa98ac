"""Events sent to addresses of machines, signed after Standard Webhooks (standardwebhooks.com, 1.0).

An event becomes one delivery for each address that asked for its kind and whose machine may see its case. It is tried
at growing distances for about two days; an address that fails for days is ended, and the administrators are told. The
message holds ids, codes and states: whoever wants more reads the case with a key. While no address asks for a kind,
its events make no job (`ASKED`, which the statement that writes them looks up).
"""

import json
import random
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app
from standardwebhooks import Webhook

from pridvor.accounts import machines
from pridvor.accounts.models import Machine
from pridvor.accounts.sight import limited_to
from pridvor.cases.models import Case, Event
from pridvor.company import systems
from pridvor.connectors import outward
from pridvor.connectors.models import Delivery, Hook
from pridvor.connectors.outward import NoAnswer, NotAllowed, Resolve, resolved
from pridvor.lib import aead, trace
from pridvor.lib.actor import Actor
from pridvor.lib.resealing import Column

KINDS = (
    "case.opened",
    "case.ended",
    "case.paused",
    "case.resumed",
    "stage.opened",
    "stage.done",
    "step.completed",
    "milestone.reached",
)
ASKED = (
    "exists (select from connectors_hook where ended_at is null and kinds @> array[wanted.kind]::varchar[])"
)
TOLD = ("reference", "journey", "stage", "step", "number", "outcome", "end", "kind", "party", "tell", "goal")
TEST = "test.sent"
AFTER = [
    timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
]
JITTER = 0.2  # of the distance, either way, so that many do not come back at one moment
LEASE = timedelta(minutes=1)  # longer than a call may take: then whoever had it is gone
PATIENCE = timedelta(days=3)
OVERLAP = timedelta(hours=24)  # for which an old secret signs beside the new one
KEPT = timedelta(days=30)
SECONDS = 10.0
TASK, QUEUE = "connectors.deliver", "connectors"
MOST = 20  # addresses of one machine

Ended = Callable[[Hook, datetime], object]
_told: list[Ended] = []


_REFUSALS: dict[str, Promise] = {
    "too-many": gettext_lazy("This machine has as many addresses as one may have."),
    "https": gettext_lazy("Events go to https addresses alone."),
    "unknown-host": gettext_lazy("No such host is found: compare its name."),
    "port": gettext_lazy(
        "The ports 80, 443, 8080 and 8443 are called; another one when PRIDVOR_PROBE_ALLOW names host and port."
    ),
    "private": gettext_lazy("Addresses of private networks are called when PRIDVOR_PROBE_ALLOW names them."),
}
_NOT_CALLED = gettext_lazy("This address may not be called: name a public https address.")


class CannotSubscribe(Exception):
    """`code`: no-kind, too-many, https, or why the address may not be called (outward.NotAllowed)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def way_out(self) -> str:
        """Why events cannot go there and what to do, in the reader's language."""
        return str(_REFUSALS.get(self.code, _NOT_CALLED))


@dataclass(frozen=True)
class Subscribed:
    """An address and the secret that signs what goes there, which is shown now and never again."""

    hook: Hook
    secret: str


def learn(when_ended: Ended) -> None:
    """Who is told of an address that was ended because it fails. Called once, by the wiring."""
    _told[:] = [when_ended]


def live(machine: Machine) -> list[Hook]:
    """The addresses of a machine that are told events, oldest first."""
    return list(Hook.objects.filter(machine=machine, ended_at=None).order_by("id"))


@transaction.atomic
def subscribe(
    machine: Machine,
    url: str,
    kinds: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
    resolve: Resolve = resolved,
) -> Subscribed:
    """This will have events of these kinds sent to an address. Raises CannotSubscribe."""
    wanted = sorted(set(kinds))
    if not wanted or set(wanted) - set(KINDS):
        raise CannotSubscribe("no-kind")
    if len(live(machine)) >= MOST:
        raise CannotSubscribe("too-many")
    try:
        place = outward.judged(url, resolve)
    except NotAllowed as refused:
        raise CannotSubscribe(refused.code) from None
    if place.url.scheme != "https" and place.address.is_global:
        raise CannotSubscribe("https")
    secret = _new_secret()
    hook = Hook(machine=machine, url=url, kinds=wanted, made_at=now, by=str(actor))
    hook.sealed = _seal(hook, secret)
    hook.save(force_insert=True)
    return Subscribed(hook, secret)


@transaction.atomic
def rotate(hook: Hook, *, now: datetime) -> str:
    """This will make a new secret; for a day both sign, so that the receiver can change over in between."""
    locked = Hook.objects.select_for_update().get(pk=hook.pk)
    secret = _new_secret()
    locked.sealed_before, locked.old_until = locked.sealed, now + OVERLAP
    locked.sealed = _seal(locked, secret)
    locked.save(update_fields=["sealed", "sealed_before", "old_until"])
    return secret


@transaction.atomic
def end(hook: Hook, why: str, *, now: datetime) -> bool:
    """This will send nothing more to an address: `why` is removed, failing or gone. False: it had ended before."""
    ended = Hook.objects.filter(pk=hook.pk, ended_at=None).update(ended_at=now, why_ended=why)
    Delivery.objects.filter(hook=hook, state="queued").update(
        state="failed", ended_at=now, code=f"hook-{why}"
    )
    return bool(ended)


@transaction.atomic
def tell(event: Event, *, now: datetime) -> None:
    """This will queue the event for each address that asked for its kind. It may run twice."""
    for hook in Hook.objects.filter(ended_at=None, kinds__contains=[event.kind]).select_related("machine"):
        if machines.is_standing(hook.machine, now) and _may_see(hook.machine, event):
            _queue(Delivery(hook=hook, event=event, kind=event.kind, queued_at=now, next_at=now))


@transaction.atomic
def send_test(hook: Hook, *, now: datetime) -> Delivery:
    """This will queue a message that says nothing but that it is a test."""
    return _queue(Delivery(hook=hook, kind=TEST, queued_at=now, next_at=now))


@transaction.atomic
def resend(delivery: Delivery, *, now: datetime) -> None:
    """This will send a message again, under the same id, so that a receiver who has it knows it."""
    if delivery.hook.ended_at is None:
        fresh = {"state": "queued", "tries": 0, "next_at": now, "ended_at": None}
        Delivery.objects.filter(pk=delivery.pk).update(**fresh)
        _enqueue(delivery, now)


def deliver(delivery_id: int, *, now: datetime, resolve: Resolve = resolved) -> None:
    """This will try a delivery once, if it is due and nobody else is at it, and note how it went."""
    due = Delivery.objects.filter(pk=delivery_id, state="queued", next_at__lte=now)
    if not due.update(tries=F("tries") + 1, next_at=now + LEASE):
        return
    delivery = Delivery.objects.select_related("hook__machine", "event__case").get(pk=delivery_id)
    if not machines.is_standing(delivery.hook.machine, now):  # revoked, or over, since it was queued
        end(delivery.hook, "removed", now=now)
        return
    body = json.dumps(_message(delivery), separators=(",", ":"))
    headers = {**_signed(delivery, body, now), "Content-Type": "application/json"}
    try:
        answer = outward.call(
            "POST",
            delivery.hook.url,
            headers=headers,
            content=body.encode(),
            seconds=SECONDS,
            resolve=resolve,
        )
    except (NotAllowed, NoAnswer) as failed:
        _note(delivery, None, failed.code, now)
    else:
        _note(delivery, answer.status, "", now)


def sweep(*, now: datetime) -> int:
    """This will enqueue deliveries whose job was lost, and forget what is older than a month. Returns how many."""
    Delivery.objects.filter(queued_at__lt=now - KEPT).exclude(state="queued").delete()
    late = Delivery.objects.filter(state="queued", next_at__lt=now - LEASE)
    for delivery in late[:500]:
        _enqueue(delivery, now)
    return late.count()


# -- what is said


def _message(delivery: Delivery) -> dict[str, object]:
    event = delivery.event
    if event is None:
        return {"type": TEST, "timestamp": delivery.queued_at.isoformat(), "data": {}}
    said = {name: event.data[name] for name in TOLD if name in event.data}
    case = {"id": str(event.case.public_id), "reference": event.case.reference, "state": event.case.state}
    data = {"event": event.pk, "case": case, "is_test": event.case.is_test, **said}
    return {"type": event.kind, "timestamp": event.at.isoformat(), "data": data}


def _signed(delivery: Delivery, body: str, now: datetime) -> dict[str, str]:
    """The three headers. While a secret is exchanged, both sign."""
    hook, key = delivery.hook, f"msg_{delivery.public_id.hex}"
    sealed = [bytes(hook.sealed)]
    if hook.sealed_before and hook.old_until and hook.old_until > now:
        sealed.append(bytes(hook.sealed_before))
    signatures = [Webhook(_open(hook, one)).sign(key, now, body) for one in sealed]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


# -- how


def _may_see(machine: Machine, event: Event) -> bool:
    with limited_to(machines.sight(machine)):
        return Case.objects.filter(pk=event.case_id).exists()


def _queue(delivery: Delivery) -> Delivery:
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    kept = Delivery.objects.filter(public_id=delivery.public_id).first()
    if kept is not None:  # else the same reaction has run before
        _enqueue(kept, kept.queued_at)
    return kept or delivery


def _enqueue(delivery: Delivery, at: datetime) -> None:
    job = app.configure_task(TASK, queue=QUEUE, schedule_at=at)
    job.defer(delivery_id=delivery.pk, trace=trace.current())


@transaction.atomic
def _note(delivery: Delivery, status: int | None, code: str, now: datetime) -> None:
    """Delivered, to be tried again, or given up; and what that means for the address."""
    hook = Hook.objects.select_for_update().get(pk=delivery.hook_id)
    row = Delivery.objects.filter(pk=delivery.pk)
    row.update(status=status, code=code)
    if status is not None and 200 <= status < 300:
        row.update(state="delivered", ended_at=now, next_at=None)
        Hook.objects.filter(pk=hook.pk).update(failing_since=None)
    elif status == 410:  # the receiver says that it wants no more (Standard Webhooks, «Webhook requests»)
        end(hook, "gone", now=now)
    else:
        _again(delivery, hook, now)


def _again(delivery: Delivery, hook: Hook, now: datetime) -> None:
    since = hook.failing_since or now
    Hook.objects.filter(pk=hook.pk).update(failing_since=since)
    if now - since >= PATIENCE:
        if end(hook, "failing", now=now):
            for when_ended in _told:
                when_ended(hook, now)
    elif delivery.tries > len(AFTER):
        Delivery.objects.filter(pk=delivery.pk).update(state="failed", ended_at=now, next_at=None)
    else:
        at = now + AFTER[delivery.tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 no secret
        Delivery.objects.filter(pk=delivery.pk).update(next_at=at)
        _enqueue(delivery, at)


def _new_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def _belongs(row: Hook) -> bytes:
    return aead.bound_to("webhook-secret", row.public_id)


def _seal(hook: Hook, secret: str) -> bytes:
    return systems.ring().seal(secret.encode(), _belongs(hook))


def _open(hook: Hook, sealed: bytes) -> str:
    return systems.ring().open(sealed, _belongs(hook)).decode()


SEALED = [Column(Hook, name, systems.ring, _belongs) for name in ("sealed", "sealed_before")]


def deliveries(found: Iterable[Hook], most: int = 50) -> list[Delivery]:
    """The latest deliveries to these addresses, the newest first."""
    rows = Delivery.objects.filter(Q(hook__in=list(found))).select_related("hook", "event__case")
    return list(rows.order_by("-id")[:most])
