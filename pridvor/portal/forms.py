"""The journey's questions as Django forms: one field type for each of the journey language's types.

What is wrong is said so that it can be mended; numbers are kept in the one form that lib.identifiers gives.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pridvor.cases import colleagues
from pridvor.cases.models import Case
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Field
from pridvor.lib import identifiers
from pridvor.lib.figures import NumberField, WholeField
from pridvor.ui import values

NEEDED = {"required": gettext_lazy("Please fill this in.")}
CHOOSE = {
    "required": gettext_lazy("Please choose one."),
    "invalid_choice": gettext_lazy("Please choose one of these."),
}
LONGEST = 200
LONGEST_SECRET = 4000  # a private key, say
LEAVE_EMPTY = gettext_lazy("Leave this empty to keep it; type another one to replace it.")


class Questions(forms.Form):
    """A page of questions. The browser's own validation stays out: errors are said once, in one place."""

    use_required_attribute = False

    @property
    def fresh(self) -> list[str]:
        """Questions that the page did not show yet when it was sent: an answer on it has brought them up."""
        if not isinstance(self.data, QueryDict) or "shown" not in self.data:
            return []
        return [key for key in self.fields if key not in self.data.getlist("shown")]

    def hush(self, keys: Iterable[str]) -> None:
        """Say nothing of these yet: nobody has seen them."""
        for key in keys:
            self.errors.pop(key, None)


class CompanyNumberField(forms.CharField):
    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        try:
            found = identifiers.company_number(typed)
        except identifiers.WrongIdentifier as wrong:
            raise forms.ValidationError(_company_number_error(typed, wrong.code), code=wrong.code) from None
        return found.number


class IbanField(forms.CharField):
    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return identifiers.iban(typed) if typed else ""
        except identifiers.WrongIdentifier as wrong:
            raise forms.ValidationError(_iban_error(typed, wrong.code), code=wrong.code) from None

    def prepare_value(self, value: Any) -> Any:
        return (
            identifiers.iban_spaced(value)
            if isinstance(value, str) and re.fullmatch(r"[A-Z]{2}\w{13,32}", value)
            else value
        )


class PhoneField(forms.CharField):
    country = "RO"

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return identifiers.phone(typed, self.country) if typed else ""
        except identifiers.WrongIdentifier as wrong:
            raise forms.ValidationError(_phone_error(wrong.code), code=wrong.code) from None

    def prepare_value(self, value: Any) -> Any:
        return identifiers.phone_spaced(value) if isinstance(value, str) and value.startswith("+") else value


class SecretField(forms.CharField):
    """A credential: what is kept is never shown; an empty answer leaves it as it is."""

    is_kept = False

    def validate(self, value: Any) -> None:
        if value or not self.is_kept:
            super().validate(value)


class CodeField(forms.CharField):
    """Six digits from a mail, with or without a space between."""

    def clean(self, value: Any) -> str:
        typed = re.sub(r"\D", "", super().clean(value))
        if len(typed) != 6:
            raise forms.ValidationError(
                _("The code has six digits. You find it in the e-mail that we have just sent."), code="length"
            )
        return typed


ADDRESS = {
    **NEEDED,
    "invalid": gettext_lazy("This is not a whole address. It looks like name@company.ro."),
}


class EmailForm(Questions):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address at work"),
        max_length=LONGEST,
        help_text=gettext_lazy("We send a code there. It is your key: no account, no password."),
        error_messages=ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email webauthn", "spellcheck": "false"}),
    )


