"""A system that is told by a signed webhook what is wanted, and says at once or later that it is done.

The order goes by POST to the address of the settings, signed as Standard Webhooks with the key of the settings:

    {"order": "PR-2026-000123.open_account", "type": "warehouse.open_account", "data": {…}}

`order` is the key of the effect: who receives it twice, or with other data after a correction, does it once. The answer,
or later a call to `/hooks/<system>/` signed with the same key, is

    {"order": …, "state": "done" | "refused", "reference": …, "outcome": …, "values": {…}, "words": …}

and 202 or `"state": "accepted"` means: later.
"""

import hashlib
import json
from functools import partial
from typing import Any

import httpx

from pridvor.connectors import contract, signatures
from pridvor.connectors.contract import (
    Accepted,
    Answer,
    Erasure,
    Health,
    Place,
    Product,
    Rejected,
    Unavailable,
    Uncertain,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.products import placeholders
from pridvor.connectors.products.described import Told, Webhook
from pridvor.connectors.products.rest import grants, personal
from pridvor.connectors.products.wire import Wire
from pridvor.connectors.stand_ins.webhook import MODES, Receiver
from pridvor.connectors.web import json_of, retry_after
from pridvor.lib import clock


class Connection:
    """The receiver of orders, connected."""

    def __init__(
        self, description: Webhook, place: Place, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._described, self._place = description, place
        self._wire = Wire(place.address, {}, transport)

    def close(self) -> None:
        self._wire.close()

    def probe(self) -> Health:
        """Only that somebody answers: an order to try with would be an order."""
        role = self._described.role
        try:
            answer = self._wire.look("HEAD", "")
        except Unavailable as error:
            return Health(role, error.code == "key-refused", str(error))
        return Health(role, answer.status_code < 500, f"HTTP {answer.status_code}")

    def tell(self, name: str, customer: Customer) -> Answer:
        told = self._described.verbs[name]
        order = {
            "order": order_of(customer.key, name),
            "type": f"{self._described.system}.{name}",
            "data": placeholders.fill(told.body, placeholders.values(customer)),
        }
        body = json.dumps(order, ensure_ascii=False, sort_keys=True).encode()
        message = f"{order['order']}.{hashlib.sha256(body).hexdigest()[:12]}"  # other data is another message
        signed = signatures.standard(self._place.key, message, clock.now(), body)
        headers = {"Content-Type": "application/json", **signed}
        answer = self._wire.send("POST", "", content=body, headers=headers)
        return self._meaning(told, answer, customer)

    def _meaning(self, told: Told, answer: httpx.Response, customer: Customer) -> Answer:
        said = json_of(answer)
        said = said if isinstance(said, dict) else {}
        if answer.status_code >= 500:
            raise Uncertain(f"status-{answer.status_code}")
        if answer.status_code in (408, 425):
            raise Unavailable(f"status-{answer.status_code}", after=retry_after(answer, clock.now()))
        if answer.status_code >= 400:
            raise Rejected(f"status-{answer.status_code}", customer.scrub(str(said.get("words", ""))))
        if answer.status_code == 202 or said.get("state") == "accepted":
            raise Accepted(str(said.get("reference") or ""))
        return judged(told, said, customer.key)


def order_of(key: str, verb: str) -> str:
    return f"{key}.{verb}"


def judged(told: Told, said: dict[str, Any], key: str) -> Answer:
    """What an answer means, given at once or later. Raises Rejected; words of a refusal are for the ledger as they are."""
    if said.get("state") != "done":
        raise Rejected("refused", str(said.get("words") or "")[:300])
    outcome = str(said.get("outcome") or "ok")
    if outcome not in {"ok", *told.outcomes}:
        raise Rejected("no-such-outcome", f"{outcome[:40]} is none of ok, {', '.join(told.outcomes)}")
    given = said.get("values")
    values = {name: given[name] for name in told.values if name in given} if isinstance(given, dict) else {}
    plain = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    reference = str(said.get("reference") or key)[:100]
    return Answer(reference, "created", {"reference": reference}, outcome, plain)


def product(description: Webhook) -> Product:
    """The described system, as the table of products knows it."""
    role, said = description.role, description.erasure
    return Product(
        role=role,
        scheme="" if role == description.system else description.system,
        name=description.name or description.system,
        connect=partial(Connection, description),
        verbs={name: _verb(name, told) for name, told in description.verbs.items()},
        stand_in=Receiver,
        erasure=Erasure(said.means, said.remains) if said else None,
        modes=MODES,
        judge=partial(_later, description),
    )


def _verb(name: str, told: Told) -> contract.Verb:
    def perform(connection: Connection, customer: Customer) -> Answer:
        return connection.tell(name, customer)

    return contract.Verb(
        perform, personal(told.names()), frozenset(told.outcomes), grants=grants(told.names())
    )


def _later(description: Webhook, verb: str, said: dict[str, Any], key: str) -> Answer:
    return judged(description.verbs[verb], said, key)
