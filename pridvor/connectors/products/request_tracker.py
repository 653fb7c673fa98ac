"""Request Tracker 5 over its REST interface (REST2): a ticket of technical onboarding for each case, opened once.

Nothing in Request Tracker is unique, so our case's reference stands in a custom field of the queue, and a ticket is
looked for before it is opened. Its manners: a search by a custom field that the queue does not have finds nothing and
says so politely, so the queue's fields are looked at first; an update that it refuses answers 200 with words, so what
was changed is read again; it needs about half a second for everything.
"""

import hashlib
from typing import Any

import httpx

from pridvor.connectors.contract import (
    Answer,
    Erasure,
    Forgetting,
    Health,
    Options,
    Place,
    Product,
    Rejected,
    Uncertain,
    Verb,
    probed,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.products.wire import Wire
from pridvor.connectors.stand_ins.request_tracker import Tracker
from pridvor.connectors.web import json_of

Record = dict[str, Any]

GONE = ("resolved", "rejected", "deleted")  # the statuses of a ticket on which nobody works any more


class Kept(Options):
    """Which queue tickets go to, the custom field that holds our key, and the status of a ticket that is done."""

    queue: str = "Onboarding"
    key_field: str = "CaseRef"
    done: str = "resolved"
    again: str = "open"
    says: str = "plan"  # which values of the case are written into tickets, by name, with commas between


class RequestTracker:
    """A connection to one Request Tracker, as a user whose token the key is."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self.options: Kept = place.options
        headers = {"Authorization": f"token {place.key}"}
        self._wire = Wire(f"{place.address}/REST/2.0", headers, transport, not_ours=frozenset({401}))

    def close(self) -> None:
        self._wire.close()

    def probe(self) -> Health:
        return probed("tickets", self._require_field)

    # -- verbs

    def open_ticket(self, customer: Customer) -> Answer:
        """The ticket of this case: found by our key and open, or opened."""
        self._require_field()
        ticket = self._ticket(customer)
        if ticket is None:
            return self._open(customer)
        if ticket["Status"] in GONE:
            self._move(ticket, self.options.again)
        return _answer(ticket, "found")

    def close_ticket(self, customer: Customer) -> Answer:
        ticket = self._ticket(customer)
        if ticket is None:
            return Answer(customer.key, "gone")
        if ticket["Status"] not in GONE:
            self._move(ticket, self.options.done)
        return _answer(ticket, "found")

    def has_ticket(self, customer: Customer) -> bool:
        ticket = self._ticket(customer)
        return bool(ticket and ticket["Status"] not in GONE)

    def comment(self, customer: Customer) -> Answer:
        """What is known of the case now, as a comment on its ticket; the same words are not said twice."""
        ticket = self._ticket(customer)
        if ticket is None:
            raise Rejected("no-ticket", f"no ticket carries {customer.key}")
        words = self._words(customer)
        mark = f"{customer.key} {hashlib.sha256(words.encode()).hexdigest()[:8]}"
        if not self._said(ticket, mark):
            body = {"Subject": mark, "Content": words, "ContentType": "text/plain"}
            response = self._wire.send("POST", f"ticket/{ticket['id']}/comment", body)
            if response.status_code != 201 and not self._said(ticket, mark):
                raise _meaning(response, customer)
        return _answer(ticket, "found")

    def forget(self, reference: str, _key: str = "") -> None:
        """Who asked for this ticket is nobody any more. Users with rights there are staff, and stay."""
        ticket = self._wire.read(f"ticket/{reference}")
        for person in (ticket or {}).get("Requestor", ()):
            user = self._wire.read(f"user/{person['id']}")
            if user and not user["Privileged"] and user.get("EmailAddress"):
                nobody = {"EmailAddress": "", "RealName": "", "Name": f"erased-{user['id']}"}
                self._wire.send("PUT", f"user/{user['id']}", nobody)
                if (self._wire.read(f"user/{user['id']}") or {}).get("EmailAddress"):
                    raise Rejected("not-erased", "the user is as before; may the key administer users?")

    # -- how

    def _require_field(self) -> None:
        queue = self._wire.read(f"queue/{self.options.queue}")
        if queue is None:
            raise Rejected("no-queue", f"there is no queue {self.options.queue}, or the key may not see it")
        if self.options.key_field not in {each["name"] for each in queue["TicketCustomFields"]}:
            raise Rejected(
                "no-key-field", f"the queue's tickets have no custom field {self.options.key_field}"
            )

    def _ticket(self, customer: Customer) -> Record | None:
        """The oldest with our key, should there be two."""
        asked = f"Queue = '{self.options.queue}' AND CF.{{{self.options.key_field}}} = '{customer.key}'"
        found = self._wire.read("tickets", query=asked, fields="Status", orderby="id")["items"]
        return found[0] if found else None

    def _open(self, customer: Customer) -> Answer:
        body = {
            "Queue": self.options.queue,
            "Subject": " ".join(filter(None, (customer.key, _company(customer)))),
            "Content": self._words(customer),
            "ContentType": "text/plain",
            "CustomFields": {self.options.key_field: customer.key},
        }
        if customer.email:
            body["Requestor"] = customer.email
        response = self._wire.send("POST", "ticket", body)
        made = json_of(response)
        if response.status_code == 201 and isinstance(made, dict):
            return _answer(made, "created")
        if ticket := self._ticket(customer):  # an error does not mean that nothing happened
            return _answer(ticket, "created")
        raise _meaning(response, customer)

    def _move(self, ticket: Record, status: str) -> None:
        response = self._wire.send("PUT", f"ticket/{ticket['id']}", {"Status": status})
        if self._wire.read(f"ticket/{ticket['id']}")["Status"] != status:
            raise Rejected("tickets-refused", str(json_of(response))[:300])

    def _words(self, customer: Customer) -> str:
        """The company, and of its case what the options name. Nothing personal: tickets are read by many."""
        known = {"case": customer.key, "company": _company(customer), "journey": customer.journey}
        told = {name: customer.plain.get(name) for name in self.options.says.split(",")}
        return "\n".join(f"{name}: {value}" for name, value in {**known, **told}.items() if value)

    def _said(self, ticket: Record, mark: str) -> bool:
        lines = self._wire.read(f"ticket/{ticket['id']}/history", fields="Type,Data", per_page=100)["items"]
        return any(line["Type"] == "Comment" and str(line.get("Data", "")).strip() == mark for line in lines)


def _company(customer: Customer) -> str:
    return "" if customer.is_person else customer.name


def _meaning(response: httpx.Response, customer: Customer) -> Rejected | Uncertain:
    """What an error means once reading has shown that the effect is not there (yet)."""
    said = json_of(response)
    if 400 <= response.status_code < 500 and isinstance(said, dict):
        return Rejected("tickets-refused", customer.scrub(str(said.get("message", ""))))
    return Uncertain(f"http-{response.status_code}", "an error answer, and no such ticket so far")


def _answer(ticket: Record, how: str) -> Answer:
    return Answer(str(ticket["id"]), how, {"ticket": str(ticket["id"]), "how": how})


PRODUCT = Product(
    role="tickets",
    scheme="rt",
    name="Request Tracker",
    connect=RequestTracker,
    verbs={
        "open_ticket": Verb(
            RequestTracker.open_ticket, personal=("email",), is_there=RequestTracker.has_ticket
        ),
        "close_ticket": Verb(RequestTracker.close_ticket),
        "comment": Verb(RequestTracker.comment),
    },
    stand_in=Tracker,
    options=Kept,
    erasure=Erasure(
        Forgetting.ANONYMISES,
        "What was written in the ticket stays, as the record of the technical work.",
        RequestTracker.forget,
    ),
)
"""Its address: `rt+https://tickets.example.com?queue=Onboarding`, its key the token of a user of that queue."""
