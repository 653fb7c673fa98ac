"""Tryton 8.2 over its REST interface (docs.tryton.org, «Use the REST API»): customers as parties, made exactly once.

The party's `code` is unique in Tryton and carries our case's reference, so one POST creates party, address, contacts
and account in one transaction of Tryton's, or finds that an earlier try has. Tryton accepts the same fiscal code
twice, so companies are looked for by identifier first. What happened is decided by reading again.
"""

from decimal import Decimal

from django.utils.translation import gettext_noop

from pridvor.connectors import banks
from pridvor.connectors.contract import (
    Answer,
    Erasure,
    Forgetting,
    Ground,
    Mirror,
    Product,
    Rejected,
    Unavailable,
    Uncertain,
    Verb,
)
from pridvor.connectors.customer import Customer
from pridvor.connectors.products import tryton_mirror as mirror
from pridvor.connectors.products.tryton_wire import (
    ANY_ACTIVITY,
    Database,
    Record,
    Refused,
    decimal,
    decimal_of,
)
from pridvor.connectors.stand_ins.tryton import Erp

PARTY = (
    "code",
    "active",
    "identifiers.code",
    "bank_accounts.numbers.number_compact",
    "addresses.city",
    "customer_payment_term.id",
    "contact_mechanisms.type",
)


