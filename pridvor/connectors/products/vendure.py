"""Vendure 3 over its Admin API, with the plugin of integrations/vendure-pridvor: accounts in an e-shop, made once.

The customer's `externalRef` is unique in the shop and carries our case's reference, so six tries make one account. Every
answer of GraphQL is HTTP 200: failures stand inside, some as `errors`, some as typed results, and a unique field leaks
the database's own words; what happened is therefore read again. Nobody is mailed a password: the account gets one that
nobody knows, and its person comes in by the one-time entrance, or asks the shop for a new one.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext_noop

from pridvor.connectors import web
from pridvor.connectors.contract import (
    Answer,
    Erasure,
    Failed,
    Fields,
    Forgetting,
    Health,
    Mirror,
    Options,
    Place,
    Product,
    Rejected,
    Unavailable,
    Uncertain,
    Verb,
    probed,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.entrance import link
from pridvor.connectors.products import vendure_words as words
from pridvor.connectors.stand_ins.store import SANDBOX
from pridvor.connectors.stand_ins.vendure import Shop

STAND_IN_ENTRANCE = "/sandbox/shop/enter/"
HEADER = "vendure-api-key"
CLOSED = "~closed~"  # between a reference and the id of the account that had it
UNFORESEEN = (
    "INTERNAL_SERVER_ERROR",
    "",
)  # what Vendure calls whatever it did not foresee, unique fields included
Record = dict[str, Any]


class ShopOptions(Options):
    """`enter`: the address of the one-time entrance, where it is not `/pridvor/enter` beside the Admin API."""

    enter: str = ""


class Vendure:
    """A connection to one shop, with an API key whose role may read and write customers and price groups."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self._path = urlsplit(place.address).path or "/admin-api"
        self._http = web.client(
            place.address.removesuffix(urlsplit(place.address).path),
            {HEADER: place.key, "Apollo-Require-Preflight": "true"},
            transport,
        )

    def close(self) -> None:
        self._http.close()

    def probe(self) -> Health:
        """Whether the shop answers, takes our key, and has the plugin's fields."""
        return probed("shop", lambda: self._ask(words.PROBE))

    # -- verbs

    def create_account(self, customer: Customer) -> Answer:
        """The account of this customer: found by our reference or created; then its address, prices and terms."""
        known, how = self._find(customer.key), "found"
        if not known:
            known, how = self._create(customer)
        self._settle(known, customer)
        return _answer(customer.key, known, how)

    def set_prices(self, customer: Customer) -> Answer:
        """The price group and the payment days of an account that is there."""
        known = self._account(customer)
        self._settle(known, customer)
        return _answer(known["customFields"]["externalRef"], known, "linked")

    def close_account(self, customer: Customer) -> Answer:
        """The account is taken out of use. Its reference is given a mark first, so that it can be given anew."""
        known = self._find(customer.key)
        if known:
            self._mark_closed(known["id"], customer.key)
        for each in self._ask(words.CLOSED, ref=f"{customer.key}{CLOSED}")["customers"]["items"]:
            self._ask(words.DELETE, id=each["id"])
        return Answer(customer.key, "closed" if known else "gone")

    def is_open(self, customer: Customer) -> bool:
        return self._find(customer.key) is not None

    # -- mirror and erasure

    def fetch(self, reference: str) -> Fields | None:
        known = self._find(reference)
        if known is None:
            return None
        address = (known["addresses"] or [{}])[0]
        groups = [group["name"] for group in known["groups"] if _is_price_list(group)]
        found = {
            "name": address.get("company"),
            "street": address.get("streetLine1"),
            "city": address.get("city"),
            "postal_code": address.get("postalCode"),
            "country": (address.get("country") or {}).get("code"),
            "email": known["emailAddress"],
            "phone": known["phoneNumber"],
            "payment_days": known["customFields"]["paymentDays"],
            "price_group": groups[0] if groups else None,
        }
        return {name: value for name, value in found.items() if value not in (None, "")}

    def amend(self, reference: str, fields: Fields) -> None:
        known = self._find(reference)
        if known is None:
            raise Rejected("no-account", f"the shop has no account {reference}")
        own = {words.OF_CUSTOMER[name]: fields[name] for name in words.OF_CUSTOMER if name in fields}
        if "payment_days" in fields:
            own["customFields"] = {"paymentDays": fields["payment_days"]}
        if own:
            _made(self._ask(words.UPDATE, input={"id": known["id"], **own})["updateCustomer"])
        address = {words.OF_ADDRESS[name]: fields[name] for name in words.OF_ADDRESS if name in fields}
        if address and known["addresses"]:
            self._ask(words.UPDATE_ADDRESS, input={"id": known["addresses"][0]["id"], **address})
        if "price_group" in fields:
            self._price(known, str(fields["price_group"]))

    def changes(self, since: datetime) -> Iterable[str]:
        """The references of accounts that changed. An address alone is no change of its account: the hook tells those."""
        found = self._ask(words.CHANGED, since=since.isoformat())["customers"]["items"]
        return [
            each["customFields"]["externalRef"]
            for each in found
            if CLOSED not in each["customFields"]["externalRef"]
        ]

    def forget(self, reference: str, _key: str = "") -> None:
        """Nothing in the account names anybody afterwards, and it is closed. Orders stay."""
        known = self._find(reference)
        if known:
            for address in known["addresses"]:
                self._ask(words.DELETE_ADDRESS, id=address["id"])
            nobody = {"emailAddress": f"erased-{known['id']}@erased.invalid", "phoneNumber": ""}
            names = {"title": "", "firstName": "", "lastName": ""}
            _made(self._ask(words.UPDATE, input={"id": known["id"], **names, **nobody})["updateCustomer"])
        self.close_account(Customer(key=reference, name="", country=""))

    # -- looking

    def _find(self, reference: str) -> Record | None:
        found = self._ask(words.FIND, ref=reference)["customers"]["items"]
        return found[0] if found else None

    def _account(self, customer: Customer) -> Record:
        """The account of this case, or the one that an earlier case of the client's was given."""
        for reference in (customer.key, customer.known.get("shop", "")):
            known = self._find(reference) if reference else None
            if known:
                return known
        raise Rejected("no-account", "the shop has no account of this customer")

    def _group(self, name: str) -> str:
        groups = self._ask(words.GROUPS, name=name)["customerGroups"]["items"]
        fitting = [group["id"] for group in groups if _is_price_list(group)]
        if not fitting:
            raise Rejected("no-price-group", f"the shop has no price list named {name}")
        return str(fitting[0])

    # -- making

    def _create(self, customer: Customer) -> tuple[Record, str]:
        if not customer.email:
            raise Rejected("no-email", "an account in the shop needs an e-mail address")
        first, _space, last = customer.contact_name.partition(" ")
        wanted = {
            "firstName": first,
            "lastName": last or ("" if first else customer.name),
            "emailAddress": customer.email,
            "phoneNumber": customer.phone,
            "customFields": {"externalRef": customer.key},
        }
        try:
            made = self._ask(words.CREATE, input=wanted, password=secrets.token_urlsafe(32))["createCustomer"]
        except _Unclear as unclear:
            known = self._find(
                customer.key
            )  # somebody else's try has made it meanwhile, or an error came too late
            if known:
                return known, "found"
            raise unclear.meaning() from None
        if "errorCode" not in made:
            return made, "created"
        known = self._find(customer.key)
        if known:
            return known, "found"
        if made["errorCode"] == "EMAIL_ADDRESS_CONFLICT_ERROR":
            raise Rejected("email-of-another", "another customer of the shop has this e-mail address")
        raise Rejected("shop-refused", str(made["errorCode"]))

    def _settle(self, known: Record, customer: Customer) -> None:
        """What an account lacks of address, prices and terms. What others wrote is left alone."""
        if customer.city and not known["addresses"]:
            self._add_address(known, customer)
        if (
            customer.payment_days is not None
            and known["customFields"]["paymentDays"] != customer.payment_days
        ):
            terms = {"id": known["id"], "customFields": {"paymentDays": customer.payment_days}}
            _made(self._ask(words.UPDATE, input=terms)["updateCustomer"])
        if customer.price_group:
            self._price(known, customer.price_group)

    def _add_address(self, known: Record, customer: Customer) -> None:
        address = {
            "company": customer.name,
            "fullName": customer.contact_name,
            "streetLine1": customer.street,
            "city": customer.city,
            "province": customer.county,
            "postalCode": customer.postal_code,
            "countryCode": customer.country,
            "phoneNumber": customer.phone,
            "defaultBillingAddress": True,
            "defaultShippingAddress": True,
            "customFields": {"externalRef": f"{customer.key}/{known['id']}"},
        }
        try:
            self._ask(words.ADD_ADDRESS, id=known["id"], input=address)
        except _Unclear as unclear:
            if not (self._find(customer.key) or {}).get("addresses"):
                raise unclear.meaning() from None

    def _price(self, known: Record, name: str) -> None:
        """The account is in this price list and in no other; groups that are no price lists are not ours."""
        wanted = self._group(name)
        is_in = {group["id"] for group in known["groups"] if _is_price_list(group)}
        if wanted not in is_in:
            self._ask(words.ADD_TO_GROUP, group=wanted, ids=[known["id"]])
        for other in is_in - {wanted}:
            self._ask(words.REMOVE_FROM_GROUP, group=other, ids=[known["id"]])

    def _mark_closed(self, id: str, reference: str) -> None:
        mark = {"id": id, "customFields": {"externalRef": f"{reference}{CLOSED}{id}"}}
        _made(self._ask(words.UPDATE, input=mark)["updateCustomer"])

    # -- wire

    def _ask(self, query: str, **variables: Any) -> Record:
        """The data of an answer. Raises _Unclear for a mutation that may have happened all the same."""
        is_mutation = query.startswith("mutation")
        ask = web.send if is_mutation else web.read
        response = ask(self._http, "POST", self._path, json={"query": query, "variables": variables})
        answer = web.json_of(response)
        if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
            broken = Uncertain if is_mutation else Unavailable
            raise broken(f"http-{response.status_code}", "not an answer of GraphQL")
        for error in answer.get("errors") or ():
            raise _refused(error, is_mutation)
        data: Record = answer["data"]
        return data


