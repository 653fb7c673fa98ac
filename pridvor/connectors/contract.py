"""What a connector is: one peer, the capabilities it offers, and the few ways in which a call can end.

A capability is a name that journeys use (`connect: erp.create_customer`). Its row in table.py says how the request is
gathered (from our tables, before the network) and how it is performed (on the network, with no transaction open).
`perform` must be repeatable: it looks for the effect under `key` before it makes it, so that an answer that was lost,
a call that ran twice and a worker that died all end with one effect. It returns an `Answer` or raises one of:

- `Unavailable`: nothing happened, as far as can be known; it will be repeated.
- `Uncertain`: it was sent, and the answer was lost; it is read again after a settle delay, because a peer may still be
  working on a request whose caller has gone.
- `Rejected`: the peer read it and says no; repeating is useless, a person must mend something.

A connector is added with a file that performs, its test with a fake and a failing fake, and a row in table.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

SETTLE = timedelta(seconds=5)  # before what was sent is read again


class Failed(Exception):
    """A call that has no answer. `code` is stable and goes to the ledger; `words` say what was seen, already masked."""

    outcome = "failed"

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code, self.words = code, words


class Unavailable(Failed):
    outcome = "unavailable"


class Uncertain(Failed):
    outcome = "uncertain"


class Rejected(Failed):
    outcome = "rejected"


@dataclass(frozen=True)
class Answer:
    """The effect exists in the peer. `how`: created now, found as made by an earlier try, or linked to what was there."""

    reference: str
    how: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Health:
    """What a probe saw: `ok`, one sentence, and how long it took in milliseconds."""

    peer: str
    ok: bool
    words: str
    milliseconds: int = 0


class Request(Protocol):
    """What is sent. `masked` is what the ledger keeps of it: nothing personal in clear."""

    def masked(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Capability:
    """One row of the table: which peer, how to gather the request for a case, how to perform it, how to probe."""

    peer: str
    gather: Callable[..., Request]
    perform: Callable[[Any], Answer]
    probe: Callable[[], Health]
