"""BottleCRM (the package django-crm 1.35) over its REST interface: accounts, contacts, leads and deals, made once.

Our case's reference stands in a custom field of each record; nothing there is unique but an account's name and a
contact's e-mail. So an account is looked for by our key, by the number that was given to it before, by fiscal code, and
never by name: a company of the same name is a person's decision. Its manners: a custom field that is not defined is
dropped in silence, so definitions are looked at before the first record; a failure in what it does after saving
answers 500 though the record stands, so every error is followed by a reading; a wrong key answers 403.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from pridvor.connectors.contract import (
    Answer,
    Deal,
    Erasure,
    Fields,
    Forgetting,
    Ground,
    Health,
    Mirror,
    Options,
    Place,
    Product,
    Rejected,
    Uncertain,
    Upstream,
    Verb,
    probed,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.products.wire import Wire
from pridvor.connectors.stand_ins.bottlecrm import Crm
from pridvor.connectors.web import json_of

Record = dict[str, Any]

ACCOUNTS, CONTACTS, LEADS, DEALS, TASKS = "accounts", "contacts", "leads", "opportunities", "tasks"
KINDS = {ACCOUNTS: "Account", CONTACTS: "Contact", LEADS: "Lead"}  # what it calls them in definitions
PERSONAL = ("email", "phone", "contact_name")
MIRRORED = {  # our word for a field: theirs
    "name": "name",
    "street": "address_line",
    "city": "city",
    "postal_code": "postcode",
    "country": "country",
    "email": "email",
    "phone": "phone",
}
ERASED = "Erased"
BACKDATED = timedelta(days=60)


class Named(Options):
    """The custom fields that hold our key, the fiscal code and how far onboarding is; when sales follow up, and when an
    unfinished registration becomes a prospect (hours; 0: never); the journey that a deal won opens (empty: none).
    """

    key_field: str = "pridvor_key"
    vat_field: str = "vat_number"
    state_field: str = "onboarding_state"
    follow_up_hours: int = 24
    prospect_after: int = 24
    journey: str = ""


class BottleCRM:
    """A connection to one organisation of a BottleCRM, whose personal access token the key is."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self.names: Named = place.options
        self._knows_our_fields = False
        self._wire = Wire(f"{place.address}/api", {"Authorization": f"Bearer {place.key}"}, transport)

    def close(self) -> None:
        self._wire.close()

    def probe(self) -> Health:
        return probed("crm", self._require_fields)

    # -- the customer

    def create_account(self, customer: Customer) -> Answer:
        """The account with its contact: found by our key, linked by fiscal code, or created. Ends the prospect."""
        found = self._account(customer)
        account = found.record or self._make(ACCOUNTS, self._account_body(customer), customer)
        if not account["is_active"]:
            self._change(ACCOUNTS, account["id"], {"is_active": True}, customer)
        if customer.email:
            self._link(customer, account["id"])
        self._end_prospect(customer)
        return _answer(ACCOUNTS, account, found.how, found.by)

    def close_account(self, customer: Customer) -> Answer:
        """The account out of use: what was written about it stays."""
        account = self._account(customer).record
        if account is None:
            return Answer(customer.key, "gone")
        if account["is_active"]:
            self._change(ACCOUNTS, account["id"], {"is_active": False, **self._state("closed")}, customer)
        return _answer(ACCOUNTS, account, "found")

    def has_account(self, customer: Customer) -> bool:
        account = self._account(customer).record
        return bool(account and account["is_active"])

    def activate(self, customer: Customer) -> Answer:
        """The account marked as a customer that is live; the deal of this case, if there is one, won."""
        account = self._required(customer)
        if account["custom_fields"].get(self.names.state_field) != "active":
            self._change(ACCOUNTS, account["id"], {"is_active": True, **self._state("active")}, customer)
        deal = self._deal(customer)
        if deal:
            self._win(deal, customer)
        return _answer(ACCOUNTS, account, "found")

    def win_deal(self, customer: Customer) -> Answer:
        """The deal of this case won; which of several deals a case belongs to is sales' to say."""
        deal = self._deal(customer)
        if deal is None:
            raise Rejected("no-deal", f"no deal carries {customer.key}")
        self._win(deal, customer)
        return _answer(DEALS, deal, "found")

    # -- people

    def check_contact(self, customer: Customer) -> Answer:
        """Whether the company is known, and the person who applies as somebody of it. Changes nothing.

        unknown: no account of this company; unlinked: an account, and the person is not one of its contacts.
        """
        account = self._account(customer)
        contact = self._contact(customer)
        number = account.record["id"] if account.record else ""
        is_linked = bool(contact and number in _linked(contact))
        outcome = "unknown" if not number else "linked" if is_linked else "unlinked"
        seen = {"account": number, "contact": (contact or {}).get("id", "")}
        reference = f"{ACCOUNTS}/{number}" if number else ""
        return Answer(reference, "found", seen, outcome, by=account.by)

    def link_contact(self, customer: Customer) -> Answer:
        """The person made a contact of the company's account."""
        account = self._required(customer)
        self._link(customer, account["id"])
        return _answer(ACCOUNTS, account, "linked")

    # -- prospects

    def create_prospect(self, customer: Customer) -> Answer:
        """A lead for a registration that was begun and not finished, with a task to follow it up."""
        known = self._by_key(LEADS, customer.key)
        lead = known or self._make(LEADS, self._lead_body(customer), customer, self._lead_of_address)
        self._follow_up(customer, lead["id"])
        return _answer(LEADS, lead, "found" if known else "created")

    def close_prospect(self, customer: Customer) -> Answer:
        """The lead closed, because the registration was finished or will not be."""
        lead = self._end_prospect(customer)
        return _answer(LEADS, lead, "found") if lead else Answer(customer.key, "gone")

    # -- what both sides hold

    def fetch(self, reference: str) -> Fields | None:
        record = self._wire.read(f"{reference}/")
        if record is None or not reference.startswith(f"{ACCOUNTS}/"):
            return None
        account = record["account_obj"]
        fields = {ours: account.get(theirs) for ours, theirs in MIRRORED.items()}
        fields["vat"] = account["custom_fields"].get(self.names.vat_field)
        return {name: value for name, value in fields.items() if value}

    def amend(self, reference: str, fields: Fields) -> None:
        body: Record = {MIRRORED[name]: value for name, value in fields.items() if name in MIRRORED}
        if "vat" in fields:
            body["custom_fields"] = {self.names.vat_field: fields["vat"]}
        kind, _slash, number = reference.partition("/")
        self._change(kind, number, body, None)

    def forget(self, _reference: str, key: str) -> None:
        """Whom this case put there, as contact or as prospect, is nobody any more; the company stays."""
        contacts = self._list(CONTACTS, self.names.key_field, key)
        for lead in self._list(LEADS, self.names.key_field, key):
            if lead["first_name"] != ERASED:
                gone = {"first_name": ERASED, "last_name": ERASED, "email": None, "phone": None}
                self._change(
                    LEADS, lead["id"], {**gone, "title": f"Onboarding {key}", "status": "closed"}, None
                )
        nobody = {"first_name": ERASED, "last_name": ERASED, "email": None, "phone": None, "is_active": False}
        for contact in contacts:
            if contact["first_name"] != ERASED:
                self._change(CONTACTS, contact["id"], nobody, None)

    # -- upstream

    def read_deal(self, reference: str) -> Deal | None:
        """What sales know of a deal that is won, its company and the first of its people with an address."""
        found = self._wire.read(f"{reference}/") if reference.startswith(f"{DEALS}/") else None
        deal = found["opportunity_obj"] if found else {}
        if not deal or deal["stage_kind"] != "won" or not deal["account"]:
            return None
        customer = f"{ACCOUNTS}/{deal['account']['id']}"
        company = self.fetch(customer) or {}
        people = [*deal["contacts"], *self._wire.read(f"{customer}/")["account_obj"].get("contacts", ())]
        person: Record = next((each for each in people if each.get("email")), {})
        names = (person.get("first_name"), person.get("last_name"))
        return Deal(
            customer=customer,
            company=company,
            email=str(person.get("email") or ""),
            contact_name=" ".join(filter(None, names)),
            phone=str(person.get("phone") or company.get("phone") or ""),
            known=_promised(deal),
            answers={name: str(value) for name, value in deal["custom_fields"].items() if value},
        )

    def won_since(self, since: datetime) -> list[str]:
        """Deals that came to a stage which means won; the day on which one was closed may be written later."""
        closed = (since - BACKDATED).date().isoformat()
        page = self._wire.read("opportunities/", limit=200, closed_on__gte=closed)
        won = (deal for deal in page["opportunities"] if deal["stage_kind"] == "won")
        return [f"{DEALS}/{deal['id']}" for deal in won if _changed(deal) >= since]

    # -- looking

    def _account(self, customer: Customer) -> "_Found":
        """By our key, by the number it was given before, by fiscal code. Several, or one out of use: a person's."""
        if own := self._by_key(ACCOUNTS, customer.key):
            return _Found(own, "found", Ground.OWN_KEY)
        known = customer.known.get("crm", "")
        if known.startswith(f"{ACCOUNTS}/") and (there := self._wire.read(f"{known}/")):
            return _Found(there["account_obj"], "linked", Ground.GIVEN_NUMBER)
        forms = customer.identifiers()
        same = {
            each["id"]: each for form in forms for each in self._list(ACCOUNTS, self.names.vat_field, form)
        }
        if len(same) > 1:
            raise Rejected("several-accounts", f"{len(same)} accounts have the fiscal code {forms[0]}")
        for account in same.values():
            if not account["is_active"]:
                raise Rejected("archived-account", "the account with this fiscal code is out of use")
            return _Found(account, "linked", Ground.FISCAL_CODE)
        return _Found(None, "created", Ground.NO_MATCH)

    def _required(self, customer: Customer) -> Record:
        account = self._account(customer).record
        if account is None:
            raise Rejected("no-account", "the CRM has no account of this company")
        return account

    def _contact(self, customer: Customer) -> Record | None:
        """The contact with exactly this address; its filter finds all that contain it."""
        if not customer.email:
            return None
        found = self._wire.read("contacts/", email=customer.email)["results"]
        return next((each for each in found if _same(each["email"], customer.email)), None)

    def _deal(self, customer: Customer) -> Record | None:
        known = customer.known.get("crm", "")
        if known.startswith(f"{DEALS}/") and (there := self._wire.read(f"{known}/")):
            deal: Record = there["opportunity_obj"]
            return deal
        return self._by_key(DEALS, customer.key)

    def _lead_of_address(self, customer: Customer) -> Record | None:
        """The lead with exactly this address: its addresses are unique, so somebody is at it already."""
        found = PAGES[LEADS](self._wire.read("leads/", email=customer.email)) if customer.email else []
        return next((each for each in found if _same(each["email"], customer.email)), None)

    def _by_key(self, kind: str, key: str) -> Record | None:
        return next(iter(self._list(kind, self.names.key_field, key)), None)

    def _list(self, kind: str, field: str, value: str) -> list[Record]:
        """The records of a kind whose custom field has this value, used or not."""
        page = self._wire.read(f"{kind}/", **{f"cf_{field}": value})
        found = PAGES[kind](page)
        return [each for each in found if each["custom_fields"].get(field) == value]

    def _require_fields(self) -> None:
        """Without the definition of our key's field a record would be kept without it, and made again each time."""
        if self._knows_our_fields:
            return
        known = {
            (each["target_model"], each["key"])
            for each in self._wire.read("custom-fields/")["definitions"]
            if each["is_active"]
        }
        lacking = [name for name in KINDS.values() if (name, self.names.key_field) not in known]
        if lacking:
            raise Rejected("no-key-field", f"{', '.join(lacking)}: no custom field {self.names.key_field}")
        self._knows_our_fields = True

    # -- making

    def _make(
        self,
        kind: str,
        body: Record,
        customer: Customer,
        otherwise: Callable[[Customer], Record | None] = lambda _customer: None,
    ) -> Record:
        """A record with our key. An error does not mean that nothing happened, so it is looked for again."""
        self._require_fields()
        response = self._wire.send("POST", f"{kind}/", body)
        said = json_of(response)
        if response.status_code == 200 and isinstance(said, dict) and said.get("id"):
            return {"is_active": True, **body, "id": said["id"]}
        there = self._by_key(kind, customer.key)
        if there is None and response.status_code == 400:
            there = otherwise(customer)
        if there is None:
            raise _meaning(response, customer)
        return there

    def _change(self, kind: str, number: str, body: Record, customer: Customer | None) -> None:
        response = self._wire.send("PATCH", f"{kind}/{number}/", body)
        if response.status_code != 200:
            raise _meaning(response, customer)

    def _link(self, customer: Customer, account: str) -> None:
        """Made, or linked when nobody else has the person; who belongs to another company is a person's decision."""
        contact = self._contact(customer)
        if contact is None:
            self._make(CONTACTS, self._contact_body(customer, account), customer, self._contact)
        elif account not in _linked(contact):
            if _linked(contact):
                raise Rejected("contact-of-another", "this person is a contact of another account")
            self._change(CONTACTS, contact["id"], {"account": account}, customer)

    def _win(self, deal: Record, customer: Customer) -> None:
        if deal["stage_kind"] == "won":
            return
        pipelines = self._wire.read("opportunities/pipelines/")["pipelines"]
        stages = next(each["stages"] for each in pipelines if each["id"] == deal["pipeline"])
        won = next((each["code"] for each in stages if each["kind"] == "won"), None)
        if won is None:
            raise Rejected("no-won-stage", "the deal's pipeline has no stage that means won")
        self._change(DEALS, deal["id"], {"stage": won, "closed_on": _today(customer).isoformat()}, customer)

    def _follow_up(self, customer: Customer, lead: str) -> None:
        title = f"Follow up {customer.key}"
        if any(each["title"] == title for each in self._wire.read("tasks/", title=title)["tasks"]):
            return
        due = _today(customer) + timedelta(days=-(-self.names.follow_up_hours // 24))
        body = {
            "title": title,
            "status": "New",
            "priority": "High",
            "due_date": due.isoformat(),
            "lead": lead,
        }
        response = self._wire.send("POST", "tasks/", body)
        if response.status_code != 200:
            raise _meaning(response, customer)

    def _end_prospect(self, customer: Customer) -> Record | None:
        lead = self._by_key(LEADS, customer.key)
        if lead is None or lead["status"] == "closed":
            return lead
        self._change(LEADS, lead["id"], {"status": "closed"}, customer)
        title = f"Follow up {customer.key}"
        for task in self._wire.read("tasks/", title=title)["tasks"]:
            if task["title"] == title and task["status"] != "Completed":
                self._change(TASKS, task["id"], {"status": "Completed"}, customer)
        return lead

    # -- bodies

    def _state(self, state: str) -> Record:
        return {"custom_fields": {self.names.state_field: state}}

    def _account_body(self, customer: Customer) -> Record:
        marks = {
            self.names.key_field: customer.key,
            self.names.vat_field: customer.vat or customer.cui,
            self.names.state_field: "onboarding",
        }
        return {
            "name": customer.name,
            **_present(address_line=customer.street, city=customer.city, postcode=customer.postal_code),
            **_present(state=customer.county, country=customer.country),
            **_present(email=customer.email, phone=customer.phone),
            "custom_fields": {name: value for name, value in marks.items() if value},
        }

    def _contact_body(self, customer: Customer, account: str) -> Record:
        return {
            **_name(customer),
            **_present(email=customer.email, phone=customer.phone),
            "account": account,
            "custom_fields": {self.names.key_field: customer.key},
        }

    def _lead_body(self, customer: Customer) -> Record:
        return {
            "title": f"Onboarding {customer.key}",
            **_name(customer),
            **_present(email=customer.email, phone=customer.phone, company_name=customer.name),
            "status": "assigned",
            "custom_fields": {self.names.key_field: customer.key},
        }


@dataclass(frozen=True)
class _Found:
    record: Record | None
    how: str
    by: Ground


PAGES: dict[str, Callable[[Record], list[Record]]] = {  # where the records stand in a list of each kind
    ACCOUNTS: lambda page: [
        *page["active_accounts"]["open_accounts"],
        *page["closed_accounts"]["close_accounts"],
    ],
    CONTACTS: lambda page: page["results"],
    LEADS: lambda page: [*page["open_leads"]["open_leads"], *page["close_leads"]["close_leads"]],
    DEALS: lambda page: page["opportunities"],
}


def _meaning(response: httpx.Response, customer: Customer | None) -> Rejected | Uncertain:
    """What an error means once reading has shown that the effect is not there (yet)."""
    said = json_of(response)
    if 400 <= response.status_code < 500 and isinstance(said, dict):
        words = str(said.get("errors") or said.get("detail") or said)
        taken = "already exists with this name" in words
        return Rejected("name-taken" if taken else "crm-refused", customer.scrub(words) if customer else "")
    return Uncertain(f"http-{response.status_code}", "an error answer, and no such record so far")


def _answer(kind: str, record: Record, how: str, ground: Ground | None = None) -> Answer:
    return Answer(f"{kind}/{record['id']}", how, {"id": record["id"], "how": how}, by=ground)


def _promised(deal: Record) -> dict[str, Any]:
    """What was sold and promised, as values that a journey may declare under `knows:`."""
    products = [line.get("name") or line.get("product_name") for line in deal.get("line_items") or ()]
    said = {
        "deal_name": deal["name"],
        "deal_amount": deal.get("amount"),
        "deal_currency": deal.get("currency"),
        "deal_products": ", ".join(filter(None, products)),
        "deal_until": deal.get("closed_on"),
    }
    return {name: str(value) for name, value in said.items() if value}


def _changed(deal: Record) -> datetime:
    said = deal.get("stage_changed_at")
    return datetime.fromisoformat(said) if said else datetime.max.replace(tzinfo=UTC)


def _linked(contact: Record) -> set[str]:
    accounts: Iterable[Record] = contact.get("linked_accounts") or ()
    return {contact["account"], *(each["id"] for each in accounts)} - {None}


def _name(customer: Customer) -> Record:
    """First and last name, which it wants both; a person whose name nobody asked is «contact» of the company."""
    first, _space, last = customer.contact_name.strip().rpartition(" ")
    return {"first_name": first or last or "Contact", "last_name": last if first else customer.name}


def _present(**values: str) -> Record:
    return {name: value for name, value in values.items() if value}


def _same(one: str | None, other: str) -> bool:
    return bool(one) and str(one).casefold() == other.casefold()


def _today(customer: Customer) -> date:
    return customer.on


PRODUCT = Product(
    role="crm",
    scheme="bottlecrm",
    name="BottleCRM",
    connect=BottleCRM,
    verbs={
        "create_account": Verb(BottleCRM.create_account, personal=PERSONAL, is_there=BottleCRM.has_account),
        "close_account": Verb(BottleCRM.close_account),
        "activate": Verb(BottleCRM.activate),
        "create_prospect": Verb(BottleCRM.create_prospect, personal=PERSONAL),
        "close_prospect": Verb(BottleCRM.close_prospect),
        "check_contact": Verb(
            BottleCRM.check_contact,
            personal=("email",),
            outcomes=frozenset({"linked", "unlinked", "unknown"}),
            looks=True,
        ),
        "link_contact": Verb(BottleCRM.link_contact, personal=PERSONAL),
        "win_deal": Verb(BottleCRM.win_deal),
    },
    stand_in=Crm,
    options=Named,
    upstream=Upstream(BottleCRM.read_deal, BottleCRM.won_since, lambda options: options.journey),
    mirror=Mirror(
        BottleCRM.fetch,
        BottleCRM.amend,
        owns=frozenset({"email", "phone"}),
        covers=lambda reference: reference.startswith(f"{ACCOUNTS}/"),
    ),
    erasure=Erasure(
        Forgetting.ANONYMISES,
        "The company's account stays: it names no person.",
        BottleCRM.forget,
    ),
)
"""Its address: `bottlecrm+https://crm.example.com`, its key a personal access token of a user who may see all accounts."""
