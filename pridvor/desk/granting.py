"""Decisions that give values with them: a credit limit, a term, a price group; and the assessment that they start from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pridvor.accounts import queries as people
from pridvor.cases import notes
from pridvor.cases.models import Attempt, Case
from pridvor.checks import queries as checks
from pridvor.desk import words
from pridvor.journeys.conditions import word
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Field, Step
from pridvor.journeys.scorecards import Factor
from pridvor.lib.figures import NumberField, WholeField
from pridvor.ui import values

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
MONEY = ("credit_limit",)  # among what is granted
CENTS = 2  # decimals of an amount of money
WRONG = {"required": gettext_lazy("Please fill this in.")}


@dataclass(frozen=True)
class Line:
    """One factor: its question, what was seen, and its points of how many."""

    title: str
    seen: str
    points: int
    most: int
    because: str


@dataclass(frozen=True)
class Panel:
    """A scorecard's judgement, as a person follows it."""

    title: str
    score: int
    most: int
    band: str
    grants: bool
    granted: Sequence[tuple[str, str]]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Decided:
    """What a person gave with a decision; it counts, whatever was assessed."""

    title: str
    given: Sequence[tuple[str, str]]
    by: str
    at: datetime


def decided(case: Case, language: str) -> list[Decided]:
    """The latest decision at each step that gives values, if it gave them."""
    asking = {step.key: step for step in case.journey.steps.values() if step.fields}
    if not asking:
        return []
    done = case.events.filter(kind="step.completed", data__step__in=list(asking)).order_by("id")
    latest = {event.data["step"]: event for event in done}
    names = people.names() if latest else {}
    found = []
    for key, event in latest.items():
        said = [
            (case.journey.text(field.label, language), _given(case, asking[key], field, language))
            for field in asking[key].fields
        ]
        if not asking[key].refuses(event.data["outcome"]) and any(value for _label, value in said):
            by = words.doer(f"{event.actor_kind}:{event.actor_id}", names)
            title = case.journey.text(asking[key].title, language)
            found.append(Decided(title, [row for row in said if row[1]], by, event.at))
    return found


def panels(case: Case, language: str) -> list[Panel]:
    """The latest judgement of each scorecard of the case."""
    found = {}
    for row in checks.assessments(case):
        card = case.journey.scorecards.get(row.scorecard)
        if card and row.scorecard not in found:
            factors = {factor.key: factor for factor in card.factors}
            bands = {band.key: band.title for band in card.bands}
            found[row.scorecard] = Panel(
                title=case.journey.text(card.title, language),
                score=row.score,
                most=card.most,
                band=case.journey.text(bands.get(row.band, {}), language),
                grants=row.grants,
                granted=_granted(row, case.journey, language),
                lines=[_line(line, factors, case.journey, language) for line in row.lines],
            )
    return list(found.values())


