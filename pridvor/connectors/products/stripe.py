"""Stripe over its REST interface (docs.stripe.com/api): a customer and a subscription that is paid by invoice.

Our case's reference stands in the metadata of both, and every creation carries an idempotency key (docs.stripe.com/api/
idempotent_requests). The key alone is not enough: Stripe forgets it after a day, and it would give back a subscription
that has been cancelled since; so what is there is read first. Searching by metadata lags behind by a minute at Stripe,
listing by e-mail does not: both are asked.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

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
from pridvor.connectors.findings import EUROPE
from pridvor.connectors.stand_ins.stripe import Biller

OURS = "pridvor"  # the name of our key in metadata
ENDED = ("canceled", "incomplete_expired")
PAGE, PAGES = 100, 50
Record = dict[str, Any]


class BillingOptions(Options):
    """`price`: the id of the price that is subscribed to; `plans`: those of other plans, `gold:price_1,silver:price_2`.

    `days`: until an invoice is due, where no payment days were agreed.
    """

    price: str = "standard"
    plans: str = ""
    days: int = 15

    def price_of(self, plan: str) -> str:
        """Raises Rejected for a plan that has no price."""
        prices = dict(each.strip().split(":", 1) for each in self.plans.split(",") if ":" in each)
        if plan and plan not in prices:
            raise Rejected("no-price", f"no price is set for the plan {plan}")
        return prices[plan] if plan else self.price


class Stripe:
    """A connection to one Stripe account; the key is a secret or restricted key that may write customers."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self._options: BillingOptions = place.options
        self._http = web.client(f"{place.address}/v1/", {"Authorization": f"Bearer {place.key}"}, transport)

    def close(self) -> None:
        self._http.close()

    def probe(self) -> Health:
        return probed("billing", lambda: _list(self._get("customers", limit=1)))

    # -- verbs

    def subscribe(self, customer: Customer) -> Answer:
        """The subscription of this customer: found by our reference, or created with its customer."""
        price = self._options.price_of(customer.plan)
        payer = self._customer(customer) or self._create_customer(customer)
        made = self._subscriptions(payer["id"], customer.key)
        live = [each for each in made if _lives(each)]
        if live:
            return _answer(payer, live[0], "found")
        days = customer.payment_days if customer.payment_days is not None else self._options.days
        wanted = {
            "customer": payer["id"],
            "items[0][price]": price,
            "collection_method": "send_invoice",
            "days_until_due": str(days),
            f"metadata[{OURS}]": customer.key,
        }
        return _answer(payer, self._create("subscriptions", wanted, customer, len(made)), "created")

    def cancel(self, customer: Customer) -> Answer:
        """The subscription of this case is ended now; the customer and what was invoiced stay."""
        payer = self._customer(customer)
        live = (
            [each for each in self._subscriptions(payer["id"], customer.key) if _lives(each)] if payer else []
        )
        for each in live:
            self._send("DELETE", f"subscriptions/{each['id']}")
        return Answer(payer["id"] if payer else customer.key, "closed" if live else "gone")

    def is_subscribed(self, customer: Customer) -> bool:
        payer = self._customer(customer)
        return payer is not None and any(map(_lives, self._subscriptions(payer["id"], customer.key)))

    # -- mirror and erasure

    def fetch(self, reference: str) -> Fields | None:
        payer = self._retrieve(reference)
        if payer is None:
            return None
        address = payer.get("address") or {}
        found = {name: payer.get(name) for name in OF_CUSTOMER}
        found |= {name: address.get(theirs) for name, theirs in OF_ADDRESS.items()}
        return {name: value for name, value in found.items() if value not in (None, "")}

    def amend(self, reference: str, fields: Fields) -> None:
        own = {name: str(fields[name]) for name in OF_CUSTOMER if name in fields}
        own |= {
            f"address[{theirs}]": str(fields[name]) for name, theirs in OF_ADDRESS.items() if name in fields
        }
        if own:
            self._send("POST", f"customers/{reference}", own)

    def changes(self, since: datetime) -> Iterable[str]:
        """The customers of ours that changed, out of the events that Stripe keeps for thirty days."""
        happened = self._all("events", **{"created[gte]": int(since.timestamp())})
        changed = [each["data"]["object"] for each in happened if each["type"] == "customer.updated"]
        return {each["id"]: None for each in changed if OURS in (each.get("metadata") or {})}.keys()

    def forget(self, reference: str, _key: str = "") -> None:
        """Nothing in the customer names anybody afterwards. What was invoiced keeps what stood on the invoice."""
        if self._retrieve(reference) is None:
            return
        blank = {"name": "erased", "email": "", "phone": "", "address": "", "description": ""}
        self._send("POST", f"customers/{reference}", blank)

    # -- looking

    def _customer(self, customer: Customer) -> Record | None:
        """Ours by the number that Stripe gave, by e-mail, or by metadata. An e-mail alone proves nothing: many may share it."""
        known = customer.known.get("billing", "")
        if known.startswith("cus_") and (found := self._retrieve(known)):
            return found
        by_mail = self._all("customers", email=customer.email) if customer.email else ()
        for each in by_mail:
            if (each.get("metadata") or {}).get(OURS) == customer.key:
                return each
        return self._searched(customer.key)

    def _searched(self, key: str) -> Record | None:
        answer = self._get("customers/search", query=f"metadata['{OURS}']:'{key}'")
        if answer.status_code in (400, 401, 403, 404):
            return None  # not every account may search (it is off in India, and in test doubles)
        found = _list(answer)["data"]
        return found[0] if found else None

    def _retrieve(self, reference: str) -> Record | None:
        answer = self._get(f"customers/{reference}")
        found = web.json_of(answer)
        if answer.status_code == 404 or (isinstance(found, dict) and found.get("deleted")):
            return None
        return _object(answer)

    def _subscriptions(self, payer: str, key: str) -> list[Record]:
        everything = self._all("subscriptions", customer=payer, status="all")
        return [each for each in everything if (each.get("metadata") or {}).get(OURS) == key]

    # -- making

    def _create_customer(self, customer: Customer) -> Record:
        wanted = {
            "name": customer.name,
            "email": customer.email,
            "phone": customer.phone,
            "address[line1]": customer.street,
            "address[city]": customer.city,
            "address[postal_code]": customer.postal_code,
            "address[country]": customer.country,
            "preferred_locales[0]": customer.language,
            f"metadata[{OURS}]": customer.key,
        }
        if customer.vat and customer.country in EUROPE:
            wanted |= {"tax_id_data[0][type]": "eu_vat", "tax_id_data[0][value]": customer.vat}
        return self._create("customers", {name: value for name, value in wanted.items() if value}, customer)

    def _create(self, what: str, wanted: dict[str, str], customer: Customer, number: int = 0) -> Record:
        """One creation. The same wish has the same key; corrected data, or a subscription after an ended one, another."""
        wish = json.dumps(wanted, sort_keys=True).encode()
        key = f"{OURS}-{customer.key}-{what}-{number}-{hashlib.sha256(wish).hexdigest()[:16]}"
        return self._send("POST", what, wanted, key)

    # -- wire

    def _get(self, path: str, **query: Any) -> httpx.Response:
        answer = web.read(self._http, "GET", path, params=query)
        if answer.status_code in (401, 403) and not path.endswith("search"):
            raise Unavailable("key-refused", "Stripe does not take our key")
        return answer

    def _all(self, path: str, **query: Any) -> Iterator[Record]:
        after: dict[str, str] = {}
        for _page in range(PAGES):
            found = _list(self._get(path, limit=PAGE, **query, **after))
            yield from found["data"]
            if not found.get("has_more"):
                return
            after = {"starting_after": found["data"][-1]["id"]}

    def _send(self, method: str, path: str, form: dict[str, str] | None = None, key: str = "") -> Record:
        headers = {"Idempotency-Key": key} if key else {}
        answer = web.send(self._http, method, path, data=form, headers=headers)
        body = web.json_of(answer)
        if answer.status_code == 200 and isinstance(body, dict) and "id" in body:
            return body
        error = body.get("error") if isinstance(body, dict) else None
        raise _meaning(answer.status_code, error if isinstance(error, dict) else None)