class NewEmailForm(EmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Your new e-mail address")
        self.fields["email"].help_text = _(
            "We send a code to the new address. Until you enter it, nothing changes."
        )


class CodeForm(Questions):
    code = CodeField(label=gettext_lazy("Code from the e-mail"), max_length=20, error_messages=NEEDED)


class SurveyForm(Questions):
    score = forms.TypedChoiceField(
        label=gettext_lazy("Would you recommend us to another company?"),
        choices=[(n, str(n)) for n in range(11)],
        coerce=int,
        help_text=gettext_lazy("0: by no means. 10: gladly."),
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    comment = forms.CharField(
        label=gettext_lazy("What should we do better?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def questions(
    journey: Journey,
    fields: Iterable[Field],
    language: str,
    *,
    data: Any = None,
    initial: Mapping[str, Any] | None = None,
    country: str = "RO",
    first: bool = True,
    kept: Mapping[str, str] | None = None,
) -> Questions:
    """A form with these questions, in this language; `kept` says of secrets that are there already since when."""
    form = Questions(data, initial=dict(initial or {}))
    for question in fields:
        field = MAKERS.get(question.type, _text)(question, journey, language)
        field.label, field.required = journey.text(question.label, language), question.required
        field.help_text = journey.text(question.hint, language)
        field.disabled = question.locked
        if isinstance(field, SecretField) and question.key in (kept or {}):
            field.is_kept, field.help_text = True, f"{(kept or {})[question.key]} {LEAVE_EMPTY}"
        if isinstance(field, PhoneField):
            field.country = country
        if question.autocomplete:
            field.widget.attrs["autocomplete"] = question.autocomplete
        form.fields[question.key] = field
    return form


def typed(journey: Journey, fields: Iterable[Field], language: str, data: Any) -> dict[str, Any]:
    """What was sent, question by question; one that cannot be right counts as not answered."""
    form, found = questions(journey, fields, language, data=data), dict[str, Any]()
    for key, field in form.fields.items():
        try:
            found[key] = field.clean(
                field.widget.value_from_datadict(form.data, form.files, form.add_prefix(key))
            )
        except forms.ValidationError:
            found[key] = None
    return found


def as_posted(values: Mapping[str, Any]) -> dict[str, Any]:
    """A browser leaves out what is empty or not ticked; 0 is an answer, although it equals False."""
    return {key: value for key, value in values.items() if value not in (None, "") and value is not False}


def shown(question: Field, value: Any, journey: Journey, language: str) -> str:
    """An answer as a person reads it."""
    if value in (None, "") or question.type == "secret":
        return ""
    if question.type == "choice" and str(value) in question.options:
        return journey.text(question.options[str(value)], language)
    if question.type == "bool":
        return _("Yes") if value else _("No")
    return values.written(question.type, value)


# -- a maker for each type


def _text(question: Field, journey: Journey, language: str) -> forms.Field:
    return forms.CharField(max_length=LONGEST, error_messages=NEEDED)


def _long(question: Field, journey: Journey, language: str) -> forms.Field:
    return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), error_messages=NEEDED)


def _email(question: Field, journey: Journey, language: str) -> forms.Field:
    return forms.EmailField(max_length=LONGEST, error_messages=EmailForm.base_fields["email"].error_messages)


def _phone(question: Field, journey: Journey, language: str) -> forms.Field:
    return PhoneField(max_length=30, error_messages=NEEDED, widget=forms.TextInput(attrs={"type": "tel"}))


def _iban(question: Field, journey: Journey, language: str) -> forms.Field:
    return IbanField(
        max_length=60,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "characters"}),
    )


def _company_number(question: Field, journey: Journey, language: str) -> forms.Field:
    return CompanyNumberField(
        max_length=30,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "characters"}),
    )


def _country(question: Field, journey: Journey, language: str) -> forms.Field:
    return forms.ChoiceField(choices=values.countries(), initial="RO", error_messages=CHOOSE)


def _choice(question: Field, journey: Journey, language: str) -> forms.Field:
    options = [(key, journey.text(text, language)) for key, text in question.options.items()]
    return forms.ChoiceField(choices=options, widget=forms.RadioSelect, error_messages=CHOOSE)


