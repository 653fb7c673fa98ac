"""What Tryton holds of a customer, read back, mended and forgotten, by the party's code."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from pridvor.connectors.contract import Fields, Rejected
from pridvor.connectors.customer import Customer
from pridvor.connectors.products.tryton_wire import (
    ANY_ACTIVITY,
    Database,
    Record,
    Refused,
    decimal,
    decimal_of,
    moment,
)

PARTY = (
    "name",
    "code",
    "active",
    "identifiers.code",
    "addresses.street",
    "addresses.city",
    "addresses.postal_code",
    "addresses.country.code",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "bank_accounts.numbers.number_compact",
    "customer_payment_term.lines.relativedeltas.days",
)
OPTIONAL = {  # a field, and what is read of it, where its module is active
    "credit_limit_amount": "credit_limit_amount",
    "sale_price_list": "sale_price_list.name",
}
OF_ADDRESS = ("street", "city", "postal_code")
COUNTY = (
    "jud. "  # begins the line of the street under which a county stands: Tryton has no field of ours for it
)
OF_CONTACT = {"email": "email", "phone": "phone"}


def fetch(erp: Database, reference: str) -> Fields | None:
    party = _party(erp, reference)
    if party is None:
        return None
    address: Record = (party["addresses"] or [{}])[0]
    ways = {way["type"]: way["value"] for way in party["contact_mechanisms"] or ()}
    limit = decimal_of(party.get("credit_limit_amount"))
    found = {
        "name": party["name"],
        "vat": _first(party["identifiers"], "code"),
        **{name: address.get(name) for name in OF_ADDRESS},
        "street": "\n".join(line for line in _lines(address) if not line.startswith(COUNTY)),
        "country": (address.get("country") or {}).get("code"),
        **{name: ways.get(kind) for name, kind in OF_CONTACT.items()},
        "iban": _first(
            [number for each in party["bank_accounts"] or () for number in each["numbers"]], "number_compact"
        ),
        "payment_days": _days(party.get("customer_payment_term")),
        "credit_limit": limit,
        "price_group": (party.get("sale_price_list") or {}).get("name"),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def amend(erp: Database, reference: str, fields: Fields) -> None:
    """Write these fields. An IBAN is not among them: a bank account changes by hands that look who asks."""
    party = _party(erp, reference)
    if party is None:
        raise Rejected("no-party", f"the ERP has no party {reference}")
    if "iban" in fields:
        raise Rejected("iban-by-hand", "a bank account is not changed from outside")
    wanted = {**_own(erp, fields), **_address(erp, party, fields), **_contacts(party, fields)}
    if wanted:
        _change(erp, party, wanted)


def changes(erp: Database, since: datetime) -> Iterable[str]:
    """The codes of parties that changed, or whose address or contact did (`write_date` is empty until the first change)."""
    erp.enter_company()
    at = moment(since)
    parts = ("", "addresses.", "contact_mechanisms.")
    changed: list[Any] = [
        "OR",
        *([f"{part}{when}", ">=", at] for part in parts for when in ("write_date", "create_date")),
    ]
    return sorted(
        {
            party["code"]
            for party in erp.search("party.party", [ANY_ACTIVITY, changed], ["code"])
            if party["code"]
        }
    )


def forget(erp: Database, reference: str, _key: str = "") -> None:
    """Contacts go, and a person's name; a company's is no person's. What invoices point at stays."""
    party = _party(erp, reference)
    if party is None:
        return
    ways = [way["id"] for way in party["contact_mechanisms"] or ()]
    wanted: Record = {"contact_mechanisms": [["delete", ways]]} if ways else {}
    if not party["identifiers"]:
        wanted["name"] = f"({reference})"
    if wanted:
        _change(erp, party, wanted)


