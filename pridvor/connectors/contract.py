"""What a connector is: one product, the role that it plays, its verbs, and the few ways in which a call can end.

Journeys name a role and a verb (`connect: erp.create_customer`), never a product: the address that an installation sets
says which one plays the role (`tryton+https://…`). A product is added with a file in products/ that ends in a
`PRODUCT`, a stand-in of it, a test of both against the real one, and a row in table.py.

The request is gathered from our tables before the network; a verb performs it with no transaction open. It must be
repeatable: it looks for the effect under the customer's `key` before it makes it, so that an answer that was lost, a
call that ran twice and a worker that died all end with one effect. It returns an `Answer` or raises one of:

- `Unavailable`: nothing happened, as far as can be known; it will be repeated.
- `Uncertain`: it was sent, and the answer was lost; it is read again after a settle delay, because a peer may still be
  working on a request whose caller has gone.
- `Rejected`: the peer read it and says no; repeating is useless, a person must mend something.
- `Accepted`: the peer has taken the order and will tell when it is done (see actions.answered).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import httpx
from pydantic import BaseModel, ConfigDict

from pridvor.connectors.stand_ins.store import MODES, Mode, Store

SETTLE = timedelta(seconds=5)  # before what was sent is read again


class Failed(Exception):
    """A call that has no answer. `code` is stable and goes to the ledger; `words` say what was seen, already masked."""

    outcome = "failed"

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code, self.words = code, words


class Unavailable(Failed):
    """`after`: the seconds that the peer asks us to wait (Retry-After, RFC 9110, 10.2.3); none: as we see fit."""

    outcome = "unavailable"

    def __init__(self, code: str, words: str = "", *, after: float | None = None) -> None:
        super().__init__(code, words)
        self.after = after


class Uncertain(Failed):
    outcome = "uncertain"


class Rejected(Failed):
    outcome = "rejected"


class Accepted(Failed):
    """`reference`: how the peer calls the order, where it says so."""

    outcome = "accepted"

    def __init__(self, reference: str = "") -> None:
        super().__init__("accepted", reference[:100])


class Ground(StrEnum):
    """Why a record is held to be this client's, the surest first. A name or a likeness is no ground."""

    OWN_KEY = "own-key"  # it carries our case's reference
    GIVEN_NUMBER = "given-number"  # the number that the system gave us for this client before
    FISCAL_CODE = "fiscal-code"  # exactly the same CUI or VAT number
    NO_MATCH = "no-match"  # none of these: nobody is recognised


@dataclass(frozen=True)
class Answer:
    """The effect exists in the peer. `how`: created now, found as made by an earlier try, or linked to what was there.

    `reference` is how the peer calls it; `by`: the ground on which a record was recognised, kept with the event. `outcome` is the step's: ok, or another of those that the verb declares.
    `data` goes to the ledger, so it holds nothing personal; `values` become values of the case, for its conditions.
    `found` is handed to the check that asked, and kept nowhere on the way.
    """

    reference: str
    how: str
    data: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    values: Mapping[str, Any] = field(default_factory=dict)
    found: Any = None
    by: Ground | None = None


@dataclass(frozen=True)
class Health:
    """What a probe saw: `ok`, one sentence, and how long it took in milliseconds."""

    peer: str
    ok: bool
    words: str
    milliseconds: int = 0


def probed(peer: str, ask: Callable[[], object]) -> Health:
    """How a probe went: `ask` reads something for which the peer wants our key."""
    start = time.monotonic()
    try:
        ask()
    except Failed as failed:
        return Health(peer, False, str(failed), _since(start))
    return Health(peer, True, "answers and takes our key", _since(start))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


class Request(Protocol):
    """What is sent. `masked` is what the ledger keeps of it: nothing personal in clear."""

    def masked(self) -> dict[str, Any]: ...


