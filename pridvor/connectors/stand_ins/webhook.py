"""A stand-in of a system that is told by webhook: it does at once what it is told, or says «later» and forgets it."""

import json

import httpx

from pridvor.connectors.stand_ins.store import MODES as USUAL
from pridvor.connectors.stand_ins.store import StandIn

MODES = (*USUAL, "later")


class Receiver(StandIn):
    """Keeps each order once, whatever it was sent."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return httpx.Response(405)
        if self.mode() == "later":
            return httpx.Response(202)
        order = json.loads(request.content)
        model = order["type"].partition(".")[0]
        known = next((each for each in self.store.all(model) if each["order"] == order["order"]), None)
        if known:
            self.store.change(model, known["id"], order)
        number = known["id"] if known else self.store.add(model, order)
        return httpx.Response(200, json={"order": order["order"], "state": "done", "reference": str(number)})
