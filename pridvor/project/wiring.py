"""THE table: when something happens in one room, which action of another room follows.

Lower rooms cannot import higher ones; they write events, and a job calls what stands here. A reaction may run twice
(its worker can die), so each is idempotent. `pridvor wiring` prints this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pridvor.accounts.models import Role
from pridvor.cases import children, objections, store, vouching, work
from pridvor.cases import queries as cases
from pridvor.cases import shredding as of_cases
from pridvor.cases.models import Event
from pridvor.cases.rights import TECHNICAL
from pridvor.checks import actions as checks
from pridvor.checks import rescreening, screening
from pridvor.checks.messages import MESSAGES as OF_CHECKS
from pridvor.checks.rules import RULES
from pridvor.clients import shredding as of_clients
from pridvor.connectors import actions as connectors
from pridvor.connectors import forgetting, knocking, later, listening, secret_store, suites, webhooks
from pridvor.connectors.table import CAPABILITIES
from pridvor.connectors.watchlist import CAPABILITY
from pridvor.documents import agreements, seals
from pridvor.documents import shredding as of_documents
from pridvor.documents.messages import MESSAGES as OF_DOCUMENTS
from pridvor.journeys import vocabulary
from pridvor.journeys.vocabulary import Vocabulary
from pridvor.notifications import actions as notifications
from pridvor.notifications import machine_letters, notices, wording
from pridvor.notifications import queries as letters
from pridvor.notifications import shredding as of_notifications
from pridvor.privacy import erasing, record
from pridvor.privacy import requests as of_privacy
from pridvor.project import data_map, timestamps
from pridvor.sla import books

Reaction = Callable[..., Any]

VOCABULARY = Vocabulary(
    rules=frozenset(RULES),
    capabilities={name: row.outcomes for name, row in CAPABILITIES.items() if not row.of_check},
    templates=letters.templates(),
    roles=frozenset({*Role.values, "client", TECHNICAL}),
)


@dataclass(frozen=True)
class Wire:
    """`when` is an event's kind, with the step's kind behind a colon where only that one is meant."""

    when: str
    then: Reaction
    at_once: bool = False  # nothing outside comes of it, so it need not wait until a decision is past undoing
    first: bool = False  # it brings the case on, so its job goes before others

    @property
    def name(self) -> str:
        """What the job is told to run: `checks.run`, say."""
        return f"{self.then.__module__.split('.')[1]}.{self.then.__name__}"


WIRES = [
    Wire("clock.turned", books.follow, at_once=True),
    Wire("case.ended", books.follow, at_once=True),
    *(Wire(f"step.opened:{kind}", books.follow, at_once=True) for kind in books.TIMED),
    Wire("stage.opened", work.give, at_once=True),
    Wire("stage.done", work.finish, at_once=True),
    Wire("case.ended", work.finish, at_once=True),
    Wire("reminder.due", notifications.tell),
    *(Wire(kind, notices.notice) for kind in notices.KINDS),
    Wire("join.asked", notifications.tell_of_joining),
    Wire("join.approved", notifications.tell_of_joining),
    Wire("join.refused", notifications.tell_of_joining),
    Wire("member.invited", notifications.tell_of_colleague),
    Wire("step.delegated", notifications.tell_of_colleague),
    Wire("support.looked", notifications.tell_of_support),
    Wire("step.opened:approve", notifications.tell_of_approval),
    Wire("approver.named", notifications.tell_of_approval),
    Wire("step.opened:vouch", vouching.ask),
    Wire("vouch.asked", notifications.tell_of_vouching),
    Wire("step.opened:sign", agreements.prepare),
    Wire("contract.set", notifications.tell_of_signing),
    Wire("contract.signed", notifications.tell_of_signing),
    Wire("contract.sealed", notifications.tell_of_signing),
    Wire("step.opened:check", checks.run, first=True),
    Wire("document.read", checks.go_on, first=True),
    Wire("document.refused", checks.go_on, first=True),
    Wire("screening.made", checks.go_on, first=True),
    Wire("screening.failed", checks.go_on, first=True),
    Wire("screening.asked", rescreening.asked),
    Wire("step.opened:connect", connectors.send, first=True),
    Wire("stage.done", secret_store.release),
    Wire("case.ended", secret_store.release),
    Wire("suites.asked", suites.run_asked),
    Wire("call.undo", connectors.take_back),
    Wire("step.opened:notify", notifications.send_step),
    Wire("case.invited", notifications.tell),
    Wire("milestone.reached", notifications.tell),
    Wire("loop.taken", notifications.tell),
    Wire("step.opened:survey", notifications.tell),
    Wire("call.delayed", notifications.tell),
    *(Wire(kind, webhooks.tell) for kind in webhooks.KINDS),
    Wire("step.opened:journey", children.begin, at_once=True),
    Wire("step.cancelled:journey", children.abandon, at_once=True),
    Wire("case.ended", children.report, at_once=True),
]


SHREDDERS: dict[
    str, erasing.Shredder
] = {  # what each room removes of a person who is erased, besides their key
    "cases": of_cases.shred,
    "documents": of_documents.shred,
    "notifications": of_notifications.shred,
    "privacy": of_privacy.shred,
    "connectors": forgetting.shred,
    "clients": of_clients.shred,
}


def connect() -> None:
    """Tell the engine's store which events anybody reacts to, and the mails what findings mean. Called once."""
    vocabulary.learn(VOCABULARY)
    erasing.learn(SHREDDERS)
    seals.learn(timestamps.ask)
    connectors.learn({CAPABILITY: screening.came})
    objections.learn([screening.objection])
    knocking.learn(listening.LISTENERS, later.listener)
    webhooks.learn(machine_letters.of_ended_hook)
    record.learn(data_map.TABLES)
    wording.learn({**OF_DOCUMENTS, **OF_CHECKS})
    store.ASKED = {"connectors.tell": webhooks.ASKED}
    store.HEARD.clear()
    store.AT_ONCE = {wire.name for wire in WIRES if wire.at_once}
    store.FIRST = {wire.name for wire in WIRES if wire.first}
    for wire in WIRES:
        store.HEARD[wire.when] = (*store.HEARD.get(wire.when, ()), wire.name)


def react(event: Event, name: str, *, now: datetime) -> None:
    """This will run one reaction to one event; of a decision that was taken back, nothing follows any more."""
    for wire in WIRES:
        if wire.name == name:
            if wire.at_once or not cases.is_undone(event):
                wire.then(event, now=now)
            return
    raise LookupError(f"no reaction is called {name}")
