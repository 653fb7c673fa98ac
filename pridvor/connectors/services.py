"""Systems that speak a plain dialect: one resource under our own key, made by PUT, read by GET, taken back by DELETE.

A PUT to an address that we choose is idempotent (RFC 9110, 9.2.2): repeated after a lost answer it has one effect, so
nothing has to be read before it is made. DELETE of what is gone (404, 410) is done. An installation names its systems
in PRIDVOR_SERVICES or on its pages; the demonstration has a stand-in for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from django.conf import settings

from pridvor.cases.models import Case
from pridvor.company import systems
from pridvor.connectors import trail
from pridvor.connectors.contract import Answer, Capability, Health, Rejected, Unavailable, Uncertain
from pridvor.connectors.models import Switch
from pridvor.connectors.sandbox import Services
from pridvor.connectors.sandbox_store import DatabaseStore

TIMEOUT = httpx.Timeout(20, connect=5)  # seconds


@dataclass(frozen=True)
class Order:
    """What is wanted of a system: its resource of this case made, or taken back. Holds nothing personal."""

    peer: str
    resource: str
    method: str
    key: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/{self.resource}/{self.key}"

    def masked(self) -> dict[str, Any]:
        return {"method": self.method, "path": self.path, **self.body}


def offer(peer: str, resource: str, method: str) -> Capability:
    """A row of the table of capabilities."""
    return Capability(
        peer=peer,
        gather=partial(gather, peer, resource, method),
        perform=perform,
        probe=partial(probe, peer),
    )


def gather(peer: str, resource: str, method: str, case: Case, *, now: datetime) -> Order:
    """What the system needs to know of the client: the company, and the plain values that conditions see."""
    client = case.client
    body = {
        "reference": case.reference,
        "journey": case.journey.name,
        "client": str(client.public_id),
        "name": client.name,
        "country": client.country,
        "values": dict(case.values),
    }
    return Order(peer, resource, method, case.reference, body if method == "PUT" else {})


def perform(order: Order) -> Answer:
    answer = _ask(order.peer, order.method, order.path, json=dict(order.body) or None)
    if order.method == "DELETE" and answer.status_code in (404, 410):
        return Answer(order.key, "gone")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unavailable(f"status-{answer.status_code}")
    if answer.status_code >= 400:
        raise Rejected(f"status-{answer.status_code}", answer.text[:300])
    return Answer(order.key, "created" if answer.status_code == 201 else "linked")


def is_there(order: Order) -> bool:
    """Whether the system has the resource now. Raises Failed when it cannot be asked."""
    answer = _ask(order.peer, "GET", order.path)
    if answer.status_code >= 500:
        raise Unavailable(f"status-{answer.status_code}")
    return answer.status_code == 200


def probe(peer: str) -> Health:
    if systems.service(peer) is None and not settings.DEMO:
        return Health(peer, True, "not configured")
    try:
        answer = _ask(peer, "GET", "/")
    except (Unavailable, Uncertain) as error:
        return Health(peer, False, str(error))
    return Health(peer, answer.status_code < 500, f"HTTP {answer.status_code}")


def _ask(peer: str, method: str, path: str, **more: Any) -> httpx.Response:
    base, token, transport = _place(peer)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with httpx.Client(
            base_url=base, timeout=TIMEOUT, transport=transport, headers=headers, event_hooks=trail.HOOKS
        ) as client:
            return client.request(method, path, **more)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Unavailable("no-connection", type(error).__name__) from None
    except httpx.HTTPError as error:
        raise Uncertain("answer-lost", type(error).__name__) from None


def _place(peer: str) -> tuple[str, str, httpx.BaseTransport | None]:
    """Address, token and transport of a system. Raises Rejected when there is none: then a person does it by hand."""
    if found := systems.service(peer):
        return (*found, None)
    if settings.DEMO:
        mode = Switch.objects.mode(peer)
        return f"http://sandbox/{peer}", "", Services(DatabaseStore(), lambda: mode)
    raise Rejected("not-configured", f"no system is configured for {peer} (PRIDVOR_SERVICES)")
