"""What systems of ours tell us through `/hooks/<role>/`: that something changed there, or was won."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pridvor.company import systems
from pridvor.connectors import knocking, reconciling, upstream
from pridvor.connectors.contract import Failed
from pridvor.connectors.knocking import CannotHandle, Listener

Event = Mapping[str, Any]


def _crm(body: bytes, now: datetime) -> None:
    """BottleCRM's events: `{"event": "deal.won", "data": {…}}`."""
    said = knocking.read(body)
    data, acts = said.get("data"), CRM.get(str(said.get("event")))
    if acts is None or not isinstance(data, dict):
        raise CannotHandle("no-such-event")
    try:
        acts(data, now)
    except Failed as failed:  # the queue lets it be handled again
        raise RuntimeError(f"the CRM could not be read: {failed.code}") from None


def _account_changed(data: Event, now: datetime) -> None:
    reconciling.look_again("crm", f"accounts/{data.get('id')}")


def _contact_changed(data: Event, now: datetime) -> None:
    reconciling.look_again("crm", f"accounts/{data.get('account_id')}")


def _deal_won(data: Event, now: datetime) -> None:
    upstream.open_for("crm", f"opportunities/{data.get('id')}", now=now)


CRM: dict[str, Callable[[Event, datetime], None]] = {
    "account.updated": _account_changed,
    "account.deleted": _account_changed,
    "contact.updated": _contact_changed,
    "deal.won": _deal_won,
}


def _shop(body: bytes, now: datetime) -> None:
    """What our plugin of the shop tells: `{"type": "customer.updated", "data": {"externalRef": …}}`; orders, too."""
    said = knocking.read(body)
    data, kind = said.get("data"), str(said.get("type"))
    if not isinstance(data, dict) or not kind.startswith(("customer.", "order.")):
        raise CannotHandle("no-such-event")
    if kind in CHANGED:
        reconciling.look_again("shop", str(data.get("externalRef")))


def _billing(body: bytes, now: datetime) -> None:
    """Stripe's events: `{"type": "customer.updated", "data": {"object": {"id": …}}}`. Most are about other things."""
    said = knocking.read(body)
    data = said.get("data")
    row = data.get("object") if isinstance(data, dict) else None
    if not isinstance(row, dict):
        raise CannotHandle("no-such-event")
    if said.get("type") in CHANGED:
        reconciling.look_again("billing", str(row.get("id")))


CHANGED = ("customer.updated", "customer.deleted")


LISTENERS = {
    "crm": Listener(knocking.stamped(partial(systems.hook_secrets, "crm"), "X-BottleCRM-Signature"), _crm),
    "shop": Listener(knocking.standard(partial(systems.hook_secrets, "shop")), _shop),
    "billing": Listener(
        knocking.stamped(partial(systems.hook_secrets, "billing"), "Stripe-Signature"), _billing
    ),
}
"""Systems that tell in a way of their own; those that answer an order later are found by name (later.py)."""
