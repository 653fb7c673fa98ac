"""A stand-in of any system of the plain dialect."""

import json

import httpx

from pridvor.connectors.stand_ins.store import StandIn


class Services(StandIn):
    """Any system of the plain dialect (see products/plain.py): keeps one record under each address it is given."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        peer, resource, key = ([*request.url.path.strip("/").split("/"), "", ""])[:3]
        if resource and not key:
            return self._whom(f"{peer}.{resource}", set(request.url.params.get_list("number")))
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

    def _whom(self, model: str, numbers: set[str]) -> httpx.Response:
        """The records that have one of these numbers."""
        rows = (row for row in self.store.all(model) if not row["closed"])
        found = [{"reference": row["reference"]} for row in rows if numbers & set(row.get("numbers", ()))]
        return httpx.Response(200, json=found)