class GrantForm(forms.Form):
    """What a person gives with a decision, beginning with what was assessed or proposed; why, in words for colleagues."""

    use_required_attribute = False

    def __init__(self, data: Any, *, attempt: Attempt, language: str) -> None:
        case, step = attempt.case, attempt.case.journey.steps[attempt.step]
        self.before = _before(case, attempt.step, step.fields)
        super().__init__(data, initial=self.before)
        self.names = {field.key: f"{word(step.key)}.{word(field.key)}" for field in step.fields}
        for field in step.fields:
            self.fields[field.key] = _question(field, case.journey, language)
        self.fields["why"] = forms.CharField(
            label=_("Why, for colleagues"),
            required=False,
            max_length=notes.LONGEST,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_(
                "Needed where you give something else than was assessed. The client does not see it."
            ),
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        other = any(name in cleaned and cleaned[name] != self.before.get(name) for name in self.names)
        why = cleaned.get("why") or ""
        if self.before and other and not why:
            self.add_error("why", _("You give something else than was assessed: say why."))
        try:
            notes.mentioned(why, people.active())
        except notes.NobodyCalled as wrong:
            said = _("“%(name)s” is nobody here, or more than one: use the e-mail address.")
            self.add_error("why", said % {"name": wrong.called})
        return cleaned

    def questions(self) -> list[Any]:
        return [self[name] for name in self.names]

    def values(self) -> dict[str, Any]:
        """By the name under which conditions see them."""
        return {self.names[key]: self.cleaned_data[key] for key in self.names}


# -- how


def _given(case: Case, step: Step, field: Field, language: str) -> str:
    value = case.values.get(f"{word(step.key)}.{word(field.key)}")
    chosen = case.journey.text(field.options.get(str(value), {}), language)
    return chosen or values.written(field.type, value)


def _before(case: Case, step: str, asked: Sequence[Field]) -> dict[str, Any]:
    """What another person proposed here, else what the latest assessment came to."""
    proposed = {field.key: case.values.get(f"{word(step)}.{word(field.key)}") for field in asked}
    if any(value is not None for value in proposed.values()):
        return {name: _plain(value) for name, value in proposed.items()}
    latest = next(iter(checks.assessments(case)), None)
    if latest is None:
        return {}
    named = {
        "credit_limit": _plain(float(latest.credit_limit)),
        "payment_days": latest.payment_days,
        "price_group": latest.price_group,
    }
    return {field.key: named[field.key] for field in asked if field.key in named}


def _plain(value: Any) -> Any:
    """A whole number without the zero behind its point, as people type it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _question(field: Field, journey: Journey, language: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": journey.text(field.label, language),
        "help_text": journey.text(field.hint, language),
        "required": field.required,
        "error_messages": WRONG,
    }
    match field.type:
        case "choice":
            options = [(key, journey.text(text, language)) for key, text in field.options.items()]
            return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case "number":
            places = {"places": CENTS} if field.key in MONEY else {}
            return NumberField(min_value=0, widget=_digits("decimal"), **places, **common)
        case "int":
            return WholeField(min_value=0, widget=_digits("numeric"), **common)
        case "bool":
            return forms.BooleanField(**{**common, "required": False})
    return forms.CharField(max_length=200, **common)


def _digits(mode: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode})


def _granted(row: Any, journey: Journey, language: str) -> list[tuple[str, str]]:
    asked = [field for step in journey.steps.values() for field in step.fields]
    groups = next((field.options for field in asked if field.key == "price_group"), {})
    group = journey.text(groups.get(row.price_group, {}), language) or row.price_group
    named = [
        (_("Credit limit"), formats.number_format(row.credit_limit, 2, force_grouping=True)),
        (_("Payment term"), _days(row.payment_days)),
        (_("Price group"), group),
    ]
    return [(title, said) for title, said in named if said]


def _days(count: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", count) % {"days": count}


def _line(line: Mapping[str, Any], factors: Mapping[str, Factor], journey: Journey, language: str) -> Line:
    seen = _shown(line["value"]) if line["is_known"] else _("not known")
    factor = factors.get(line["factor"])
    title = journey.text(factor.title, language) if factor else str(line["factor"])
    return Line(
        title, seen, line["points"], line["most"], _ground(line["because"], factor.of if factor else "")
    )


def _ground(because: str, of: str) -> str:
    """The condition that gave the points; one that bounds what the factor is of, as people write it: «≥ 10»."""
    if because == of:
        return ""  # what was seen says it
    bound = re.fullmatch(rf"{re.escape(of)}\s*(>=|<=|>|<)\s*(-?\d+)(?:\.0+)?", because) if of else None
    return (
        f"{SIGNS[bound[1]]} {formats.number_format(int(bound[2]), force_grouping=True)}" if bound else because
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return formats.number_format(value, force_grouping=True)
    if isinstance(value, float):
        return formats.number_format(value, 1 if value < 1000 else 0, force_grouping=True)
    return str(value) if value not in (None, "") else "–"
