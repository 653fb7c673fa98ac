"""What a visitor of the demonstration's shop sees: who they are there, what things cost them, how they may pay."""

from dataclasses import dataclass
from decimal import Decimal

from pridvor.connectors.stand_ins.store import Record, Store, Taken
from pridvor.connectors.stand_ins.vendure import ACCOUNTS, PRICE_LISTS

USED = "shop.entrance"  # tokens that somebody came in with
CENT = Decimal("0.01")
CATALOGUE = (  # lei, with VAT
    ("Cablu NYY-J 3×2,5 mm²", "m", Decimal("9.80")),
    ("Tablou electric, 24 de module", "buc.", Decimal("214.00")),
    ("Întrerupător automat C16", "buc.", Decimal("23.50")),
)


@dataclass(frozen=True)
class Offer:
    """One thing at its list price and at one's own."""

    name: str
    unit: str
    list_price: Decimal
    own_price: Decimal


@dataclass(frozen=True)
class Visitor:
    """`payment_days`: within which they may pay on account; none: they pay before."""

    name: str
    company: str
    price_list: str
    payment_days: int | None
    offers: tuple[Offer, ...]


def visitor(store: Store, reference: str) -> Visitor | None:
    """The customer of this reference, if the shop has an account of theirs."""
    accounts = [each for each in store.all(ACCOUNTS) if not each.get("deleted")]
    found = next((each for each in accounts if each["customFields"]["externalRef"] == reference), None)
    return _seen(found) if found else None


def stranger() -> Visitor:
    """Whoever has not signed in: everything at its list price."""
    return Visitor("", "", "", None, _offers(""))


def use(store: Store, token: str) -> bool:
    """Whether nobody came in with this token before."""
    try:
        store.add(USED, {"code": f"{USED}/{token}"})
    except Taken:
        return False
    return True


def _seen(account: Record) -> Visitor:
    lists = [group["name"] for group in account["groups"] if group["name"] in PRICE_LISTS]
    price_list = lists[0] if lists else ""
    return Visitor(
        f"{account['firstName']} {account['lastName']}".strip(),
        next((address.get("company", "") for address in account["addresses"]), ""),
        price_list,
        account["customFields"]["paymentDays"] or None,
        _offers(price_list),
    )


def _offers(price_list: str) -> tuple[Offer, ...]:
    share = Decimal(100 - PRICE_LISTS.get(price_list, 0)) / 100
    return tuple(Offer(name, unit, price, (price * share).quantize(CENT)) for name, unit, price in CATALOGUE)
