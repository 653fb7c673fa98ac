"""What a company registry can say about a number, and the number's European form."""

import re
from dataclasses import dataclass

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.ro import cui as romanian

LETTERS = {"GR": "EL"}  # the European Union's letters for a country's VAT numbers, where ISO 3166 has others

EUROPE = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905


@dataclass(frozen=True)
class Company:
    """What a registry says. `state`: active, inactive (tax office) or struck-off. `vat` is empty when not registered."""

    country: str
    number: str
    name: str
    vat: str = ""
    registration_number: str = ""
    street: str = ""
    city: str = ""
    county: str = ""
    postal_code: str = ""
    state: str = "active"
    registered: str = ""  # the day on which it was, as YYYY-MM-DD; empty: the registry does not say


@dataclass(frozen=True)
class Found:
    company: Company


@dataclass(frozen=True)
class NotFound:
    """The registry knows no such number, or the number cannot exist (its check digit is wrong)."""


@dataclass(frozen=True)
class Unknown:
    """The registry could not say; to be asked again later, and never to be read as «no»."""

    reason: str


Finding = Found | NotFound | Unknown


def vat_form(country: str, number: str) -> str:
    """The number with its country's letters as the European Union writes it; empty when its check digit is wrong.

    For Romania this is the form of any fiscal code; whether it is registered for VAT is another question.
    """
    letters = LETTERS.get(country.upper(), country.upper())
    bare = re.sub(r"[\s.\-/]", "", number).upper()
    bare = bare.removeprefix(letters).removeprefix(country.upper())
    try:
        if letters == "RO":
            return f"RO{romanian.validate(bare)}"
        return (
            f"{letters}{eu_vat.validate(letters + bare).removeprefix(letters).removeprefix(country.upper())}"
        )
    except ValidationError:
        return ""
