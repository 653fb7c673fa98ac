"""Where credentials go when a client goes live: the installation's secret store, or nowhere.

The store speaks HashiCorp Vault's KV version 2 (OpenBao's too): POST to `/v1/MOUNT/data/PATH`. Check-and-set 0 makes
the write happen once: a second try is refused because the first one stands there, and that is as good as done.
"""

from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

from pridvor.cases import secrets
from pridvor.cases.models import Case, Event, Secret
from pridvor.connectors import web
from pridvor.connectors.contract import Rejected, Unavailable
from pridvor.lib.actor import machine

ME = machine("secret-store")
PURPOSE = "hand over to the secret store"
TIMEOUT = httpx.Timeout(20, connect=5)  # seconds


def release(event: Event, *, now: datetime) -> None:
    """This will end the secrets whose time ends with this stage or case. It may run twice; the effect is one.

    Raises Unavailable or Rejected when the store does not take them: they stay sealed here, and the job is repeated.
    """
    case, journey = event.case, event.case.journey
    ended = event.kind == "case.ended"
    rows = [
        row
        for row in secrets.live(case)
        if ended or (row.step in journey.steps and journey.steps[row.step].kept_until == event.data["stage"])
    ]
    if not rows:
        return
    is_live = case.goal or not ended  # a case that ended otherwise leaves nothing behind
    if is_live and settings.SECRET_STORE:
        for step in dict.fromkeys(row.step for row in rows):
            _hand_over(case, step, [row for row in rows if row.step == step], now=now)
    else:
        gone = secrets.end(rows, Secret.Fate.DESTROYED, actor=ME, now=now)
        secrets.record_end(case, gone, "secret.destroyed", actor=ME, now=now)


def _hand_over(case: Case, step: str, rows: list[Secret], *, now: datetime) -> None:
    opened = {row.field: secrets.use(case, row.field, actor=ME, purpose=PURPOSE, now=now) for row in rows}
    values = {field: value for field, value in opened.items() if value}
    if values:
        _write(f"{case.reference}/{step}", values)
    fate = Secret.Fate.HANDED_OVER
    gone = secrets.end(rows, fate, actor=ME, now=now)
    secrets.record_end(case, gone, "secret.handed-over", actor=ME, now=now)


def _write(path: str, values: dict[str, str]) -> None:
    try:
        answer = httpx.post(
            f"{settings.SECRET_STORE}/{path}",
            json={"data": values, "options": {"cas": 0}},
            headers={"X-Vault-Token": settings.SECRET_STORE_TOKEN},
            timeout=TIMEOUT,
            verify=web.trusted(),
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise Unavailable("no-connection", type(error).__name__) from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unavailable(f"status-{answer.status_code}")
    if answer.status_code >= 400 and not _stands_there(answer):
        raise Rejected(f"status-{answer.status_code}")


def _stands_there(answer: httpx.Response) -> bool:
    """Vault's refusal of a check-and-set write names it; its words are the only sign that it gives."""
    try:
        body: Any = answer.json()
    except ValueError:
        return False
    errors = body.get("errors", ()) if isinstance(body, dict) else ()
    return answer.status_code == 400 and any("check-and-set" in str(error) for error in errors)
