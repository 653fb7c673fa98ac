"""Stand-ins for demonstrations: an ERP and two registries that speak the real ones' languages, inside this process.

They are transports of httpx, so that the demonstration runs the very code that talks to the real peers. What the ERP
stand-in receives is kept in a `Store`; a switch makes each of them fail the way the real ones do.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
from stdnum import iban
from stdnum.eu import vat

ERP_MODES = ("ok", "down", "slow", "lost")  # lost: it takes effect, and the answer does not come
REGISTRY_MODES = ("ok", "down")
SLOW = 4.0  # seconds
COMPANIES = json.loads(Path(__file__).with_name("companies.json").read_text("utf-8"))

Record = dict[str, Any]


class Taken(Exception):
    """Another record has this code already."""


class Store(Protocol):
    """Where the ERP stand-in keeps its records. `add` raises Taken."""

    def all(self, model: str) -> list[Record]: ...

    def add(self, model: str, record: Record) -> int: ...

    def change(self, model: str, id: int, record: Record) -> None: ...


class MemoryStore:
    """A store that ends with the process, for tests."""

    def __init__(self) -> None:
        self.records: dict[str, dict[int, Record]] = {}

    def all(self, model: str) -> list[Record]:
        return [record | {"id": id} for id, record in self.records.get(model, {}).items()]

    def add(self, model: str, record: Record) -> int:
        id = sum(map(len, self.records.values())) + 1
        self.records.setdefault(model, {})[id] = record
        return id

    def change(self, model: str, id: int, record: Record) -> None:
        self.records[model][id] = record


class Erp(httpx.BaseTransport):
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
    }

    def __init__(self, store: Store, mode: Callable[[], str] = lambda: "ok", slow: float = SLOW) -> None:
        self.store, self.mode, self.slow = store, mode, slow

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        mode = self.mode()
        if mode == "down":
            raise httpx.ConnectError("the ERP stand-in is switched off", request=request)
        if mode == "slow":
            time.sleep(self.slow)
        answer = self._answer(request)
        if mode == "lost" and request.method != "GET":
            raise httpx.ReadError("the ERP stand-in loses its answers", request=request)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
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
        } | _flat(body)
        record["customer_payment_term"] = _reference(body)
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
            name: old[name] + value if isinstance(value, list) else value
            for name, value in _flat(body).items()
        }
        if "customer_payment_term" in body:
            new["customer_payment_term"] = _reference(body)
        self._check(_flat(body), besides=id)
        self.store.change(model, id, {name: value for name, value in (old | new).items() if name != "id"})
        return old | new

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
                for verb, items in value
                if verb == "create"
                for n, each in enumerate(items, 1)
            ]
        else:
            record[name] = value
    if record.get("type") == "iban":
        record["number_compact"] = iban.compact(record["number"])
    return record


def _reference(body: Record) -> Record | None:
    term = body.get("customer_payment_term")
    return {"id": term} if term else None


def _fits(record: Record, domain: list[list[Any]]) -> bool:
    return all(
        any(_compare(value, operator, wanted) for value in _values(record, path.split(".")))
        for path, operator, wanted in domain
    )


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
    return bool(value == wanted)


class Services(httpx.BaseTransport):
    """Any system of the plain dialect (see services.py): keeps one record under each address it is given."""

    def __init__(self, store: Store, mode: Callable[[], str] = lambda: "ok", slow: float = SLOW) -> None:
        self.store, self.mode, self.slow = store, mode, slow

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        mode = self.mode()
        if mode == "down":
            raise httpx.ConnectError("the stand-in is switched off", request=request)
        if mode == "slow":
            time.sleep(self.slow)
        answer = self._answer(request)
        if mode == "lost" and request.method != "GET":
            raise httpx.ReadError("the stand-in loses its answers", request=request)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        peer, resource, key = ([*request.url.path.strip("/").split("/"), "", ""])[:3]
        if not key:
            return httpx.Response(200, json={"system": peer})
        model, code = f"{peer}.{resource}", f"{peer}/{resource}/{key}"
        old = next((record for record in self.store.all(model) if record["code"] == code), None)
        is_there = old is not None and not old.get("closed")
        if request.method == "GET":
            return httpx.Response(200 if is_there else 404, json=old or {})
        if request.method == "DELETE":
            if old and is_there:
                self.store.change(model, old["id"], {"code": code, "closed": True})
            return httpx.Response(204 if is_there else 404)
        record = {**json.loads(request.content), "code": code, "closed": False}
        if old:
            self.store.change(model, old["id"], record)
        else:
            self.store.add(model, record)
        return httpx.Response(200 if is_there else 201, json=record)


class Registry(httpx.BaseTransport):
    """ANAF v9 and VIES in one: the paths tell them apart."""

    def __init__(self, mode: Callable[[], str] = lambda: "ok") -> None:
        self.mode = mode

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/tva"):
            return self._anaf(body)
        return self._vies(body)

    def _anaf(self, asked: list[Record]) -> httpx.Response:
        if self.mode() == "down":  # the real one's page when it is being repaired
            return httpx.Response(
                200,
                html="<html><head><title>Mentenanță</title></head><body>Serviciu indisponibil</body></html>",
            )
        known = {company["number"]: company for company in COMPANIES if company["country"] == "RO"}
        found = [
            _anaf_record(known[str(each["cui"])], each["data"]) for each in asked if str(each["cui"]) in known
        ]
        missing = [each["cui"] for each in asked if str(each["cui"]) not in known]
        answer = {"cod": 200, "message": "SUCCESS", "found": found, "notFound": missing}
        return httpx.Response(200 if found else 404, json=answer)

    def _vies(self, asked: Record) -> httpx.Response:
        if self.mode() == "down":
            return httpx.Response(
                200, json={"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
            )
        key = (asked["countryCode"], asked["vatNumber"])
        company = next(
            (each for each in COMPANIES if (each["country"], each["number"]) == key and each["vat_since"]),
            None,
        )
        address = f"{company['street']}\n{company['postal_code']} {company['city']}" if company else "---"
        return httpx.Response(
            200,
            json={
                "countryCode": key[0],
                "vatNumber": key[1],
                "requestDate": datetime.now(UTC).isoformat(),
                "valid": bool(company),
                "requestIdentifier": "",
                "name": company["name"] if company else "---",
                "address": address,
            },
        )


def _anaf_record(company: Record, day: str) -> Record:
    seat = {
        "sdenumire_Strada": company["street"],
        "snumar_Strada": company["house"],
        "sdenumire_Localitate": company["city"],
        "sdenumire_Judet": company["county"],
        "scod_Postal": company["postal_code"],
        "stara": "",
    }
    struck_off = company.get("struck_off", "")
    registration = (
        f"RADIERE din data {struck_off}" if struck_off else f"INREGISTRAT din data {company['registered']}"
    )
    return {
        "date_generale": {
            "cui": int(company["number"]),
            "data": day,
            "denumire": company["name"],
            "nrRegCom": company["registration"],
            "codPostal": company["postal_code"],
            "stare_inregistrare": registration,
            "data_inregistrare": company["registered"],
        },
        "inregistrare_scop_Tva": {"scpTVA": bool(company["vat_since"]), "perioade_TVA": []},
        "stare_inactiv": {
            "statusInactivi": company["state"] == "inactive",
            "dataInactivare": company.get("inactive_since", ""),
            "dataReactivare": "",
            "dataPublicare": "",
            "dataRadiere": struck_off,
        },
        "adresa_sediu_social": seat,
    }


class ClientInterface(httpx.BaseTransport):
    """What a client of the demonstration has built: an interface with orders and stock, behind a key."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer demo-"):
            return httpx.Response(401, json={"error": "unauthorized"})
        if request.url.host.startswith("down."):
            raise httpx.ConnectError("the stand-in is switched off", request=request)
        if request.url.host.startswith("broken."):
            return httpx.Response(500, json={"error": "internal"})
        if request.url.path.endswith("/orders") and request.method == "POST":
            return httpx.Response(201, json={"id": "SO-1", "state": "received"})
        if request.url.path.endswith("/orders"):
            return httpx.Response(200, json=[{"id": "SO-1", "state": "received"}])
        return httpx.Response(200, json={"status": "ok"})
