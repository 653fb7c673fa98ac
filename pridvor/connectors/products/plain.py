"""Systems that speak a plain dialect: one resource under our own key, made by PUT, read by GET, taken back by DELETE.

A PUT to an address that we choose is idempotent (RFC 9110, 9.2.2): repeated after a lost answer it has one effect, so
nothing has to be read before it is made. DELETE of what is gone (404, 410) is done. A GET of the resource itself asks whom
the system knows by a number: it answers with a list, empty or of records that have a `reference`. Any role can be played by such a
system: whoever has one of another kind writes a small bridge, or describes it (rest.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from pridvor.cases.models import Case
from pridvor.connectors import trail, web
from pridvor.connectors.contract import (
    Answer,
    Ground,
    Health,
    Place,
    Product,
    Rejected,
    Unavailable,
    Uncertain,
    Verb,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.stand_ins.plain import Services

TIMEOUT = httpx.Timeout(20, connect=5)  # seconds


@dataclass(frozen=True)
class Order:
    """What is wanted of a system: its resource of this case made, or taken back. Holds nothing personal."""

    key: str
    body: Mapping[str, Any] = field(default_factory=dict)

    def masked(self) -> dict[str, Any]:
        return {"key": self.key, **self.body}


def gather(verb: Verb, case: Case, *, now: datetime) -> Order:
    """What the system needs to know of the client: the company, and the plain values that conditions see."""
    client = case.client
    body = {
        "reference": case.reference,
        "journey": case.journey.name,
        "client": str(client.public_id),
        "name": client.name,
        "country": client.country,
        "numbers": Customer("", "", client.country, cui=client.cui, vat=client.vat).identifiers(),
        "values": dict(case.values),
    }
    return Order(case.reference, body)


class Plain:
    """A connection to one such system."""

    def __init__(self, role: str, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self.role = role
        self._http = httpx.Client(
            base_url=place.address,
            headers={"Authorization": f"Bearer {place.key}"} if place.key else {},
            timeout=TIMEOUT,
            transport=transport,
            verify=web.trusted(),
            trust_env=False,
            event_hooks=trail.HOOKS,
        )

    def close(self) -> None:
        self._http.close()

    def put(self, resource: str, order: Order) -> Answer:
        answer = self._ask("PUT", f"/{resource}/{order.key}", json=dict(order.body))
        _judge(answer)
        return Answer(order.key, "created" if answer.status_code == 201 else "linked")

    def delete(self, resource: str, order: Order) -> Answer:
        answer = self._ask("DELETE", f"/{resource}/{order.key}")
        if answer.status_code in (404, 410):
            return Answer(order.key, "gone")
        _judge(answer)
        return Answer(order.key, "linked")

    def find(self, resource: str, order: Order) -> Answer:
        """Whether the system has the company from before this case, by the exact number. Changes nothing."""
        numbers = order.body.get("numbers", ())
        found = self._records(resource, [("number", each) for each in numbers]) if numbers else []
        others = {str(each["reference"]) for each in found} - {order.key}
        if len(others) > 1:
            raise Rejected("several-records", f"{len(others)} records have this number")
        if not others:
            return Answer("", "found", outcome="unknown", by=Ground.NO_MATCH)
        return Answer(others.pop(), "found", outcome="known", by=Ground.FISCAL_CODE)

    def _records(self, resource: str, asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
        answer = self._ask("GET", f"/{resource}", params=asked)
        if answer.status_code in (404, 405):
            raise Rejected("no-such-capability", f"it does not say whom it knows ({answer.status_code})")
        _judge(answer)
        found = web.json_of(answer)
        if not isinstance(found, list) or not all(
            isinstance(each, dict) and each.get("reference") for each in found
        ):
            raise Unavailable("wrong-schema", "not a list of records with a reference")
        return found

    def has(self, resource: str, order: Order) -> bool:
        """Whether the system has the resource now. Raises Failed when it cannot be asked."""
        answer = self._ask("GET", f"/{resource}/{order.key}")
        if answer.status_code >= 500:
            raise Unavailable(f"status-{answer.status_code}")
        return answer.status_code == 200

    def probe(self) -> Health:
        try:
            answer = self._ask("GET", "/")
        except (Unavailable, Uncertain) as error:
            return Health(self.role, False, str(error))
        refused = answer.status_code >= 500 or answer.status_code in (401, 403)
        return Health(self.role, not refused, f"HTTP {answer.status_code}")

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable("no-connection", type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Uncertain("answer-lost", type(error).__name__) from None


def _judge(answer: httpx.Response) -> None:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unavailable(f"status-{answer.status_code}")
    if answer.status_code >= 400:
        raise Rejected(f"status-{answer.status_code}", answer.text[:300])


def _verb(method: str, resource: str) -> Verb:
    def make(connection: Plain, order: Order) -> Answer:
        return connection.put(resource, order)

    def take_back(connection: Plain, order: Order) -> Answer:
        return connection.delete(resource, order)

    def is_there(connection: Plain, order: Order) -> bool:
        return connection.has(resource, order)

    def look(connection: Plain, order: Order) -> Answer:
        return connection.find(resource, order)

    if method == "GET":
        return Verb(look, outcomes=frozenset({"known", "unknown"}), looks=True)
    return Verb(make, is_there=is_there) if method == "PUT" else Verb(take_back)


def product(role: str, verbs: Mapping[str, str]) -> Product:
    """The product that plays a role in the plain dialect; `verbs`: method and resource by name, such as `PUT accounts`."""
    return Product(
        role=role,
        scheme="",
        name="HTTP",
        connect=partial(Plain, role),
        verbs={name: _verb(*said.split()) for name, said in verbs.items()},
        stand_in=Services,
        gather=gather,
    )
