"""Tryton 8.2 over its REST interface (docs.tryton.org, «Use the REST API»): customers as parties, made exactly once.

The party's `code` is unique in Tryton and carries our case's reference, so one POST creates party, address, contacts
and account in one transaction of Tryton's, or finds that an earlier try has. Tryton accepts the same fiscal code
twice, so companies are looked for by identifier first. Its answers are no evidence: an error may come after the
effect, texts are localised and carry no code, and gateways answer in HTML. What happened is decided by reading again.
"""

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from pridvor.connectors import banks, trail
from pridvor.connectors.contract import Answer, Health, Place, Product, Rejected, Unavailable, Uncertain, Verb
from pridvor.connectors.customer import Customer
from pridvor.connectors.stand_ins.tryton import Erp

TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # seconds
ANY_ACTIVITY = ["active", "in", [True, False]]  # without it Tryton hides archived parties
PARTY = (
    "code",
    "active",
    "identifiers.code",
    "bank_accounts.numbers.number_compact",
    "addresses.city",
    "customer_payment_term.id",
    "contact_mechanisms.type",
)

Record = dict[str, Any]


class Tryton:
    """A connection to one Tryton database, as a user application whose key it is."""

    def __init__(self, place: Place, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=f"{place.address}/rest/model/",
            headers={"Authorization": f"Bearer {place.key}"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            event_hooks=trail.HOOKS,
        )

    def close(self) -> None:
        self._http.close()

    # -- capabilities

    def create_customer(self, customer: Customer) -> Answer:
        """The party of this customer: found by our code, linked by its fiscal code, or created."""
        self._enter_company()
        known, how = self._by_code(customer.key), "found"
        if not known:
            known, how = self._by_identifier(customer), "linked"
        if not known:
            return self._create(customer)
        self._complete(known, customer)  # after a correction the same case comes back with other data
        return _answer(known, how)

    def probe(self) -> Health:
        """Whether the ERP answers and takes our key."""
        start = time.monotonic()
        try:
            self._enter_company()
        except (Unavailable, Rejected) as error:
            return Health("erp", False, str(error), _since(start))
        return Health("erp", True, "answers and takes our key", _since(start))

    # -- looking

    def _enter_company(self) -> None:
        """Payment terms are kept per company in Tryton: every later request says which one it works for."""
        companies = self._search("company.company", [], ["id"])
        if not companies:
            raise Rejected("no-company", "the key's user belongs to no company")
        context = {"company": min(company["id"] for company in companies)}
        self._http.headers["X-Tryton-Context"] = _encode(context)

    def _by_code(self, code: str) -> Record | None:
        found = self._search("party.party", [["code", "=", code], ANY_ACTIVITY], PARTY)
        return found[0] if found else None

    def _by_identifier(self, customer: Customer) -> Record | None:
        """The one party with this fiscal code. Two of them, or an archived one, are for a person to sort out."""
        forms = customer.identifiers()
        if not forms:
            return None
        found = self._search("party.party", [["identifiers.code", "in", forms], ANY_ACTIVITY], PARTY)
        if len(found) > 1:
            raise Rejected("several-parties", f"{len(found)} parties have the fiscal code {forms[0]}")
        if found and not found[0]["active"]:
            raise Rejected("archived-party", f"party {found[0]['code']} is archived")
        return found[0] if found else None

    # -- making

    def _create(self, customer: Customer) -> Answer:
        body = self._party(customer)
        try:
            answer = self._send("POST", "party.party", body)
        except _Refused as refused:
            party = self._by_code(customer.key)  # an error does not mean that nothing happened
            if party:
                return _answer(party, "created")
            raise refused.meaning(customer) from None
        return _answer(answer, "created")

    def _complete(self, party: Record, customer: Customer) -> None:
        """Add to a party that is there what it lacks; what others wrote is left alone."""
        lacking: Record = {}
        if customer.iban and customer.iban not in _ibans(party):
            lacking |= self._account(customer, party["id"])
        if not party.get("customer_payment_term"):
            lacking |= self._terms(customer)
        if not any(address.get("city") for address in party.get("addresses", ())):
            lacking |= self._address(customer)
        if not party.get("contact_mechanisms"):
            lacking |= _contacts(customer)
        if not lacking:
            return
        try:
            self._send("PUT", f"party.party/{party['id']}", lacking)
        except _Refused as refused:
            raise refused.meaning(customer) from None

    def _party(self, customer: Customer) -> Record:
        return {
            "name": customer.name,
            "code": customer.key,
            **_identifier(customer),
            **self._address(customer),
            **_contacts(customer),
            **self._account(customer),
            **self._terms(customer),
        }

    def _address(self, customer: Customer) -> Record:
        if not customer.city:
            return {}
        lines = [
            customer.street,
            f"jud. {customer.county}"
            if customer.country == "RO" and customer.county != customer.city
            else "",
        ]
        address: Record = {
            "street": "\n".join(filter(None, lines)),
            "city": customer.city,
            "postal_code": customer.postal_code,
        }
        country = self._search("country.country", [["code", "=", customer.country]], ["id"])
        if country:
            address["country"] = country[0]["id"]
        return {"addresses": [["create", [address]]]}

    def _terms(self, customer: Customer) -> Record:
        """The payment term whose only line falls due after so many days."""
        days = customer.payment_days
        if days is None:
            return {}
        fields = [f"lines.relativedeltas.{unit}" for unit in ("days", "weeks", "months", "day")]
        terms = self._search(
            "account.invoice.payment_term", [["lines.relativedeltas.days", "=", days]], fields
        )
        fitting = [term["id"] for term in terms if _is_plain(term, days)]
        if not fitting:
            raise Rejected("no-payment-term", f"the ERP has no payment term of {days} days")
        return {"customer_payment_term": min(fitting)}

    def _account(self, customer: Customer, party: int | None = None) -> Record:
        """The account with its bank. An IBAN that belongs to somebody else is not taken over: that is how fraud looks."""
        if not customer.iban:
            return {}
        known = self._search(
            "bank.account.number",
            [["number_compact", "=", customer.iban]],
            ["account.id", "account.owners.id"],
        )
        if known:
            owners = {owner["id"] for owner in known[0]["account"].get("owners") or ()}
            if owners - {party}:
                raise Rejected("iban-of-another", "another party of the ERP has this IBAN")
            return {"bank_accounts": [["add", [known[0]["account"]["id"]]]]}
        account: Record = {"numbers": [["create", [{"type": "iban", "number": customer.iban}]]]}
        bank = banks.of_iban(customer.iban)
        if bank:
            account["bank"] = self._bank(bank)
        return {"bank_accounts": [["create", [account]]]}

    def _bank(self, bank: banks.Bank) -> int:
        """The bank's id, found by BIC or created; its party's unique code keeps two workers from making two."""
        found = self._search("bank", [["bic", "like", f"{bank.bic}%"]], ["id"])
        if found:
            return int(min(each["id"] for each in found))
        code = f"BANK-{bank.code}"
        try:
            party = self._by_code(code) or self._send(
                "POST", "party.party", {"name": bank.name, "code": code}
            )
            return int(self._send("POST", "bank", {"party": party["id"], "bic": bank.bic})["id"])
        except (
            _Refused,
            Uncertain,
        ) as error:  # the customer itself was not sent yet: the whole call is repeated
            raise Unavailable("bank", f"the bank {bank.code} could not be made: {error}") from None

    # -- wire

    def _search(self, model: str, domain: Sequence[object], fields: Sequence[str]) -> list[Record]:
        """Records that match. Reading has no effect, so whatever goes wrong is only `Unavailable`."""
        query = httpx.QueryParams([("d", _encode(list(domain))), *(("f", name) for name in fields)])
        try:
            response = self._http.get(model, params=query)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__, f"while reading {model}") from None
        if response.status_code in (401, 403):
            raise Unavailable("key-refused", "the ERP does not take our key")
        found = _json(response)
        if response.status_code != 200 or not isinstance(found, list):
            raise Unavailable(f"http-{response.status_code}", f"while reading {model}")
        return found

    def _send(self, method: str, path: str, body: Record) -> Record:
        query = httpx.QueryParams(
            [("f", name) for name in (PARTY if path.startswith("party.party") else ("id",))]
        )
        try:
            response = self._http.request(method, path, json=body, params=query)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(type(error).__name__, "no connection; nothing was sent") from None
        except httpx.HTTPError as error:
            raise Uncertain(type(error).__name__, "sent; the answer did not come") from None
        answer = _json(response)
        if response.status_code == 200 and isinstance(answer, dict) and isinstance(answer.get("id"), int):
            return answer
        message = answer.get("message", "") if isinstance(answer, dict) else ""
        raise _Refused(response.status_code, str(message))


