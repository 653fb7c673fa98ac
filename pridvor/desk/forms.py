"""What an operator fills in: which items are wrong and why, or why a case ends."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pridvor.cases import notes
from pridvor.cases.models import Attempt, Case
from pridvor.lib import identifiers
from pridvor.notifications import reason_texts

REJECT = "reject-"


class InvitationForm(forms.Form):
    """For whom staff open a case: which journey, which company, whom to write to."""

    use_required_attribute = False
    journey = forms.ChoiceField(label=_("What for"))
    number = forms.CharField(label=_("CUI or EU VAT number"), max_length=30)
    name = forms.CharField(
        label=_("Name of the company"),
        required=False,
        max_length=200,
        help_text=_("Only if the registry does not know it."),
    )
    contact_name = forms.CharField(label=_("Who speaks for it"), required=False, max_length=200)
    email = forms.EmailField(label=_("Their e-mail address"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)

    def __init__(self, *args: Any, journeys: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["journey"].choices = journeys  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        try:
            return identifiers.company_number(str(self.cleaned_data["number"])).number
        except identifiers.WrongIdentifier:
            raise forms.ValidationError(
                _("This number cannot be right: compare it with the registration certificate.")
            ) from None


class WordsForm(forms.Form):
    """Words for the client: ready ones of the library, in the client's language, and one's own."""

    texts = forms.MultipleChoiceField(
        label=_("Ready words"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=_("Words for the client"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what to do, in the client's language. Sent with the reasons."),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ready = {str(text.public_id): text for text in reason_texts.offered()}
        self.spoken = case.language
        choices = [(key, f"{text.title}: {text.said(case.language)}") for key, text in self.ready.items()]
        self.fields["texts"].choices = choices  # type: ignore[attr-defined]

    def words(self) -> str:
        """The chosen ready words, then one's own."""
        chosen = [self.ready[key].said(self.spoken) for key in self.cleaned_data.get("texts", [])]
        return "\n".join(filter(None, (*chosen, self.cleaned_data.get("note", "").strip())))

    def chosen_texts(self) -> list[UUID]:
        return [self.ready[key].public_id for key in self.cleaned_data.get("texts", [])]


class ReasonForm(WordsForm):
    """Ends a case: a reason code of the journey, and words for the client."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    field_order = ("reason", "texts", "note")

    def __init__(self, *args: Any, case: Case, language: str, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["reason"].choices = _choices(case, language, rejecting=True)  # type: ignore[attr-defined]


class ValidityForm(forms.Form):
    """The last day on which a paper counts."""

    valid_until = forms.DateField(required=False)


class TextForm(forms.Form):
    """A text of the library: what staff know it by, and its words in each language."""

    title = forms.CharField(label=_("Title, for colleagues"), max_length=80)
    words_ro = forms.CharField(
        label=_("Words in Romanian"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    words_en = forms.CharField(
        label=_("Words in English"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def words(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"words_{language}"].strip() for language in ("ro", "en")}


class NoteForm(forms.Form):
    """What colleagues should know, and whom to call besides those it mentions."""

    note = forms.CharField(
        label=_("Note"), max_length=notes.LONGEST, widget=forms.Textarea(attrs={"rows": 5})
    )
    call = forms.CharField(label=_("Call"), max_length=200, required=False)


class CorrectionForm(WordsForm):
    """Asks for items again: for each one that is wrong, a reason; and words for the client."""

    def __init__(self, *args: Any, attempt: Attempt, outcome: str, language: str, **kwargs: Any) -> None:
        case = attempt.case
        super().__init__(*args, case=case, **kwargs)
        self.items = _items(case, attempt, outcome, language)
        choices = [("", _("in order")), *_choices(case, language, rejecting=False)]
        for step, item, title in self.items:
            self.fields[f"{step}.{item}"] = forms.ChoiceField(label=title, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(f"{step}.{item}") for step, item, _title in self.items):
            raise forms.ValidationError(_("Choose at least one item that is wrong, and say why."))
        return cleaned

    def rows(self) -> list[Any]:
        return [self[f"{step}.{item}"] for step, item, _title in self.items]

    def reasons(self) -> list[dict[str, str]]:
        chosen = ((step, item, self.cleaned_data.get(f"{step}.{item}")) for step, item, _title in self.items)
        return [
            {"step": step, **({"item": item} if item else {}), "code": code}
            for step, item, code in chosen
            if code
        ]


def _choices(case: Case, language: str, *, rejecting: bool) -> list[tuple[str, str]]:
    reasons: Mapping[str, Any] = case.journey.reasons
    return [
        (code, case.journey.text(text, language))
        for code, text in reasons.items()
        if code.startswith(REJECT) == rejecting
    ]


def _items(case: Case, attempt: Attempt, outcome: str, language: str) -> list[tuple[str, str, str]]:
    """Every field and document of the steps that this outcome may send back to."""
    journey, items = case.journey, []
    for named in journey.steps[attempt.step].routes[outcome].targets:
        target = attempt.step if named == "self" else named
        step = journey.steps.get(target)
        if step and step.kind == "form" and step.use in journey.forms:
            items += [
                (target, field.key, journey.text(field.label, language))
                for field in journey.forms[step.use].fields
            ]
            items += [
                (target, page.key, journey.text(page.title, language))
                for page in journey.forms[step.use].groups
            ]
        elif step and step.kind == "upload":
            items += [
                (target, item, journey.text(journey.documents[item].title, language))
                for item in step.uses
                if item in journey.documents
            ]
        elif step:  # nothing of it can be asked by itself
            items.append((target, "", journey.text(step.title, language)))
    return items
