"""The names that a described system may put into its requests (`{client.name}`), and how they are filled."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pridvor.connectors.contract import Rejected
from pridvor.connectors.customer import Customer

NAMED = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\}")
NAMES: dict[str, tuple[str, Callable[[Customer], Any]]] = {
    "client.name": ("the company's name", lambda customer: customer.name),
    "client.country": ("its country, two letters", lambda customer: customer.country),
    "client.cui": ("its Romanian fiscal code, digits only", lambda customer: customer.cui),
    "client.vat": ("its VAT number with the country's letters", lambda customer: customer.vat),
    "client.registration_number": (
        "its number in the trade register",
        lambda customer: customer.registration_number,
    ),
    "client.street": ("its street", lambda customer: customer.street),
    "client.city": ("its town", lambda customer: customer.city),
    "client.county": ("its county", lambda customer: customer.county),
    "client.postal_code": ("its postal code", lambda customer: customer.postal_code),
    "case.reference": ("our number of the case: the key of every effect", lambda customer: customer.key),
    "case.journey": ("the journey's name", lambda customer: customer.journey),
    "case.language": ("the language of the client", lambda customer: customer.language),
    "case.day": ("the day of the request, YYYY-MM-DD", lambda customer: customer.on.isoformat()),
    "person.email": ("e-mail of who applies; opened in the vault", lambda customer: customer.email),
    "person.phone": ("telephone; opened in the vault", lambda customer: customer.phone),
    "person.name": ("name; opened in the vault", lambda customer: customer.contact_name),
    "person.iban": ("account; opened in the vault", lambda customer: customer.iban),
    "terms.payment_days": ("agreed days of payment", lambda customer: customer.payment_days),
    "terms.credit_limit": (
        "agreed credit limit, as text",
        lambda customer: None if customer.credit_limit is None else str(customer.credit_limit),
    ),
    "terms.price_group": ("whose prices apply", lambda customer: customer.price_group),
    "terms.plan": ("what is subscribed to", lambda customer: customer.plan),
}
FAMILIES = {
    "answers": "answers.NAME: a value of the case that is not personal",
    "known": "known.ROLE: the number that another system gave, such as known.erp",
}
PERSONAL = {
    "person.email": "email",
    "person.phone": "phone",
    "person.name": "contact_name",
    "person.iban": "iban",
}
FOUND = "reference"  # the number that `find` found, in `change`
ABSENT = object()


def published() -> Iterator[tuple[str, str]]:
    """Every name with what it stands for, for people."""
    yield from ((name, words) for name, (words, _look) in NAMES.items())
    yield from ((f"{family}.…", words) for family, words in FAMILIES.items())
    yield FOUND, "the number that `find` found; in `change` and `forget`"


def unknown(value: Any) -> list[str]:
    """The names in a template that nothing stands behind."""
    return sorted(name for name in used(value) if not _is_known(name))


def used(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return {name for part in value.values() for name in used(part)}
    if isinstance(value, list):
        return {name for part in value for name in used(part)}
    return set(NAMED.findall(value)) if isinstance(value, str) else set()


def values(customer: Customer, reference: str = "") -> Callable[[str], Any]:
    """What each name stands for in this request; None where the case has nothing."""

    def look(name: str) -> Any:
        family, _dot, rest = name.partition(".")
        if name == FOUND:
            return reference or None
        if family == "answers":
            return customer.plain.get(rest)
        if family == "known":
            return customer.known.get(rest)
        return NAMES[name][1](customer)

    return look


def fill(template: Any, look: Callable[[str], Any]) -> Any:
    """A template with its names filled in. What is one name alone keeps its type, or is left out when there is nothing."""
    if isinstance(template, Mapping):
        filled = {name: fill(part, look) for name, part in template.items()}
        return {name: part for name, part in filled.items() if part is not ABSENT}
    if isinstance(template, list):
        return [part for each in template if (part := fill(each, look)) is not ABSENT]
    if not isinstance(template, str):
        return template
    if alone := NAMED.fullmatch(template):
        value = look(alone[1])
        return ABSENT if value in (None, "") else value
    return NAMED.sub(lambda match: _text(look(match[1])), template)


def address(template: str, look: Callable[[str], Any]) -> str:
    """A path with its names filled in, each as one piece of it. Raises Rejected: a path with a hole means another thing."""

    def piece(match: re.Match[str]) -> str:
        text = _text(look(match[1]))
        if not text:
            raise Rejected("no-value", f"the case has no {match[1]}, which the request's address needs")
        return quote(text, safe="")

    return NAMED.sub(piece, template)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _is_known(name: str) -> bool:
    return name in NAMES or name == FOUND or ("." in name and name.partition(".")[0] in FAMILIES)