class _Unclear(Uncertain):
    """A mutation was answered with an error that does not say whether it had its effect."""

    def __init__(self, message: str) -> None:
        super().__init__("shop-error", "an error answer, and no such effect so far")
        self.is_taken = "unique" in message or "duplicate key" in message

    def meaning(self) -> Rejected | Uncertain:
        """What it means once reading has shown that the effect is not there."""
        if self.is_taken:
            return Rejected("reference-taken", "a removed account of the shop still has our reference")
        return self


def _refused(error: Record, is_mutation: bool) -> Failed:
    """The words of an error may hold what was sent: they go nowhere."""
    code, message = str((error.get("extensions") or {}).get("code", "")), str(error.get("message", ""))
    if code in ("FORBIDDEN", "UNAUTHENTICATED"):
        return Unavailable("key-refused", "the shop does not take our key")
    if code == "GRAPHQL_VALIDATION_FAILED":
        return Rejected("no-plugin", "the shop lacks the fields that the plugin brings")
    if code not in UNFORESEEN:
        return Rejected("shop-refused", code)
    return _Unclear(message) if is_mutation else Unavailable("shop-error", "while reading")


def _made(result: Record) -> Record:
    """What a mutation gave. Raises Rejected for a typed error of the shop's."""
    if "errorCode" in result:
        raise Rejected("shop-refused", str(result["errorCode"]))
    return result


