"""A stand-in of Tryton."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from stdnum import iban
from stdnum.eu import vat

from pridvor.connectors.stand_ins.store import Record, StandIn, Taken

REFERENCES = {
    "customer_payment_term": "account.invoice.payment_term",
    "sale_price_list": "product.price_list",
}


class Erp(StandIn):
    """The part of Tryton's REST interface that our client uses, with Tryton's refusals."""

    FIXED: dict[str, list[Record]] = {
        "company.company": [{"id": 1}],
        "country.country": [
            {"id": n, "code": code}
            for n, code in enumerate(("RO", "AT", "DE", "FR", "IT", "ES", "HU", "BG"), 1)
        ],
        "account.invoice.payment_term": [
            {"id": n, "name": f"{days} zile", "lines": [{"relativedeltas": [{"days": days}]}]}
            for n, days in enumerate((0, 7, 10, 14, 15, 30, 45, 60, 90), 1)
        ],
        "product.price_list": [{"id": 1, "name": "Partner Silver"}, {"id": 2, "name": "Partner Gold"}],
    }

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = re.search(r"/rest/model/([a-z_.]+)(?:/(\d+))?$", request.url.path)
        if not path:
            return httpx.Response(404, html="<h1>Not Found</h1>")
        model, id = path[1], int(path[2] or 0)
        if request.method == "GET":
            domain = json.loads(base64.urlsafe_b64decode(request.url.params.get("d", "W10=")))
            return httpx.Response(
                200, json=[record for record in self._records(model) if _fits(record, domain)]
            )
        try:
            body = json.loads(request.content)
            record = self._create(model, body) if request.method == "POST" else self._write(model, id, body)
        except _UserError as error:
            return httpx.Response(400, json={"status": 400, "message": str(error), "description": ""})
        return httpx.Response(200, json=record)

    def _records(self, model: str) -> list[Record]:
        if model in self.FIXED:
            return self.FIXED[model]
        if model == "bank.account.number":
            return [
                {
                    "id": 0,
                    "number_compact": number["number_compact"],
                    "account": {"id": account["id"], "owners": [{"id": party["id"]}]},
                }
                for party in self.store.all("party.party")
                for account in party["bank_accounts"]
                for number in account["numbers"]
            ]
        return self.store.all(model)

    def _create(self, model: str, body: Record) -> Record:
        if model != "party.party":
            return body | {"id": self.store.add(model, body)}
        record = {
            "active": True,
            "identifiers": [],
            "bank_accounts": [],
            "addresses": [],
            "contact_mechanisms": [],
            "create_date": _now(),
        } | self._whole(_flat(body))
        self._check(record)
        try:
            return record | {"id": self.store.add(model, record)}
        except Taken:
            raise _UserError("The code on party must be unique.") from None

    def _write(self, model: str, id: int, body: Record) -> Record:
        old = next((record for record in self.store.all(model) if record["id"] == id), None)
        if old is None:
            raise _UserError("no such record")
        new = {
            name: _changed(old[name], value) if isinstance(value, list) else value
            for name, value in body.items()
        }
        new = self._whole(new) | {"write_date": _now()}
        self._check(_flat(body), besides=id)
        self.store.change(model, id, {name: value for name, value in (old | new).items() if name != "id"})
        return old | new

    def _whole(self, record: Record) -> Record:
        """What a record refers to stands in it as Tryton reads it out: the fields of the other."""
        found = {}
        for name, model in REFERENCES.items():
            if name in record:
                found[name] = next((each for each in self.FIXED[model] if each["id"] == record[name]), None)
        for address in record.get("addresses") or ():
            if isinstance(address.get("country"), int):
                address["country"] = self.FIXED["country.country"][address["country"] - 1]
        return record | found

    def _check(self, record: Record, besides: int = 0) -> None:
        others = [party for party in self.store.all("party.party") if party["id"] != besides]
        if any(party.get("code") == record.get("code") for party in others if record.get("code")):
            raise _UserError("The code on party must be unique.")
        for identifier in record.get("identifiers", ()):
            if not vat.is_valid(identifier["code"]):
                raise _UserError(
                    f'The European VAT Number "{identifier["code"]}" for party "{record.get("name")}" is not valid.'
                )
        for account in record.get("bank_accounts", ()):
            for number in account.get("numbers", ()):
                if not iban.is_valid(number["number"]):
                    raise _UserError(f'IBAN "{iban.format(number["number"])}" is not valid.')


class _UserError(Exception):
    """What Tryton answers with status 400 and words."""


def _flat(body: Record) -> Record:
    """Tryton's nested commands ([["create", [...]]]) as the lists they make."""
    record: Record = {}
    for name, value in body.items():
        if isinstance(value, list):
            record[name] = [
                _flat(each) | {"id": n}
                for verb, *given in value
                if verb == "create"
                for n, each in enumerate(given[0], 1)
            ]
        else:
            record[name] = value
    if record.get("type") == "iban":
        record["number_compact"] = iban.compact(record["number"])
    return record


def _changed(old: list[Record], orders: list[Any]) -> list[Record]:
    """A list after Tryton's nested commands."""
    rows = list(old)
    for verb, *given in orders:
        if verb == "create":
            rows += _flat({"new": [[verb, *given]]})["new"]
        elif verb == "write":
            rows = [row | given[1] if row["id"] in given[0] else row for row in rows]
        elif verb == "delete":
            rows = [row for row in rows if row["id"] not in given[0]]
    return rows


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _fits(record: Record, domain: list[Any]) -> bool:
    if domain and domain[0] == "OR":
        return any(_fits(record, [each]) for each in domain[1:])
    return all(_fits_one(record, each) for each in domain)


def _fits_one(record: Record, clause: list[Any]) -> bool:
    if isinstance(clause[0], list) or clause[0] == "OR":
        return _fits(record, clause)
    path, operator, wanted = clause
    return any(_compare(value, operator, wanted) for value in _values(record, path.split(".")))


def _values(record: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a dotted path, through lists."""
    if isinstance(record, list):
        for each in record:
            yield from _values(each, path)
    elif not path:
        yield record
    elif isinstance(record, dict):
        yield from _values(record.get(path[0]), path[1:])


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    if operator == "in":
        return value in wanted
    if operator == "like":
        return str(value).startswith(wanted.rstrip("%"))
    if operator == ">=":
        since = datetime(**{name: part for name, part in wanted.items() if name != "__class__"}, tzinfo=UTC)
        return value is not None and datetime.fromisoformat(value) >= since
    return bool(value == wanted)