def _list(answer: httpx.Response) -> Record:
    found = web.json_of(answer)
    if answer.status_code != 200 or not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise Unavailable(f"http-{answer.status_code}", "not a list of Stripe's")
    return found


def _object(answer: httpx.Response) -> Record:
    found = web.json_of(answer)
    if answer.status_code != 200 or not isinstance(found, dict) or "id" not in found:
        raise Unavailable(f"http-{answer.status_code}", "not an object of Stripe's")
    return found


def _meaning(status: int, error: Record | None) -> Failed:
    """Of an error only its code is kept: its words may repeat what was sent."""
    if error is None or status >= 500:
        return Uncertain(f"http-{status}", "an error, and nobody knows")
    if status in (401, 403):
        return Unavailable("key-refused", "Stripe does not take our key")
    if status == 409:  # another request with this idempotency key is under way
        return Unavailable("in-use", "the same request is being made", after=1)
    return Rejected(
        "stripe-refused", str(error.get("code") or error.get("param") or error.get("type") or status)
    )


def _answer(payer: Record, subscription: Record, how: str) -> Answer:
    data = {"customer": payer["id"], "subscription": subscription["id"], "how": how}
    return Answer(payer["id"], how, data)


def _lives(subscription: Record) -> bool:
    return subscription["status"] not in ENDED


OF_CUSTOMER = ("name", "email", "phone")
OF_ADDRESS = {"street": "line1", "city": "city", "postal_code": "postal_code", "country": "country"}

PRODUCT = Product(
    role="billing",
    scheme="stripe",
    name="Stripe",
    connect=Stripe,
    verbs={
        "subscribe": Verb(
            Stripe.subscribe, personal=("email", "phone"), grants=True, is_there=Stripe.is_subscribed
        ),
        "cancel": Verb(Stripe.cancel, personal=("email",)),
    },
    stand_in=Biller,
    options=BillingOptions,
    mirror=Mirror(fetch=Stripe.fetch, amend=Stripe.amend, changes=Stripe.changes),
    erasure=Erasure(
        Forgetting.ANONYMISES,
        gettext_noop(
            "Invoices stay at Stripe with what stood on them, as accounting law asks; the customer names nobody any more."
        ),
        forget=Stripe.forget,
    ),
)
"""Its address: `stripe+https://api.stripe.com?price=price_123`."""