@dataclass
class _Refused(Exception):
    """An answer that is not the record: `message` only when it came as Tryton's own JSON."""

    status: int
    message: str

    def meaning(self, customer: Customer) -> Rejected | Uncertain | Unavailable:
        """What it means once reading has shown that the effect is not there (yet)."""
        if self.status == 400 and self.message:
            return Rejected("erp-refused", customer.scrub(self.message))
        if self.status in (401, 403):
            return Unavailable("key-refused", "the ERP does not take our key")
        return Uncertain(f"http-{self.status}", "an error answer, and no such party so far")


def _answer(party: Record, how: str) -> Answer:
    return Answer(
        reference=str(party["code"]), how=how, data={"party": party["id"], "code": party["code"], "how": how}
    )


def _identifier(customer: Customer) -> Record:
    """The number with its country's letters as `eu_vat`, which Tryton checks; companies without VAT keep theirs too."""
    code = customer.vat or (f"RO{customer.cui}" if customer.cui else "")
    return {"identifiers": [["create", [{"type": "eu_vat", "code": code}]]]} if code else {}


def _contacts(customer: Customer) -> Record:
    ways = [
        {"type": kind, "value": value}
        for kind, value in (("email", customer.email), ("phone", customer.phone))
        if value
    ]
    return {"contact_mechanisms": [["create", ways]]} if ways else {}


def _ibans(party: Record) -> set[str]:
    return {
        number["number_compact"]
        for account in party.get("bank_accounts") or ()
        for number in account.get("numbers") or ()
    }


def _is_plain(term: Record, days: int) -> bool:
    deltas = [delta for line in term["lines"] for delta in line["relativedeltas"]]
    if len(term["lines"]) != 1 or len(deltas) != 1:
        return False
    return deltas[0]["days"] == days and not any(deltas[0].get(unit) for unit in ("weeks", "months", "day"))


def _encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None  # a gateway's page


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


PRODUCT = Product(
    role="erp",
    scheme="tryton",
    name="Tryton",
    connect=Tryton,
    verbs={"create_customer": Verb(Tryton.create_customer, personal=("email", "phone", "iban"))},
    stand_in=Erp,
)
"""Its address ends with the name of the database: `tryton+https://erp.example.com/company`."""
