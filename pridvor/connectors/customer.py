"""The customer that an ERP is asked to create: our case's data, in no ERP's words."""

from dataclasses import asdict, dataclass
from typing import Any

from pridvor.connectors.masking import mask, scrub

PERSONAL = ("email", "phone", "iban")


@dataclass(frozen=True)
class Customer:
    """`key` is the case's reference: the peer keeps it as a unique code, and it is how a lost answer is found again.

    `payment_days` is None when nothing was agreed. `vat` carries its country's letters; `cui` is digits only.
    """

    key: str
    name: str
    country: str
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
    payment_days: int | None = None

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
        values = {name: value for name, value in asdict(self).items() if value not in ("", None)}
        hidden = (*PERSONAL, "name", "street") if self.is_person else PERSONAL
        return values | {name: mask(values[name]) for name in hidden if name in values}

    def scrub(self, text: str) -> str:
        """A peer's words about this customer, fit for the ledger."""
        own = (self.email, self.phone, self.iban, *((self.name, self.street) if self.is_person else ()))
        return scrub(text, own)[:500]
