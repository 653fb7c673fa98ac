"""Numbers as people type them: thousands apart or together, decimals behind a comma or a point.

Django reads “12.000” as twelve; in Romanian it is twelve thousand. What can mean two numbers is asked again, not guessed.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _

MOST_DIGITS = 15  # conditions count in 64 bits, pages in 53: up to here both are exact
GROUPED = re.compile(r"[+-]?\d{1,3}(?:([., \u00a0\u202f])\d{3})(?:\1\d{3})*")
PLAIN = re.compile(rf"[+-]?\d{{1,{MOST_DIGITS}}}")
TWO_MEANINGS = _("This can be read in two ways. Write it without anything between the thousands: 12000.")


class WholeField(forms.IntegerField):
    """A whole number."""

    def to_python(self, value: Any) -> int | None:
        if not isinstance(value, str) or not (typed := value.strip()):
            return super().to_python(value)
        if GROUPED.fullmatch(typed):
            typed = re.sub(r"[.,\s]", "", typed)
        if not PLAIN.fullmatch(typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(typed)


class NumberField(forms.FloatField):
    """A number, with decimals or without."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(localize=True, **kwargs)

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]  # Django derives it from the whole numbers
        if not isinstance(value, str) or not (typed := re.sub(r"[\s\u00a0\u202f]", "", value)):
            return super().to_python(value)
        if _has_two_meanings(typed):
            raise ValidationError(TWO_MEANINGS, code="ambiguous")
        whole, decimals = _parts(typed)
        if not PLAIN.fullmatch(whole) or not re.fullmatch(rf"\d{{0,{MOST_DIGITS}}}", decimals):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return float(f"{whole}.{decimals or 0}")


def _has_two_meanings(typed: str) -> bool:
    """One sign before three digits that is not the language's own decimal sign: thousands, or decimals?"""
    found = re.fullmatch(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", typed)
    return found is not None and found[1] != formats.get_format("DECIMAL_SEPARATOR")


def _parts(typed: str) -> tuple[str, str]:
    """What stands before and behind the decimal sign: the last one, if there is only one of its kind."""
    sign = max(",.", key=typed.rfind)
    whole, _sign, decimals = typed.partition(sign) if typed.count(sign) == 1 else (typed, "", "")
    if GROUPED.fullmatch(whole):
        whole = re.sub(r"[.,]", "", whole)
    return whole or "0", decimals