def _party(erp: Database, reference: str) -> Record | None:
    erp.enter_company()
    further = [path for field, path in OPTIONAL.items() if erp.has_field("party.party", field)]
    found = erp.search("party.party", [["code", "=", reference], ANY_ACTIVITY], [*PARTY, *further])
    return found[0] if found else None


def _change(erp: Database, party: Record, wanted: Record) -> None:
    """An archived record takes no change but one: it is opened for the others, and archived again."""
    orders = [wanted] if party["active"] else [{"active": True}, wanted, {"active": False}]
    try:
        for order in orders:
            erp.send("PUT", f"party.party/{party['id']}", order)
    except Refused as refused:
        nobody = Customer(key=str(party["code"]), name=str(party["name"]), country="", is_person=True)
        raise refused.meaning(nobody) from None


def _own(erp: Database, fields: Fields) -> Record:
    wanted: Record = {"name": fields["name"]} if "name" in fields else {}
    if "credit_limit" in fields:
        wanted["credit_limit_amount"] = decimal(Decimal(str(fields["credit_limit"] or 0)))
    if "payment_days" in fields:
        wanted["customer_payment_term"] = payment_term(erp, int(fields["payment_days"]))
    if "price_group" in fields:
        wanted["sale_price_list"] = price_list(erp, str(fields["price_group"]))
    return wanted


def _address(erp: Database, party: Record, fields: Fields) -> Record:
    wanted = {name: fields[name] for name in OF_ADDRESS if name in fields}
    if not wanted:
        return {}
    if not party["addresses"]:
        return {"addresses": [["create", [wanted]]]}
    if "street" in wanted:
        counties = [line for line in _lines(party["addresses"][0]) if line.startswith(COUNTY)]
        wanted["street"] = "\n".join([wanted["street"], *counties])
    return {"addresses": [["write", [party["addresses"][0]["id"]], wanted]]}


def _lines(address: Record) -> list[str]:
    return str(address.get("street") or "").splitlines()


def _contacts(party: Record, fields: Fields) -> Record:
    known = {way["type"]: way["id"] for way in party["contact_mechanisms"] or ()}
    orders: list[Any] = []
    for name, kind in OF_CONTACT.items():
        if name in fields and kind in known:
            orders.append(["write", [known[kind]], {"value": fields[name]}])
        elif name in fields:
            orders.append(["create", [{"type": kind, "value": fields[name]}]])
    return {"contact_mechanisms": orders} if orders else {}


def payment_term(erp: Database, days: int) -> int:
    """The payment term whose only line falls due after so many days. Raises Rejected where there is none."""
    fields = [f"lines.relativedeltas.{unit}" for unit in ("days", "weeks", "months", "day")]
    terms = erp.search("account.invoice.payment_term", [["lines.relativedeltas.days", "=", days]], fields)
    fitting = [int(term["id"]) for term in terms if _is_plain(term, days)]
    if not fitting:
        raise Rejected("no-payment-term", f"the ERP has no payment term of {days} days")
    return min(fitting)


def price_list(erp: Database, name: str) -> int:
    """The price list of this name. Raises Rejected where there is none."""
    found = erp.search("product.price_list", [["name", "=", name]], ["id"])
    if not found:
        raise Rejected("no-price-list", f"the ERP has no price list named {name}")
    return min(int(each["id"]) for each in found)


def _is_plain(term: Record, days: int) -> bool:
    deltas = [delta for line in term["lines"] for delta in line["relativedeltas"]]
    if len(term["lines"]) != 1 or len(deltas) != 1:
        return False
    return deltas[0]["days"] == days and not any(deltas[0].get(unit) for unit in ("weeks", "months", "day"))


def _days(term: Record | None) -> int | None:
    deltas = [delta for line in (term or {}).get("lines") or () for delta in line["relativedeltas"]]
    return int(deltas[0]["days"]) if len(deltas) == 1 and deltas[0].get("days") is not None else None


def _first(rows: Iterable[Record] | None, name: str) -> Any:
    return next((row[name] for row in rows or ()), None)