class Tryton(Database):
    """Customers as parties, and the terms on which they buy."""

    # -- capabilities

    def create_customer(self, customer: Customer) -> Answer:
        """The party of this customer: found by our code, linked by its fiscal code, or created."""
        self.enter_company()
        known, how, ground = self._by_code(customer.key), "found", Ground.OWN_KEY
        if not known:
            known, how, ground = self._by_identifier(customer), "linked", Ground.FISCAL_CODE
        if not known:
            return self._create(customer)
        self._complete(known, customer)  # after a correction the same case comes back with other data
        return _answer(known, how, ground)

    def find_customer(self, customer: Customer) -> Answer:
        """Whether the ERP has this company from before this case, by its exact fiscal code. Changes nothing."""
        party = self._by_identifier(customer)
        if party is None or party["code"] == customer.key:
            return Answer("", "found", {"party": None}, outcome="unknown", by=Ground.NO_MATCH)
        seen = {"party": party["id"], "code": party["code"]}
        return Answer(str(party["code"]), "found", seen, outcome="known", by=Ground.FISCAL_CODE)

    def set_credit(self, customer: Customer) -> Answer:
        """Credit limit, payment term and price list of a party that is there. Without a limit it is nought, never none.

        Who was a customer before this case may have been granted more there: that is not lowered from outside.
        """
        self.enter_company()
        party = self._known(customer)
        limit = customer.credit_limit if customer.credit_limit is not None else Decimal()
        if party["code"] != customer.key:
            limit = max(limit, self._granted(party))
        self._change(
            party, self._limit(limit, must=True) | self._terms(customer) | self._prices(customer), customer
        )
        return _answer(party, "linked")

    def block(self, customer: Customer) -> Answer:
        """Nobody may sell to this party on credit, or choose it for anything new.

        Tryton has no lock for a party: what is confirmed is still delivered, and who may overrule a credit limit may
        still confirm a draft that names it.
        """
        self.enter_company()
        party = self._known(customer)
        if party["active"]:  # an archived record takes no other change
            self._change(party, {"active": False, **self._limit(Decimal())}, customer)
        return _answer(party, "blocked")

    def release(self, customer: Customer) -> Answer:
        """The party may be sold to again, on the limit that the case says now."""
        self.enter_company()
        party = self._known(customer)
        if not party["active"]:
            self._change(party, {"active": True}, customer)
        self._change(party, self._limit(customer.credit_limit or Decimal()), customer)
        return _answer(party, "released")

    # -- looking

    def _by_code(self, code: str) -> Record | None:
        found = self.search("party.party", [["code", "=", code], ANY_ACTIVITY], PARTY)
        return found[0] if found else None

    def _by_identifier(self, customer: Customer) -> Record | None:
        """The one party with this fiscal code. Two of them, or an archived one, are for a person to sort out."""
        forms = customer.identifiers()
        if not forms:
            return None
        found = self.search("party.party", [["identifiers.code", "in", forms], ANY_ACTIVITY], PARTY)
        if len(found) > 1:
            raise Rejected("several-parties", f"{len(found)} parties have the fiscal code {forms[0]}")
        if found and not found[0]["active"]:
            raise Rejected("archived-party", f"party {found[0]['code']} is archived")
        return found[0] if found else None

    def _known(self, customer: Customer) -> Record:
        """The party of this case, the one whose number the ERP gave, or the one that somebody has made by hand."""
        party = self._by_code(customer.key) or self._by_code(customer.known.get("erp", ""))
        party = party or self._by_identifier(customer)
        if party is None:
            raise Rejected("no-party", "the ERP has no party of this customer")
        return party

    # -- making

    def _create(self, customer: Customer) -> Answer:
        body = self._party(customer)
        try:
            answer = self.send("POST", "party.party", body, PARTY)
        except Refused as refused:
            party = self._by_code(customer.key)  # an error does not mean that nothing happened
            if party:
                return _answer(party, "created", Ground.NO_MATCH)
            raise refused.meaning(customer) from None
        return _answer(answer, "created", Ground.NO_MATCH)

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
        if lacking:
            self._change(party, lacking, customer)

    def _change(self, party: Record, wanted: Record, customer: Customer) -> None:
        try:
            self.send("PUT", f"party.party/{party['id']}", wanted)
        except Refused as refused:
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
            **self._limit(Decimal()),
        }

    def _address(self, customer: Customer) -> Record:
        if not customer.city:
            return {}
        lines = [
            customer.street,
            f"{mirror.COUNTY}{customer.county}"
            if customer.country == "RO" and customer.county != customer.city
            else "",
        ]
        address: Record = {
            "street": "\n".join(filter(None, lines)),
            "city": customer.city,
            "postal_code": customer.postal_code,
        }
        country = self.search("country.country", [["code", "=", customer.country]], ["id"])
        if country:
            address["country"] = country[0]["id"]
        return {"addresses": [["create", [address]]]}

    def _terms(self, customer: Customer) -> Record:
        days = customer.payment_days
        return {} if days is None else {"customer_payment_term": mirror.payment_term(self, days)}

    def _limit(self, amount: Decimal, *, must: bool = False) -> Record:
        """To Tryton no limit is no bound. Where the module is missing there is none to set; `must`: then a person must."""
        if self.has_field("party.party", "credit_limit_amount"):
            return {"credit_limit_amount": decimal(amount)}
        if must:
            raise Rejected("no-credit-module", "the ERP's module account_credit_limit is not active")
        return {}

    def _granted(self, party: Record) -> Decimal:
        """The limit that stands; nought where there is none."""
        if not self.has_field("party.party", "credit_limit_amount"):
            return Decimal()
        found = self.search("party.party", [["id", "=", party["id"]], ANY_ACTIVITY], ["credit_limit_amount"])
        return decimal_of(found[0].get("credit_limit_amount")) or Decimal()

    def _prices(self, customer: Customer) -> Record:
        name = customer.price_group
        return {"sale_price_list": mirror.price_list(self, name)} if name else {}

    def _account(self, customer: Customer, party: int | None = None) -> Record:
        """The account with its bank. An IBAN that belongs to somebody else is not taken over: that is how fraud looks."""
        if not customer.iban:
            return {}
        known = self.search(
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
        found = self.search("bank", [["bic", "like", f"{bank.bic}%"]], ["id"])
        if found:
            return int(min(each["id"] for each in found))
        code = f"BANK-{bank.code}"
        try:
            party = self._by_code(code) or self.send(
                "POST", "party.party", {"name": bank.name, "code": code}, PARTY
            )
            return int(self.send("POST", "bank", {"party": party["id"], "bic": bank.bic})["id"])
        except (
            Refused,
            Uncertain,
        ) as error:  # the customer itself was not sent yet: the whole call is repeated
            raise Unavailable("bank", f"the bank {bank.code} could not be made: {error}") from None


def _answer(party: Record, how: str, ground: Ground | None = None) -> Answer:
    seen = {"party": party["id"], "code": party["code"], "how": how}
    return Answer(str(party["code"]), how, seen, by=ground)


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


PRODUCT = Product(
    role="erp",
    scheme="tryton",
    name="Tryton",
    connect=Tryton,
    verbs={
        "create_customer": Verb(Tryton.create_customer, personal=("email", "phone", "iban")),
        "find_customer": Verb(Tryton.find_customer, outcomes=frozenset({"known", "unknown"}), looks=True),
        "set_credit": Verb(Tryton.set_credit, grants=True),
        "block": Verb(Tryton.block),
        "release": Verb(Tryton.release, grants=True),
    },
    stand_in=Erp,
    mirror=Mirror(
        fetch=mirror.fetch,
        amend=mirror.amend,
        changes=mirror.changes,
        owns=frozenset({"credit_limit", "payment_days", "price_group"}),
    ),
    erasure=Erasure(
        Forgetting.ANONYMISES,
        gettext_noop(
            "Invoices and their addresses stay in the ERP, as accounting law asks; contacts and a person's name are removed."
        ),
        forget=mirror.forget,
    ),
)
"""Its address ends with the name of the database: `tryton+https://erp.example.com/company`."""
