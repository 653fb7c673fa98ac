"""The customer that other systems are told of: our case's data, in no system's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from pridvor.connectors.masking import mask, scrub

PERSONAL = ("email", "phone", "iban", "contact_name")
MIRRORED = (  # the fields that two systems may both hold, and that reconciliation compares
    "name",
    "vat",
    "street",
    "city",
    "postal_code",
    "country",
    "email",
    "phone",
    "iban",
    "payment_days",
    "credit_limit",
    "price_group",
)
UNMASKED = ("key", "on", "known", "plain")  # not sent as they are


@dataclass(frozen=True)
class Customer:
    """`key` is the case's reference: the peer keeps it as a unique code, and it is how a lost answer is found again.

    `payment_days` and `credit_limit` (in the company's currency) are None when nothing was agreed. `vat` carries its
    country's letters; `cui` is digits only. `known`: how other systems call the customer, by role. `plain`: every value
    of the case that is not personal, for systems that are described and not programmed. `on`: the day of the request.
    """

    key: str
    name: str
    country: str
    on: date = date.min
    is_person: bool = False
    cui: str = ""
    vat: str = ""
    registration_number: str = ""
    street: str = ""
    city: str = ""
    county: str = ""
    postal_code: str = ""
    email: str = ""
    phone: str = ""
    iban: str = ""
    contact_name: str = ""
    payment_days: int | None = None
    credit_limit: Decimal | None = None
    price_group: str = ""  # whose prices apply
    plan: str = ""  # what is subscribed to
    language: str = ""
    journey: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, Any] = field(default_factory=dict)

    def identifiers(self) -> list[str]:
        """Every form under which a peer may know the company: with and without the country's letters."""
        forms = [
            self.vat,
            self.vat[2:],
            self.cui,
            f"RO{self.cui}" if self.cui and self.country == "RO" else "",
        ]
        return sorted({form for form in forms if form})

    def masked(self) -> dict[str, Any]:
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in UNMASKED}
        values = {name: value for name, value in values.items() if value not in ("", None, False)}
        values = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        hidden = (*PERSONAL, "name", "street") if self.is_person else PERSONAL
        values = {"key": self.key, **values}
        return values | {name: mask(values[name]) for name in hidden if name in values}

    def scrub(self, text: str) -> str:
        """A peer's words about this customer, fit for the ledger."""
        own = (
            self.email,
            self.phone,
            self.iban,
            self.contact_name,
            *((self.name, self.street) if self.is_person else ()),
        )
        return scrub(text, own)[:500]
