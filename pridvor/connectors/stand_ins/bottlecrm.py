"""A stand-in of BottleCRM."""

import json
import re
from typing import Any

import httpx

from pridvor.connectors.stand_ins.store import Record, StandIn

FIELDS = {  # the custom fields that this organisation has defined; what else is sent is dropped in silence
    "accounts": ("pridvor_key", "vat_number", "onboarding_state"),
    "contacts": ("pridvor_key",),
    "leads": ("pridvor_key",),
    "opportunities": ("pridvor_key",),
    "tasks": (),
}
CALLED = {"accounts": "Account", "contacts": "Contact", "leads": "Lead", "opportunities": "Opportunity"}
OBJECT = {"accounts": "account_obj", "contacts": "contact_obj", "leads": "lead_obj"}
STAGES = [{"code": "NEGOTIATION", "kind": "open"}, {"code": "CLOSED_WON", "kind": "won"}]


class Crm(StandIn):
    """The part of BottleCRM's REST interface that our client uses, with its refusals and its pages."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = re.fullmatch(r".*?/api/([a-z-]+)/(?:([\w-]+)/)?", request.url.path)
        if not path:
            return httpx.Response(404, html="<h1>Not Found</h1>")
        kind, number = path[1], path[2]
        if request.method == "GET":
            return self._read(kind, number, dict(request.url.params))
        body = json.loads(request.content)
        return self._write(kind, number, body) if number else self._create(kind, body)

    def _read(self, kind: str, number: str | None, params: dict[str, str]) -> httpx.Response:
        if kind == "custom-fields":
            return httpx.Response(200, json={"definitions": _definitions()})
        if (kind, number) == ("opportunities", "pipelines"):
            return httpx.Response(200, json={"pipelines": [{"id": "1", "stages": STAGES}]})
        if number is None:
            found = [each for each in self._all(kind) if _fits(each, params)]
            return httpx.Response(200, json=_page(kind, found))
        one = self._one(kind, number)
        if one is None:
            return httpx.Response(404, json={"detail": "No such record."})
        return httpx.Response(200, json={OBJECT.get(kind, "opportunity_obj"): one})

    def _create(self, kind: str, body: Record) -> httpx.Response:
        if taken := self._taken(kind, body):
            return httpx.Response(400, json={"error": True, "errors": taken})
        fields = {name: body.get("custom_fields", {}).get(name) for name in FIELDS[kind]}
        record = {"is_active": True, "account": None, **body, "custom_fields": _present(fields)}
        number = self.store.add(f"crm.{kind}", record)
        return httpx.Response(200, json={"error": False, "message": "Created", "id": str(number)})

    def _write(self, kind: str, number: str, body: Record) -> httpx.Response:
        old = self._one(kind, number)
        if old is None:
            return httpx.Response(404, json={"detail": "No such record."})
        fields = {name: body.get("custom_fields", {}).get(name) for name in FIELDS[kind]}
        new = {**old, **body, "custom_fields": old["custom_fields"] | _present(fields)}
        kept = {name: value for name, value in new.items() if name not in ("id", *ADDED)}
        if kind == "accounts":
            kept.pop("contacts", None)
        self.store.change(f"crm.{kind}", int(number), kept)
        return httpx.Response(200, json={"error": False, "message": "Updated"})

    def _taken(self, kind: str, body: Record) -> dict[str, list[str]]:
        """Account names and addresses of contacts and leads are unique, whatever their case."""
        field = "name" if kind == "accounts" else "email" if kind in ("contacts", "leads") else ""
        wanted = str(body.get(field) or "").casefold()
        if wanted and any(str(each.get(field) or "").casefold() == wanted for each in self._all(kind)):
            words = {"name": "Account already exists with this name"}
            return {field: [words.get(field, "Contact already exists with this email")]}
        return {}

    def _all(self, kind: str) -> list[Record]:
        return [self._shown(kind, each) for each in self.store.all(f"crm.{kind}")]

    def _one(self, kind: str, number: str) -> Record | None:
        return next((each for each in self._all(kind) if each["id"] == number), None)

    def _shown(self, kind: str, record: Record) -> Record:
        shown: Record = record | {"id": str(record["id"])}
        if kind == "accounts":
            people = [self._shown("contacts", each) for each in self.store.all("crm.contacts")]
            shown["contacts"] = [each for each in people if each["account"] == shown["id"]]
        if kind == "contacts":
            shown["linked_accounts"] = [{"id": record["account"]}] if record["account"] else []
        if kind == "opportunities":
            kinds = {stage["code"]: stage["kind"] for stage in STAGES}
            shown |= {"pipeline": "1", "stage_kind": kinds.get(record.get("stage", ""), "open")}
            shown.setdefault("contacts", [])
            if isinstance(record["account"], str):
                shown["account"] = {"id": record["account"]}
        return shown


ADDED = ("linked_accounts", "pipeline", "stage_kind")  # shown, not kept


def _definitions() -> list[Record]:
    return [
        {"target_model": CALLED[kind], "key": name, "is_active": True}
        for kind, names in FIELDS.items()
        for name in names
    ]


def _fits(record: Record, params: dict[str, str]) -> bool:
    return all(_has(record, name, wanted) for name, wanted in params.items() if name != "limit")


def _has(record: Record, name: str, wanted: str) -> bool:
    if name.startswith("cf_"):
        return bool(record["custom_fields"].get(name[3:]) == wanted)
    if name.endswith("__gte"):
        return str(record.get(name[:-5]) or "") >= wanted
    return wanted.casefold() in str(record.get(name) or "").casefold()


def _page(kind: str, found: list[Record]) -> dict[str, Any]:
    """A list as each kind's page holds it: used apart from unused, open apart from closed."""
    used = [each for each in found if each["is_active"]]
    unused = [each for each in found if not each["is_active"]]
    closed = [each for each in found if each.get("status") == "closed"]
    pages: dict[str, dict[str, Any]] = {
        "accounts": {
            "active_accounts": {"open_accounts": used},
            "closed_accounts": {"close_accounts": unused},
        },
        "contacts": {"results": found},
        "leads": {
            "open_leads": {"open_leads": [each for each in found if each not in closed]},
            "close_leads": {"close_leads": closed},
        },
        "opportunities": {"opportunities": found},
        "tasks": {"tasks": found},
    }
    return pages[kind]


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