def _answer(reference: str, known: Record, how: str) -> Answer:
    return Answer(reference, how, {"customer": known["id"], "how": how})


def _is_price_list(group: Record) -> bool:
    return bool((group.get("customFields") or {}).get("isPriceList"))


def enter(place: Place, reference: str, now: datetime) -> str:
    """The address at which this customer comes into the shop signed in, once and within a minute."""
    parts = urlsplit(place.address)
    own = STAND_IN_ENTRANCE if parts.hostname == SANDBOX else f"{parts.scheme}://{parts.netloc}/pridvor/enter"
    return link(place.options.enter or own, reference, now=now)


PRODUCT = Product(
    role="shop",
    scheme="vendure",
    name="Vendure",
    connect=Vendure,
    verbs={
        "create_account": Verb(
            Vendure.create_account, personal=("email", "phone", "contact_name"), is_there=Vendure.is_open
        ),
        "set_prices": Verb(Vendure.set_prices, grants=True),
        "close_account": Verb(Vendure.close_account),
    },
    stand_in=Shop,
    options=ShopOptions,
    mirror=Mirror(fetch=Vendure.fetch, amend=Vendure.amend, changes=Vendure.changes),
    erasure=Erasure(
        Forgetting.ANONYMISES,
        gettext_noop(
            "Orders and invoices stay in the shop, as accounting law asks; the account names nobody any more."
        ),
        forget=Vendure.forget,
    ),
    enter=enter,
)
"""Its address is the Admin API's: `vendure+https://shop.example.com/admin-api`, its key an API key of the shop."""
