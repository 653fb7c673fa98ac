"""Values as people write them, in the reader's language: countries, account and phone numbers, figures."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.utils import formats

from pridvor.lib import identifiers
from pridvor.ui import dates

NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}  # codes of CLDR for something else


def written(kind: str, value: Any) -> str:
    """The answer to a question of this type; nothing for one that was left open, or a box not ticked."""
    if value in (None, "") or value is False:
        return ""
    if kind in ("int", "number"):
        return str(formats.number_format(value, force_grouping=True))
    kept: dict[str, Callable[[str], str]] = {
        "iban": identifiers.iban_spaced,
        "phone": identifiers.phone_spaced,
        "country": country,
    }
    return kept.get(kind, str)(str(value))


def country(code: str) -> str:
    """Its name, where it is a code of ISO 3166-1; else what was given."""
    return str(dates.locale().territories.get(code, code))


def countries() -> tuple[tuple[str, str], ...]:
    """Every code of ISO 3166-1 with its name, in the order of the reader's language."""
    return _countries(dates.locale().language)


@cache
def _countries(_language: str) -> tuple[tuple[str, str], ...]:
    names = dates.locale().territories.items()
    codes = [row for row in names if re.fullmatch("[A-Z]{2}", row[0]) and row[0] not in NOT_COUNTRIES]
    return tuple(
        sorted(codes, key=lambda row: row[1].replace("Ș", "Sz").replace("Ț", "Tz").replace("Î", "Iz"))
    )
