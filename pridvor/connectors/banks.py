"""Banks by the four letters that an IBAN carries after its check digits (ISO 13616), for the Romanian ones."""

from dataclasses import dataclass

NAMES = {
    "BACX": ("UniCredit Bank", "BACXROBU"),
    "BRDE": ("BRD – Groupe Société Générale", "BRDEROBU"),
    "BREL": ("Libra Internet Bank", "BRELROBU"),
    "BTRL": ("Banca Transilvania", "BTRLRO22"),
    "CECE": ("CEC Bank", "CECEROBU"),
    "INGB": ("ING Bank", "INGBROBU"),
    "RNCB": ("Banca Comercială Română", "RNCBROBU"),
    "RZBR": ("Raiffeisen Bank", "RZBRROBU"),
    "TREZ": ("Trezoreria Statului", "TREZROBU"),
}


@dataclass(frozen=True)
class Bank:
    code: str
    name: str
    bic: str


def of_iban(iban: str) -> Bank | None:
    """The bank that keeps this Romanian account; None when it is foreign or not in the list."""
    code = iban[4:8].upper()
    return Bank(code, *NAMES[code]) if iban[:2].upper() == "RO" and code in NAMES else None
