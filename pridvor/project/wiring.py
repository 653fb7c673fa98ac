"""THE table: when something happens in one room, which action of another room follows.

Lower rooms cannot import higher ones; they write events, and a job calls what stands here. A reaction may run twice
(its worker can die), so each is idempotent. `pridvor wiring` prints this table as a diagram.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pridvor.cases import store
from pridvor.cases.models import Event

Reaction = Callable[..., None]


@dataclass(frozen=True)
class Wire:
    """`when` is an event's kind, with the step's kind behind a colon where only that one is meant."""

    when: str
    name: str
    then: Reaction


WIRES: list[Wire] = []


def connect() -> None:
    """Tell the engine's store which events anybody reacts to. Called once when Django is ready."""
    store.HEARD.clear()
    for wire in WIRES:
        store.HEARD[wire.when] = (*store.HEARD.get(wire.when, ()), wire.name)


def react(event: Event, name: str, *, now: datetime) -> None:
    """This will run one reaction to one event."""
    for wire in WIRES:
        if wire.name == name:
            wire.then(event, now=now)
            return
    raise LookupError(f"no reaction is called {name}")