class Options(BaseModel):
    """What a product needs to know besides address and key; it stands behind the `?` of its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Place:
    """Where a product stands: its address without scheme prefix and options (`https://host/path`), its key, its options."""

    address: str
    key: str
    options: Any


class Connection(Protocol):
    """A product, connected: one use of the network, closed when the call ends."""

    def probe(self) -> Health: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Verb:
    """One thing that a product can do. `personal`: the values of the vault that it needs, and no other is opened.

    `looks`: it reads whether the system knows the client, and changes nothing; what it finds is nobody's yet, so it is
    neither compared nor told of an erasure.
    `grants`: it hands over what was granted last, credit and prices; every other verb knows nothing of that, so that
    nobody has them before the journey says so.
    `perform` takes the connection and the request. `outcomes`: what else than `ok` and `fail` the step may end with.
    `is_there` reads whether the effect stands now, where the product can tell. `of_check`: a check of ours asks for it,
    which goes on with what was found (actions.learn); a journey cannot name it.
    """

    perform: Callable[[Any, Any], Answer]
    personal: tuple[str, ...] = ()
    outcomes: frozenset[str] = frozenset()
    is_there: Callable[[Any, Any], bool] | None = None
    grants: bool = False
    of_check: bool = False
    looks: bool = False


Fields = dict[str, Any]  # a record in our words: the names of customer.MIRRORED, what is absent left out


@dataclass(frozen=True)
class Mirror:
    """How a product's record of a customer is read back and mended, by the reference that it gave.

    `owns`: the fields of which this product is the master; a difference in them is ours to take over, in others theirs.
    `fetch` gives None for what is not there any more; `changes` the references of what changed there since; `covers`
    tells references of customers' records from those of others that the product's verbs give.
    """

    fetch: Callable[[Any, str], Fields | None]
    amend: Callable[[Any, str, Fields], None]
    changes: Callable[[Any, datetime], Iterable[str]] | None = None
    owns: frozenset[str] = frozenset()
    covers: Callable[[str], bool] = lambda _reference: True


class Forgetting(StrEnum):
    """What erasing a person means in a product."""

    ANONYMISES = "anonymises"  # the record stays, nothing in it names anybody
    BLOCKS = "blocks"  # it is kept by law, out of use
    CANNOT = "cannot"  # somebody must do it there by hand


@dataclass(frozen=True)
class Erasure:
    """What this product does when a person is erased, and why not more.

    `forget` takes the customer's reference there and our key of the person's case; it is repeatable, as all verbs are.
    """

    means: Forgetting
    remains: str  # one sentence in English (gettext): what stays there, and on which basis
    forget: Callable[[Any, str, str], None] | None = None  # none: a person is told to


@dataclass(frozen=True)
class Deal:
    """What sales know of a customer who said yes. Plain and personal values in our words; held for one action only.

    `customer` is the reference of the customer's record there, as verbs give it. `known` goes to the case: nothing in it
    is personal. `answers` are what sales wrote under the names of our questions.
    """

    customer: str
    company: Fields
    email: str
    contact_name: str = ""
    phone: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Upstream:
    """How a product says that a deal was won: `won` gives the references of those since then, `read` what is known.

    `read` gives None for a deal that is not won, or not there. `journey` is what it opens, from the address's options.
    """

    read: Callable[[Any, str], Deal | None]
    won: Callable[[Any, datetime], Iterable[str]]
    journey: Callable[[Any], str]


@dataclass(frozen=True)
class Product:
    """A system that can play a role. `scheme` names it in an address: `tryton` of `tryton+https://host/database`.

    The plain dialect has an empty scheme. `gather` builds the request of a verb; none: the `Customer` of the case.
    `judge`: what an answer means that comes later, by verb and the key of the case; it raises Rejected.
    `enter` makes an address at which the customer of this reference comes in signed in, once and for a moment.
    """

    role: str
    scheme: str
    name: str
    connect: Callable[[Place, httpx.BaseTransport | None], Connection]
    verbs: Mapping[str, Verb]
    stand_in: Callable[[Store, Mode], httpx.BaseTransport]
    options: type[Options] = Options
    gather: Callable[..., Request] | None = None
    mirror: Mirror | None = None
    erasure: Erasure | None = None
    upstream: Upstream | None = None
    enter: Callable[[Place, str, datetime], str] | None = None
    modes: tuple[str, ...] = MODES
    judge: Callable[[str, dict[str, Any], str], Answer] | None = None


@dataclass(frozen=True)
class Capability:
    """A verb of a role: whose it is, how the request is gathered for a case, how it is performed and probed.

    Journeys may name it, unless it is `of_check`.
    """

    peer: str
    gather: Callable[..., Request]
    perform: Callable[[Any], Answer]
    probe: Callable[[], Health]
    outcomes: frozenset[str] = frozenset()
    of_check: bool = False
    looks: bool = False
