"""What a registration costs a person: fields, keys and seconds, after the keystroke-level model.

K, P, H and M are Card, Moran and Newell's (1980): a key, a pointing, moving the hand between keyboard and mouse, a
thought. The pages are the journey's own, so that a field too many shows here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings

from pridvor.journeys import language
from pridvor.journeys.language import Journey
from pridvor.portal import applying
from pridvor.portal.forms import CodeForm, EmailForm, questions

K, P, H, M = 0.28, 1.1, 0.4, 1.35
PAGE, MAILBOX = 1.0, 15.0  # seconds: a page to come, a code to be found in the mailbox
SAMPLES = {
    "company_number": "48219502",
    "email": "ana.popescu@veranda.ro",
    "code": "471053",
    "contact_name": "Ana Popescu",
    "phone": "0721000111",
}
TYPED = (forms.TextInput, forms.EmailInput, forms.NumberInput, forms.Textarea)
WITHIN, FIELDS, BEFORE = 180.0, 8, 2


@dataclass(frozen=True)
class Effort:
    """One page: what is typed, what is chosen, how long it takes."""

    page: str
    typed: tuple[str, ...]
    chosen: int
    seconds: float


def registration(journey: Journey) -> list[Effort]:
    """Every page from the first to «Send registration», for a company that the registry knows."""
    pages = [_page("porch", [])]
    shown = list(applying.first_form(journey)[1].pages)
    before = [page for page in shown if page.before_sign_in]
    for page in before:
        known = applying.is_about_the_company(page)  # shown, not asked
        pages.append(
            _page(page.key, [] if known else list(questions(journey, page.fields, "en").fields.items()))
        )
    pages.append(_page("email", list(EmailForm().fields.items())))
    pages.append(_page("code", list(CodeForm().fields.items()), waiting=MAILBOX))
    pages += [
        _page(page.key, list(questions(journey, page.fields, "en").fields.items()))
        for page in shown
        if not page.before_sign_in
    ]
    return [*pages, _page("check", [])]


def typed_before_recognised(efforts: list[Effort], journey: Journey) -> int:
    """How many fields are typed before the company is known by name."""
    known = next((page.key for page in applying.pages(journey) if applying.is_about_the_company(page)), "")
    names = [effort.page for effort in efforts]
    return sum(
        len(effort.typed) for effort in efforts[: names.index(known) if known in names else len(names)]
    )


def rows(source: Path | None = None) -> list[dict[str, Any]]:
    """For the benchmark's table."""
    path = source or Path(settings.JOURNEYS) / "partner-registration.yaml"
    journey = language.read(path.read_text(encoding="utf-8"))
    efforts = registration(journey)
    return [
        _row(
            "registration, by keystroke-level model", sum(effort.seconds for effort in efforts), "s", WITHIN
        ),
        _row(
            "fields typed in a registration", sum(len(effort.typed) for effort in efforts), "fields", FIELDS
        ),
        _row(
            "fields typed before the company is recognised",
            typed_before_recognised(efforts, journey),
            "fields",
            BEFORE,
        ),
        _row("pages of a registration", len(efforts), "pages", 8),
    ]


def _page(name: str, fields: list[tuple[str, forms.Field]], *, waiting: float = 0.0) -> Effort:
    """Each field: think, type; the first is focused by a click; a choice: think, point; the button: think, point."""
    typed = tuple(
        key
        for key, field in fields
        if isinstance(field.widget, TYPED) and not isinstance(field.widget, forms.RadioSelect)
    )
    chosen = len(fields) - len(typed)
    seconds = PAGE + waiting + (M + P + K) + chosen * (M + P + K)
    seconds += sum(M + K * (len(SAMPLES.get(key, "x" * 15)) + 1) for key in typed) + (
        P + 2 * H if typed else 0
    )
    return Effort(name, typed, chosen, seconds)


def _row(name: str, value: float, unit: str, goal: float) -> dict[str, Any]:
    value = round(float(value), 1)
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "against": "at most",
        "ratio": round(value / goal, 2),
        "goal": goal,
        "ok": value <= goal,
    }
