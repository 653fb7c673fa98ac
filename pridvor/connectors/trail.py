"""What goes with every call: which request or job it comes from, told to systems of ours so that their logs can be read
beside our own, and what it costs, told to the ledger.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpx

from pridvor.lib import trace


@dataclass
class Cost:
    """Of one try: how many requests went out, and how long the peer took for them in all."""

    requests: int = 0
    milliseconds: float = 0
    began: float | None = None  # of the request under way

    def begin(self) -> None:
        self.end()
        self.requests, self.began = self.requests + 1, time.monotonic()

    def end(self) -> None:
        if self.began is not None:
            self.milliseconds, self.began = self.milliseconds + (time.monotonic() - self.began) * 1000, None


_counted: ContextVar[Cost | None] = ContextVar("counted", default=None)


@contextmanager
def counting() -> Iterator[Cost]:
    """What the calls inside cost. A request that got no answer took until the next one, or the end."""
    cost = Cost()
    token = _counted.set(cost)
    try:
        yield cost
    finally:
        cost.end()
        _counted.reset(token)


def hand_on(request: httpx.Request) -> None:
    """Write the id into the call (W3C Trace Context, `traceparent`). Strangers' systems are not told."""
    if trace.current():
        request.headers["traceparent"] = trace.parent()


def _begin(request: httpx.Request) -> None:
    if cost := _counted.get():
        cost.begin()


def _end(response: httpx.Response) -> None:
    """The body may still be on its way; whoever reads it sees to it that it ends in time (web.py)."""
    if cost := _counted.get():
        cost.end()


HOOKS: dict[str, list[Callable[..., None]]] = {"request": [hand_on, _begin], "response": [_end]}
