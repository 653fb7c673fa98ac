"""Numbers that identify companies, accounts and telephones: what people type in, the one form that is kept out.

Rules: CUI check digit (Romanian Fiscal Code, OUG 102/2012 and its annex), IBAN (ISO 13616, mod 97), VAT numbers of EU
members (Council Directive 2006/112/EC, art. 215), telephone numbers (ITU-T E.164).
"""

import re
from dataclasses import dataclass

import phonenumbers
from stdnum import iban as _iban
from stdnum.eu import vat as _vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.ro import cui as _cui

IBAN_LENGTHS = {
    "RO": 24,
    "BG": 22,
    "DE": 22,
    "HU": 28,
    "AT": 20,
    "IT": 27,
    "FR": 27,
    "NL": 18,
    "PL": 28,
    "ES": 24,
}
WRONG = {  # the library's class of error: our code
    InvalidChecksum: "checksum",
    InvalidLength: "length",
    InvalidComponent: "component",
    InvalidFormat: "format",
}


class WrongIdentifier(ValueError):
    """The number cannot be right. `code`: format, length, checksum, component (an unknown country or part)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class CompanyNumber:
    """A company's fiscal number: a Romanian CUI (digits only), or an EU VAT number with its country's letters."""

    country: str
    number: str

    @property
    def vat(self) -> str:
        return f"RO{self.number}" if self.country == "RO" else self.number


def cui(typed: str) -> str:
    """The digits of a Romanian fiscal code, with or without RO in front. Raises WrongIdentifier."""
    return _checked(_cui, _clean(typed))


def vat(typed: str) -> str:
    """An EU VAT number with its country's letters (EL for Greece), form and check digits right. Raises WrongIdentifier."""
    return _checked(_vat, _clean(typed))


def company_number(typed: str) -> CompanyNumber:
    """A CUI, or an EU VAT number, told apart by its letters: digits alone are Romanian. Raises WrongIdentifier."""
    number = _clean(typed)
    if re.fullmatch(r"(RO)?\d+", number):
        return CompanyNumber("RO", cui(number))
    full = vat(number)
    country = {"EL": "GR"}.get(full[:2], full[:2])
    return CompanyNumber(country, full)


def iban(typed: str) -> str:
    """An IBAN without spaces, in capitals. Raises WrongIdentifier (`length` where the country's length is known)."""
    number = _clean(typed)
    expected = IBAN_LENGTHS.get(number[:2])
    if expected and len(number) != expected:
        raise WrongIdentifier("length")
    return _checked(_iban, number)


def iban_spaced(number: str) -> str:
    """As printed: groups of four."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def bank_code(iban_number: str) -> str:
    """The bank's letters in a Romanian IBAN (the first four of its BIC); empty for another country."""
    return iban_number[4:8] if iban_number.startswith("RO") else ""


def phone(typed: str, country: str = "RO") -> str:
    """A telephone number in E.164 form (+40721000111). Raises WrongIdentifier."""
    try:
        parsed = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        raise WrongIdentifier("format") from None
    if not phonenumbers.is_valid_number(parsed):
        raise WrongIdentifier("length" if not phonenumbers.is_possible_number(parsed) else "component")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone_spaced(number: str) -> str:
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL
        )
    except phonenumbers.NumberParseException:
        return number


def _clean(typed: str) -> str:
    return re.sub(r"[\s.\-]", "", typed).upper()


def _checked(rule: object, number: str) -> str:
    try:
        return str(rule.validate(number))  # type: ignore[attr-defined]
    except ValidationError as error:
        raise WrongIdentifier(
            next((code for kind, code in WRONG.items() if isinstance(error, kind)), "format")
        ) from None
