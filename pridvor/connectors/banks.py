"""Banks by the four letters that an IBAN carries after its check digits (ISO 13616), for the Romanian ones."""

from dataclasses import dataclass

NAMES = {
    "BACX": ("UniCredit Bank", "BACXROBU"),
    "BRDE": ("BRD – Groupe Société Générale", "BRDEROBU"),
    "BREL": ("Libra Internet Bank", "BRELROBU"),
    "BRMA": ("Exim Banca Românească", "BRMAROBU"),
    "BTRL": ("Banca Transilvania", "BTRLRO22"),
    "CARP": ("Patria Bank", "CARPRO22"),
    "CECE": ("CEC Bank", "CECEROBU"),
    "CITI": ("Citibank Europe", "CITIROBU"),
    "EGNA": ("Vista Bank", "EGNAROBX"),
    "EXIM": ("Exim Banca Românească", "EXIMROBU"),
    "FNNB": ("Credit Europe Bank", "FNNBROBU"),
    "INGB": ("ING Bank", "INGBROBU"),
    "MIRO": ("ProCredit Bank", "MIROROBU"),
    "NBOR": ("Banca Națională a României", "NBORROBU"),
    "OTPV": ("OTP Bank", "OTPVROBU"),
    "PIRB": ("First Bank", "PIRBROBU"),
    "PORL": ("Porsche Bank", "PORLROBU"),
    "REVO": ("Revolut Bank", "REVOROBB"),
    "RNCB": ("Banca Comercială Română", "RNCBROBU"),
    "ROIN": ("Salt Bank", "ROINROBU"),
    "RZBR": ("Raiffeisen Bank", "RZBRROBU"),
    "TREZ": ("Trezoreria Statului", "TREZROBU"),
    "UGBI": ("Garanti BBVA", "UGBIROBU"),
    "WBAN": ("Intesa Sanpaolo Bank", "WBANRO22"),
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
