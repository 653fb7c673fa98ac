"""What a person may do with a case apart from its automatic flow: the map of where it is, and the tools beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, Case, StageVisit
from pridvor.journeys import map as maps
from pridvor.journeys.map import Lit

PARTIES = [
    ("us", _("us")),
    ("client", _("the client")),
    ("third party", _("somebody else outside")),
]
KINDS = [
    ("todo", _("a task for us")),
    ("call", _("a call to the client")),
    ("upload", _("a document from the client")),
]


@dataclass(frozen=True)
class Criterion:
    """One thing that a stage must fulfil: ticked by a person, or told by a condition."""

    name: str  # exit:keys-handed-over
    title: str
    is_ticked: bool
    by_person: bool


@dataclass(frozen=True)
class StageCriteria:
    key: str
    title: str
    criteria: Sequence[Criterion]


@dataclass(frozen=True)
class Page:
    case: Case
    title: str
    wide: SafeString
    tall: SafeString
    steps: Sequence[Mapping[str, Any]]
    criteria: Sequence[StageCriteria]
    skip: forms.Form
    back: forms.Form
    add: forms.Form


class PauseForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200)
    party = forms.ChoiceField(label=_("Waiting for"), choices=PARTIES)


class _StepForm(forms.Form):
    step = forms.ChoiceField(label=_("Step"))

    def __init__(self, *args: Any, steps: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = list(steps)  # type: ignore[attr-defined]


class SkipForm(_StepForm):
    reason = forms.CharField(label=_("Why"), max_length=400)


class BackForm(_StepForm):
    note = forms.CharField(
        label=_("What has to be done differently"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class AddForm(forms.Form):
    """A step that the journey does not have; a document is one that the journey knows."""

    kind = forms.ChoiceField(label=_("What sort"), choices=KINDS)
    what = forms.CharField(
        label=_("What is to be done"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    stage = forms.ChoiceField(label=_("In the stage"))
    item = forms.ChoiceField(label=_("Document"), required=False)
    before = forms.ChoiceField(label=_("Holds up"), required=False)

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("stage", "item", "before"):
            self.fields[name].choices = list(choices[name])  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == "upload" and not given.get("item"):
            self.add_error("item", _("Choose the document that the client is to send."))
        return given


def page(case: Case, language: str, **filled: forms.Form) -> Page:
    """The page of one case; `filled` are forms that came back with something wrong."""
    rows = cases.latest_attempts(case)
    lit = {key: Lit(row.status, _loops(case, key)) for key, row in rows.items() if "@" not in key}
    journey = case.journey
    return Page(
        case,
        maps.name(journey.title, journey.name, language),
        mark_safe(maps.draw(journey, language, lit)),  # noqa: S308
        mark_safe(maps.draw(journey, language, lit, tall=True)),  # noqa: S308
        _steps(case, rows, language),
        criteria(case, language),
        skip=filled.get("skip") or skip_form(case, language, rows=rows),
        back=filled.get("back") or back_form(case, language, rows=rows),
        add=filled.get("add") or add_form(case, language, rows=rows),
    )


def skip_form(
    case: Case, language: str, data: Any = None, rows: Mapping[str, Attempt] | None = None
) -> SkipForm:
    open_now = ("waiting", "open", "held")
    return SkipForm(data, steps=_choices(case, rows, language, open_now))


def back_form(
    case: Case, language: str, data: Any = None, rows: Mapping[str, Attempt] | None = None
) -> BackForm:
    return BackForm(data, steps=_choices(case, rows, language, ("done", "skipped"), own=True))


def add_form(
    case: Case, language: str, data: Any = None, rows: Mapping[str, Attempt] | None = None
) -> AddForm:
    journey = case.journey
    live = StageVisit.objects.filter(case=case, live=True).values_list("key", flat=True)
    items = [(key, journey.text(item.title, language)) for key, item in journey.documents.items()]
    waiting = _choices(case, rows, language, ("waiting",))
    return AddForm(
        data,
        choices={
            "stage": [(key, journey.text(journey.stages[key].title, language) or key) for key in live],
            "item": [("", "–"), *items],
            "before": [("", str(_("nothing"))), *waiting],
        },
    )


# -- how


def _choices(
    case: Case,
    rows: Mapping[str, Attempt] | None,
    language: str,
    states: Sequence[str],
    *,
    own: bool = False,
) -> list[tuple[str, str]]:
    rows = rows if rows is not None else cases.latest_attempts(case)
    known = case.journey.steps
    return [
        (key, _title(case, key, language))
        for key in [*known, *(set(rows) - set(known))]
        if key in rows and "@" not in key and rows[key].status in states and (key in known or not own)
    ]


def _steps(case: Case, rows: Mapping[str, Attempt], language: str) -> list[dict[str, Any]]:
    """The map in words, for whoever does not see it."""
    order = {key: place for place, key in enumerate(case.journey.steps)}
    shown = sorted(rows.values(), key=lambda row: order.get(row.step, len(order)))
    return [
        {
            "title": _title(case, row.key, language),
            "state": STATES.get(row.status, row.status),
            "kind": MARKS.get(row.status, ""),
            "number": row.number,
        }
        for row in shown
        if row.status != "cancelled"
    ]


STATES = {
    "waiting": _("not yet"),
    "open": _("now"),
    "held": _("held"),
    "done": _("done"),
    "skipped": _("passed over"),
}
MARKS = {"open": "wait", "held": "bad", "done": "good"}


def _title(case: Case, key: str, language: str) -> str:
    step = case.journey.steps.get(key.partition("@")[0])
    if step:
        return case.journey.text(step.title, language) or key
    return str(_("Added by hand")) if key.startswith("added-") else str(_("A person decides"))


def _loops(case: Case, key: str) -> int:
    return sum(count for step, _outcome, count in case.counts if step.rpartition("@")[2] == key)


def criteria(case: Case, language: str) -> list[StageCriteria]:
    """What the stages that the case has come to must fulfil."""
    journey, found = case.journey, []
    for visit in StageVisit.objects.filter(case=case).order_by("id"):
        stage = journey.stages.get(visit.key)
        if stage is None or not (stage.enter or stage.exit) or visit.entry == "skipped":
            continue
        rows = [
            Criterion(
                f"{door}:{criterion.key}",
                journey.text(criterion.title, language),
                f"{door}:{criterion.key}" in visit.met,
                criterion.holds is None,
            )
            for door, wanted in (("enter", stage.enter), ("exit", stage.exit))
            for criterion in wanted
        ]
        found.append(StageCriteria(stage.key, journey.text(stage.title, language), rows))
    return found
