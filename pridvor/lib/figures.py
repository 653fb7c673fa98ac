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
THREE = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")  # 12.000: thousands, or decimals
TWO_MEANINGS = _("This can be read in two ways. Write it without anything between the thousands: 12000.")


class WholeField(forms.IntegerField):
    """A whole number."""

    default_error_messages = {"invalid": _("Please write a whole number.")}

    def to_python(self, value: Any) -> int | None:
        if not isinstance(value, str) or not (typed := value.strip()):
            return super().to_python(value)
        if GROUPED.fullmatch(typed):
            typed = re.sub(r"[.,\s]", "", typed)
        if not PLAIN.fullmatch(typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(typed)


class NumberField(forms.FloatField):
    """A number, with decimals or without. `places`: the most decimals that it can have, such as 2 for an amount of money."""

    default_error_messages = {"invalid": _("Please write a number.")}

    def __init__(self, places: int = MOST_DIGITS, **kwargs: Any) -> None:
        self.places = places
        super().__init__(localize=True, **kwargs)

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]  # as FloatField itself
        if not isinstance(value, str) or not (typed := re.sub(r"[\s\u00a0\u202f]", "", value)):
            return super().to_python(value)
        if self._has_two_meanings(typed):
            raise ValidationError(TWO_MEANINGS, code="ambiguous")
        whole, decimals = _parts(typed, self.places)
        if not PLAIN.fullmatch(whole) or not re.fullmatch(rf"\d{{0,{self.places}}}", decimals):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return float(f"{whole}.{decimals or 0}")

    def _has_two_meanings(self, typed: str) -> bool:
        """One sign before three digits: thousands, or decimals? The language's own decimal sign says decimals."""
        found = THREE.fullmatch(typed)
        if found is None:
            return False
        is_own = found[1] == formats.get_format("DECIMAL_SEPARATOR")
        return is_own if self.places < 3 else not is_own


def _parts(typed: str, places: int) -> tuple[str, str]:
    """What stands before and behind the decimal sign: the last one, if there is only one of its kind."""
    sign = max(",.", key=typed.rfind)
    has_decimals = typed.count(sign) == 1 and not (places < 3 and THREE.fullmatch(typed))
    whole, _sign, decimals = typed.partition(sign) if has_decimals else (typed, "", "")
    if GROUPED.fullmatch(whole):
        whole = re.sub(r"[.,]", "", whole)
    return whole or "0", decimals
