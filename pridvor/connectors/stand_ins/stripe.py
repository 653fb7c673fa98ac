"""A stand-in of Stripe: customers and subscriptions, its idempotency keys, and its errors."""

import re
from typing import Any
from urllib.parse import parse_qsl

import httpx

from pridvor.connectors.stand_ins.store import Record, StandIn

KINDS = {"customers": "cus_", "subscriptions": "sub_"}
PREFIX = "billing."  # of the models in the store


class Biller(StandIn):
    """Every price is known here. Search by metadata is not: it lags at Stripe, so that nothing may lean on it."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        found = re.fullmatch(r".*/v1/(\w+)(?:/([\w]+))?", request.url.path)
        kind, id = (found[1], found[2] or "") if found else ("", "")
        if kind == "events" and request.method == "GET":
            return httpx.Response(200, json={"object": "list", "data": [], "has_more": False})
        if kind not in KINDS or id == "search":
            return _error(404, "resource_missing", "Unrecognized request URL")
        if request.method == "GET":
            return self._one(kind, id) if id else self._list(kind, request.url.params)
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        if request.method == "DELETE":
            return self._change(kind, id, {"status": "canceled"})
        if id:
            return self._change(kind, id, _nested(form))
        return self._create(kind, form, request.headers.get("Idempotency-Key", ""))

    def _create(self, kind: str, form: dict[str, str], key: str) -> httpx.Response:
        for known in self.store.all(PREFIX + kind) if key else ():
            if known["key"] == key:
                if known["form"] == form:
                    return httpx.Response(
                        200, json=_shown(kind, known), headers={"Idempotent-Replayed": "true"}
                    )
                return _error(
                    400, None, "Keys can only be used with the same parameters", "idempotency_error"
                )
        record = {"key": key, "form": form, **_nested(form)}
        record |= {"status": "active"} if kind == "subscriptions" else {}
        return httpx.Response(200, json=_shown(kind, record | {"id": self.store.add(PREFIX + kind, record)}))

    def _list(self, kind: str, wanted: httpx.QueryParams) -> httpx.Response:
        rows = [_shown(kind, row) for row in self.store.all(PREFIX + kind)]
        for name in ("email", "customer"):
            if name in wanted:
                rows = [row for row in rows if row.get(name) == wanted[name]]
        return httpx.Response(200, json={"object": "list", "data": rows, "has_more": False})

    def _one(self, kind: str, id: str) -> httpx.Response:
        row = self._row(kind, id)
        return httpx.Response(200, json=_shown(kind, row)) if row else _missing(id)

    def _change(self, kind: str, id: str, new: Record) -> httpx.Response:
        row = self._row(kind, id)
        if row is None:
            return _missing(id)
        changed = row | new
        self.store.change(PREFIX + kind, row["id"], {name: changed[name] for name in changed if name != "id"})
        return httpx.Response(200, json=_shown(kind, changed))

    def _row(self, kind: str, id: str) -> Record | None:
        rows = self.store.all(PREFIX + kind)
        return next((row for row in rows if f"{KINDS[kind]}{row['id']}" == id), None)


def _nested(form: dict[str, str]) -> Record:
    """`metadata[case]` and `items[0][price]` as the objects that they mean; a blank takes a value away."""
    record: Record = {}
    for name, value in form.items():
        head, *rest = re.findall(r"[^\[\]]+", name)
        place: Any = record
        for step, following in zip([head, *rest], rest, strict=False):
            place = place.setdefault(step, {})
            head = following
        place[head] = value or None
    return record


def _shown(kind: str, row: Record) -> Record:
    own = {name: value for name, value in row.items() if name not in ("key", "form", "items")}
    return {"object": kind.removesuffix("s"), "metadata": {}, **own, "id": f"{KINDS[kind]}{row['id']}"}


def _missing(id: str) -> httpx.Response:
    return _error(404, "resource_missing", f"No such object: '{id}'")


def _error(status: int, code: str | None, words: str, kind: str = "invalid_request_error") -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": kind, "code": code, "message": words}})
