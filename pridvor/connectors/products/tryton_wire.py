"""Tryton's REST interface (docs.tryton.org, «Use the REST API»): records searched and sent, failures told apart.

Its answers are no evidence: an error may come after the effect, texts are localised and carry no code, and gateways
answer in HTML.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from pridvor.connectors import web
from pridvor.connectors.contract import Failed, Health, Place, Rejected, Unavailable, Uncertain, probed
from pridvor.connectors.customer import Customer

ANY_ACTIVITY = ["active", "in", [True, False]]  # without it Tryton hides archived parties

Record = dict[str, Any]


class Database:
    """A connection to one Tryton database, as a user application whose key it is."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self._http = web.client(
            f"{place.address}/rest/model/", {"Authorization": f"Bearer {place.key}"}, transport
        )
        self._context: dict[str, Any] = {}

    def close(self) -> None:
        self._http.close()

    def probe(self) -> Health:
        """Whether the ERP answers and takes our key."""
        return probed("erp", self.enter_company)

    def enter_company(self) -> None:
        """Terms, limits and price lists are kept per company: every later request says which one it works for."""
        companies = self.search("company.company", [], ["id"])
        if not companies:
            raise Rejected("no-company", "the key's user belongs to no company")
        self._context = {"company": min(company["id"] for company in companies)}
        self._http.headers["X-Tryton-Context"] = encode(self._context)

    def search(self, model: str, domain: Sequence[object], fields: Sequence[str]) -> list[Record]:
        """Records that match. Reading has no effect, so whatever goes wrong is only `Unavailable`."""
        query = httpx.QueryParams([("d", encode(list(domain))), *(("f", name) for name in fields)])
        response = web.read(self._http, "GET", model, params=query)
        if response.status_code in (401, 403):
            raise Unavailable("key-refused", "the ERP does not take our key")
        found = web.json_of(response)
        if response.status_code != 200 or not isinstance(found, list):
            raise Unavailable(f"http-{response.status_code}", f"while reading {model}")
        return found

    def send(self, method: str, path: str, body: Record, fields: Sequence[str] = ("id",)) -> Record:
        """The record as it is afterwards. Raises Refused for an answer that is not one."""
        query = httpx.QueryParams([("f", name) for name in fields])
        context = {
            **self._context,
            "active_test": False,
        }  # else an archived record is not found, to be changed
        headers = {"X-Tryton-Context": encode(context)}
        response = web.send(self._http, method, path, json=body, params=query, headers=headers)
        answer = web.json_of(response)
        if response.status_code == 200 and isinstance(answer, dict) and isinstance(answer.get("id"), int):
            return answer
        message = answer.get("message", "") if isinstance(answer, dict) else ""
        raise Refused(response.status_code, str(message))

    def has_field(self, model: str, name: str) -> bool:
        """Whether a module that brings this field is active. Tryton answers 500 and the name for one that it lacks."""
        query = httpx.QueryParams([("f", name), ("s", 1)])
        response = web.read(self._http, "GET", model, params=query)
        if response.status_code == 500 and name in response.text:
            return False
        if response.status_code != 200:
            raise Unavailable(f"http-{response.status_code}", f"while reading {model}")
        return True


@dataclass
class Refused(Exception):
    """An answer that is not the record: `message` only when it came as Tryton's own JSON."""

    status: int
    message: str

    def meaning(self, customer: Customer) -> Failed:
        """What it means once reading has shown that the effect is not there (yet)."""
        if self.status == 400 and self.message:
            return Rejected("erp-refused", customer.scrub(self.message))
        if self.status in (401, 403):
            return Unavailable("key-refused", "the ERP does not take our key")
        return Uncertain(f"http-{self.status}", "an error answer, and no such effect so far")


def encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decimal(value: Decimal) -> Record:
    """As Tryton's JSON has it."""
    return {"__class__": "Decimal", "decimal": str(value)}


def decimal_of(value: Any) -> Decimal | None:
    said = value.get("decimal") if isinstance(value, dict) else value
    return None if said is None else Decimal(str(said))


def moment(at: datetime) -> Record:
    """As Tryton's JSON has it; its clock is UTC."""
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(at.astimezone(UTC), name) for name in names}}
