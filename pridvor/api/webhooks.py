"""A machine's own addresses for events: asked for, tried out, given a new secret, taken back; what was sent there."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from pridvor.accounts.models import Scope
from pridvor.api.door import MachineKey, caller_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import Deliveries, DeliveryShown, HookMade, Hooks, NewHook
from pridvor.connectors import webhooks
from pridvor.connectors.models import Delivery, Hook
from pridvor.lib import clock

router = Router(tags=["webhooks"])
WRITE = MachineKey(Scope.WEBHOOKS_WRITE)


@router.get("/", response={200: Hooks, **REFUSALS}, auth=WRITE, operation_id="listWebhooks")
def list_hooks(request: HttpRequest) -> Any:
    """The addresses to which this machine has events sent."""
    found = webhooks.live(caller_of(request).machine)
    return {"hooks": [_shown(hook) for hook in found], "kinds": list(webhooks.KINDS)}


@router.post("/", response={201: HookMade, **REFUSALS}, auth=WRITE, operation_id="makeWebhook")
def make_hook(request: HttpRequest, body: NewHook) -> Any:
    """Has events of these kinds sent to an address; its secret is in the answer, and nowhere else."""
    caller = caller_of(request)
    try:
        made = webhooks.subscribe(caller.machine, body.url, body.kinds, actor=caller.actor, now=clock.now())
    except webhooks.CannotSubscribe as refused:
        if refused.code == "no-kind":
            raise Problem("wrong-fields", fields=[("kinds", "option")]) from None
        raise Problem("bad-address", reason=refused.code, way_out=refused.way_out) from None
    return Status(201, {**_shown(made.hook), "secret": made.secret})


@router.post(
    "/{uuid:hook}/test/", response={201: DeliveryShown, **REFUSALS}, auth=WRITE, operation_id="testWebhook"
)
def test_hook(request: HttpRequest, hook: UUID) -> Any:
    """Sends an event that says nothing but that it is a test."""
    return Status(201, _delivery(webhooks.send_test(_mine(request, hook), now=clock.now())))


@router.post(
    "/{uuid:hook}/rotate/", response={200: HookMade, **REFUSALS}, auth=WRITE, operation_id="rotateWebhook"
)
def rotate_hook(request: HttpRequest, hook: UUID) -> Any:
    """Makes a new secret; for a day the old one signs beside it."""
    found = _mine(request, hook)
    return {**_shown(found), "secret": webhooks.rotate(found, now=clock.now())}


@router.post(
    "/{uuid:hook}/remove/", response={200: Hooks, **REFUSALS}, auth=WRITE, operation_id="removeWebhook"
)
def remove_hook(request: HttpRequest, hook: UUID) -> Any:
    """Nothing more is sent there."""
    webhooks.end(_mine(request, hook), "removed", now=clock.now())
    return list_hooks(request)


@router.get(
    "/{uuid:hook}/deliveries/",
    response={200: Deliveries, **REFUSALS},
    auth=WRITE,
    operation_id="listDeliveries",
)
def deliveries(request: HttpRequest, hook: UUID) -> Any:
    """What was sent there lately, the newest first."""
    return {"deliveries": [_delivery(row) for row in webhooks.deliveries([_mine(request, hook)])]}


@router.post(
    "/{uuid:hook}/deliveries/{uuid:delivery}/resend/",
    response={200: DeliveryShown, **REFUSALS},
    auth=WRITE,
    operation_id="resendDelivery",
)
def resend(request: HttpRequest, hook: UUID, delivery: UUID) -> Any:
    """Sends a message again under the same id."""
    row = (
        Delivery.objects.filter(hook=_mine(request, hook), public_id=delivery).select_related("hook").first()
    )
    if row is None:
        raise Problem("not-found")
    webhooks.resend(row, now=clock.now())
    row.refresh_from_db()
    return _delivery(row)


# -- how


def _mine(request: HttpRequest, public_id: UUID) -> Hook:
    found = Hook.objects.filter(
        machine=caller_of(request).machine, public_id=public_id, ended_at=None
    ).first()
    if found is None:
        raise Problem("not-found")
    return found


def _shown(hook: Hook) -> dict[str, Any]:
    named = {name: getattr(hook, name) for name in ("url", "kinds", "made_at", "failing_since")}
    return {"id": hook.public_id, **named}


def _delivery(row: Delivery) -> dict[str, Any]:
    named = ("kind", "state", "tries", "queued_at", "next_at", "status", "code")
    return {"id": row.public_id, "event": row.event_id, **{name: getattr(row, name) for name in named}}
