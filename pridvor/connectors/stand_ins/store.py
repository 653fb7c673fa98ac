"""What stand-ins have in common: where they keep what they receive, and the ways in which they can fail.

A stand-in is a transport of httpx that speaks a product's language inside this process, so that the demonstration and
the tests run the very code that talks to the real one. A switch makes it fail the way the real ones do.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import httpx

MODES = ("ok", "down", "slow", "lost")  # lost: it takes effect, and the answer does not come
SANDBOX = "sandbox"  # the host at which stand-ins stand
SLOW = 4.0  # seconds

Record = dict[str, Any]
Mode = Callable[[], str]


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


class StandIn(httpx.BaseTransport):
    """Answers as `answer` says, or fails as the switch says. `reads` tells which requests have no effect to lose."""

    def __init__(self, store: Store, mode: Mode = lambda: "ok", slow: float = SLOW) -> None:
        self.store, self.mode, self.slow = store, mode, slow

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        mode = self.mode()
        if mode == "down":
            raise httpx.ConnectError("the stand-in is switched off", request=request)
        if mode == "slow":
            time.sleep(self.slow)
        answer = self.answer(request)
        if mode == "lost" and not self.reads(request):
            raise httpx.ReadError("the stand-in loses its answers", request=request)
        return answer

    def answer(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError

    def reads(self, request: httpx.Request) -> bool:
        return request.method == "GET"