def _number(question: Field, journey: Journey, language: str) -> forms.Field:
    return NumberField(
        min_value=question.least,
        max_value=question.most,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def _int(question: Field, journey: Journey, language: str) -> forms.Field:
    return WholeField(
        min_value=question.least,
        max_value=question.most,
        error_messages=NEEDED,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


def _bool(question: Field, journey: Journey, language: str) -> forms.Field:
    return forms.BooleanField(error_messages={"required": _("Please tick this to go on.")})


def _secret(question: Field, journey: Journey, language: str) -> forms.Field:
    widget = forms.PasswordInput(
        render_value=False, attrs={"autocomplete": "new-password", "spellcheck": "false"}
    )
    return SecretField(max_length=LONGEST_SECRET, error_messages=NEEDED, widget=widget)


class _Date(forms.DateField):
    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return day.isoformat() if isinstance(day, date) else day


def _date(question: Field, journey: Journey, language: str) -> forms.Field:
    return _Date(
        error_messages={**NEEDED, "invalid": _("Please write a date, such as 24.11.2026.")},
        widget=forms.DateInput(attrs={"type": "date"}),
    )


MAKERS: dict[str, Callable[[Field, Journey, str], forms.Field]] = {
    "text": _text,
    "long text": _long,
    "email": _email,
    "phone": _phone,
    "iban": _iban,
    "company number": _company_number,
    "country": _country,
    "choice": _choice,
    "number": _number,
    "int": _int,
    "bool": _bool,
    "date": _date,
    "secret": _secret,
}


# -- what is wrong with a number, and the way out


def _company_number_error(typed: str, code: str) -> str:
    number = re.sub(r"[\s.\-]", "", typed).upper()
    if re.fullmatch(r"(RO)?\d+", number):
        digits = len(number.removeprefix("RO"))
        if not 2 <= digits <= 10:
            return ngettext(
                "A CUI has 2 to 10 digits; you gave %(count)d.",
                "A CUI has 2 to 10 digits; you gave %(count)d.",
                digits,
            ) % {"count": digits}
        return _(
            "This CUI cannot be right: its last digit does not fit the others. Compare it with your registration certificate."
        )
    if code == "component":
        return _(
            "A VAT number begins with the two letters of its country, for example DE, HU or BG. For a Romanian company write the CUI."
        )
    return _(
        "This VAT number cannot be right. Write it as it stands on your invoices, with the letters of the country in front."
    )


def _iban_error(typed: str, code: str) -> str:
    number = re.sub(r"[\s.\-]", "", typed).upper()
    expected = identifiers.IBAN_LENGTHS.get(number[:2])
    if code == "length" and expected:
        country = {"RO": _("in Romania")}.get(number[:2]) or _("in this country (%(code)s)") % {
            "code": number[:2]
        }
        return _("An IBAN has %(expected)d characters %(country)s; you gave %(count)d.") % {
            "expected": expected,
            "country": country,
            "count": len(number),
        }
    if code == "checksum" and re.match(r"[A-Z]{2}\d\d", number):
        return _(
            "Two characters may be swapped or one is wrong: the check digits of this IBAN do not fit. Copy it from a statement."
        )
    return _("An IBAN begins with two letters and two digits, for example RO49 AAAA 1B31 0075 9384 0000.")


def _phone_error(code: str) -> str:
    if code == "length":
        return _("This number has too many or too few digits.")
    return _("We cannot call this number. Write it as you dial it, or with +40 in front.")


JOINING = [
    ("administrator", gettext_lazy("Company administrator")),
    ("signatory", gettext_lazy("Signatory")),
    ("technical", gettext_lazy("Technical contact")),
    ("reader", gettext_lazy("Reader: sees how far it is")),
]


class RoleForm(forms.Form):
    """What a colleague does in the company."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=JOINING, widget=forms.RadioSelect)


class JoinForm(RoleForm):
    """In what role somebody wants to be let in, and whom they ask."""

    of = forms.ChoiceField(
        label=gettext_lazy("Who shall decide?"),
        choices=[
            ("applicant", gettext_lazy("The colleague who registered the company")),
            ("staff", gettext_lazy("One of us, who will make sure who you are")),
        ],
        widget=forms.RadioSelect,
    )


class InviteForm(RoleForm):
    """A colleague's address and role."""

    email = forms.EmailField(
        label=gettext_lazy("Your colleague's e-mail address"),
        max_length=LONGEST,
        error_messages=ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("email", "role")


class DelegateForm(forms.Form):
    """One open step, and who shall do it."""

    task = forms.ChoiceField(label=gettext_lazy("Step"), widget=forms.RadioSelect, error_messages=CHOOSE)
    to = forms.EmailField(
        label=gettext_lazy("Who shall do it? Their e-mail address"),
        max_length=LONGEST,
        error_messages=ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, case: Case, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text, steps = case.journey.text, case.journey.steps
        self.offers = [
            (one.key, text(steps[one.key].title, language))
            for one in colleagues.delegable(case)
            if one.key in steps
        ]
        self.fields["task"].choices = self.offers  # type: ignore[attr-defined]
