"""What a system tells at `/hooks/<role>/` that was told an order by webhook: done, or refused (see products/webhook.py)."""

from datetime import datetime

from pridvor.connectors import actions, knocking, peers
from pridvor.connectors.knocking import CannotHandle, Listener


def listener(role: str) -> Listener | None:
    """How this role is heard; None: whoever plays it tells nothing later."""
    key = peers.key_of_answers(role)
    if not key:
        return None
    return Listener(knocking.standard(lambda: [key]), lambda body, now: _heard(role, body, now))


def _heard(role: str, body: bytes, now: datetime) -> None:
    said = knocking.read(body)
    reference, _dot, verb = str(said.get("order") or "").rpartition(".")
    if not reference:
        raise CannotHandle("no-order")
    try:
        actions.answered(f"{role}.{verb}", reference, said, now=now)
    except actions.NotWaiting:
        raise CannotHandle("not-waiting") from None
