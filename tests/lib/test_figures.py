"""Numbers as people type them, in Romanian and in English."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from pridvor.lib.figures import NumberField, WholeField


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0", 0), ("12.000", 12000), ("12 000", 12000), ("12,000", 12000), ("1.250.000", 1250000), ("-5", -5)],
)
def test_thousands_may_stand_apart(typed, meant):
    assert WholeField().clean(typed) == meant


@pytest.mark.parametrize(
    "typed", ["12.0", "12,50", "1.2.3", "abc", "1e5", "12.000,50", "9" * 20, "12.00.000"]
)
def test_what_is_no_whole_number_is_asked_again(typed):
    with pytest.raises(ValidationError):
        WholeField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("33,5", 33.5),
        ("33.5", 33.5),
        ("12 000", 12000.0),
        ("12.000,50", 12000.5),
        ("12,000.50", 12000.5),
        ("1.250.000", 1250000.0),
        ("0.125", 0.125),
        ("-7,25", -7.25),
    ],
)
@pytest.mark.parametrize("language", ["ro", "en"])
def test_decimals_stand_behind_a_comma_or_a_point(language, typed, meant):
    with translation.override(language):
        assert NumberField().clean(typed) == meant


@pytest.mark.parametrize(("language", "typed"), [("ro", "12.000"), ("en", "12,000")])
def test_what_can_mean_two_numbers_is_not_guessed(language, typed):
    with translation.override(language), pytest.raises(ValidationError) as caught:
        NumberField().clean(typed)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize(("language", "typed"), [("ro", "12,125"), ("en", "12.125")])
def test_the_own_decimal_sign_of_a_language_is_clear(language, typed):
    with translation.override(language):
        assert NumberField().clean(typed) == 12.125


@pytest.mark.parametrize("typed", ["abc", "nan", "inf", "1e5", "9" * 20, "--5", "1,2,3"])
def test_what_is_no_number_is_asked_again(typed):
    with pytest.raises(ValidationError):
        NumberField().clean(typed)


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [("ro", "60.000", 60000), ("en", "60,000", 60000), ("ro", "60.000,50", 60000.5), ("ro", "60,5", 60.5)],
)
def test_an_amount_of_money_has_no_three_decimals(language, typed, meant):
    with translation.override(language):
        assert NumberField(places=2).clean(typed) == meant


@pytest.mark.parametrize("typed", ["60,000", "60,0000", "60.5001"])
def test_an_amount_with_the_languages_own_sign_before_three_digits_is_asked_again(typed):
    with translation.override("ro"), pytest.raises(ValidationError):
        NumberField(places=2).clean(typed)
