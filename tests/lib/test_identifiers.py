import pytest
from hypothesis import given, strategies

from pridvor.lib import identifiers as ids


@pytest.mark.parametrize("typed", ["18547290", "RO18547290", "ro 1854 7290", " RO-18547290 "])
def test_a_cui_is_kept_as_digits_however_it_is_typed(typed):
    assert ids.cui(typed) == "18547290"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("18547291", "checksum"), ("1854729X", "format"), ("", "format"), ("1" * 15, "length")],
)
def test_a_wrong_cui_says_what_is_wrong(typed, code):
    with pytest.raises(ids.WrongIdentifier) as refusal:
        ids.cui(typed)
    assert refusal.value.code in (code, "length", "format")
    assert code != "checksum" or refusal.value.code == "checksum"


def test_digits_alone_are_romanian_and_letters_name_another_country():
    assert ids.company_number("18547290") == ids.CompanyNumber("RO", "18547290")
    assert ids.company_number("DE 136 695 976").country == "DE"


def test_an_iban_of_the_wrong_length_is_told_apart_from_a_wrong_check_digit():
    assert ids.iban("RO49 AAAA 1B31 0075 9384 0000") == "RO49AAAA1B31007593840000"
    for typed, code in (("RO49AAAA1B3100759384000", "length"), ("RO48AAAA1B31007593840000", "checksum")):
        with pytest.raises(ids.WrongIdentifier) as refusal:
            ids.iban(typed)
        assert refusal.value.code == code


def test_a_telephone_number_is_kept_in_its_international_form():
    assert ids.phone("0721 000 111") == ids.phone("+40 721 000 111") == "+40721000111"
    with pytest.raises(ids.WrongIdentifier):
        ids.phone("12")


@pytest.mark.parametrize("rule", [ids.cui, ids.vat, ids.iban, ids.phone, ids.company_number])
@given(typed=strategies.text(max_size=40))
def test_whatever_is_typed_the_answer_is_a_number_or_a_reason(rule, typed):
    try:
        assert rule(typed)
    except ids.WrongIdentifier as refusal:
        assert refusal.code in ("format", "length", "checksum", "component")
