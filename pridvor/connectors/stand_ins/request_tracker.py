"""A stand-in of Request Tracker."""

import json
import re

import httpx

from pridvor.connectors.stand_ins.store import Record, StandIn

STATUSES = ("new", "open", "stalled", "resolved", "rejected", "deleted")


class Tracker(StandIn):
    """The part of REST2 that our client uses: one queue with one custom field, and no uniqueness anywhere."""

    QUEUE, FIELD = "Onboarding", "CaseRef"

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rpartition("/REST/2.0/")[2]
        body = json.loads(request.content) if request.content else {}
        if request.method == "GET":
            return self._read(path, dict(request.url.params))
        if path == "ticket":
            return self._open(body)
        if comment := re.fullmatch(r"ticket/(\d+)/comment", path):
            line = {"ticket": comment[1], "Type": "Comment", "Data": f"{body.get('Subject', '')}\n"}
            self.store.add("tickets.history", line)
            return httpx.Response(201, json=["Comments added"])
        kind, number = path.split("/")
        return self._change(kind, number, body)

    def _read(self, path: str, params: dict[str, str]) -> httpx.Response:
        if path == f"queue/{self.QUEUE}":
            return httpx.Response(
                200, json={"Name": self.QUEUE, "TicketCustomFields": [{"name": self.FIELD}]}
            )
        if path == "tickets":
            wanted = re.search(rf"CF\.{{{self.FIELD}}} = '([^']*)'", params["query"])
            found = [
                {"id": str(each["id"]), "Status": each["Status"]}
                for each in self.store.all("tickets.ticket")
                if wanted and each["CustomFields"].get(self.FIELD) == wanted[1]
            ]
            return httpx.Response(200, json={"items": found, "total": len(found)})
        if history := re.fullmatch(r"ticket/(\d+)/history", path):
            lines = [each for each in self.store.all("tickets.history") if each["ticket"] == history[1]]
            return httpx.Response(200, json={"items": lines})
        one = self._one(*path.split("/")) if path.count("/") == 1 else None
        return httpx.Response(200, json=one) if one else httpx.Response(404, json={"message": "Not Found"})

    def _open(self, body: Record) -> httpx.Response:
        if body["Queue"] != self.QUEUE:
            words = f"No permission to create tickets in the queue '{body['Queue']}'"
            return httpx.Response(403, json={"message": words})
        asker = body.pop("Requestor", "")
        people = [{"id": str(self._user(asker)), "type": "user"}] if asker else []
        number = self.store.add("tickets.ticket", {**body, "Status": "new", "Requestor": people})
        return httpx.Response(201, json={"id": str(number), "type": "ticket"})

    def _user(self, address: str) -> int:
        """Whoever asks is made a user without rights."""
        known = next(
            (each for each in self.store.all("tickets.user") if each["EmailAddress"] == address), None
        )
        new = {"Name": address, "EmailAddress": address, "RealName": "", "Privileged": 0}
        return int(known["id"]) if known else self.store.add("tickets.user", new)

    def _change(self, kind: str, number: str, body: Record) -> httpx.Response:
        old = self._one(kind, number)
        if old is None:
            return httpx.Response(404, json={"message": "Not Found"})
        if body.get("Status", "open") not in STATUSES:  # refused, with a status that does not say so
            return httpx.Response(200, json=[f"Ticket {number}: Status isn't a valid status."])
        kept = {name: value for name, value in {**old, **body}.items() if name != "id"}
        self.store.change(f"tickets.{kind}", int(number), kept)
        return httpx.Response(200, json=[f"{kind} {number} changed"])

    def _one(self, kind: str, number: str) -> Record | None:
        return next((each for each in self.store.all(f"tickets.{kind}") if str(each["id"]) == number), None)
