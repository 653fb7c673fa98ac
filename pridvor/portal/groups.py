"""A page that repeats, as a client sees it: its entries in words, the questions of one, what is not right yet."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pridvor.journeys import asking, entries
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Field, Page
from pridvor.portal import forms

Values = Mapping[str, Any]


def title(journey: Journey, page: Page, number: int, language: str) -> str:
    """What an entry is called: «Owner 3»."""
    return f"{journey.text(page.repeat.entry if page.repeat else {}, language)} {number}".strip()


def words(
    journey: Journey, page: Page, number: int, known: Values, seen: Values, language: str
) -> list[tuple[str, str]]:
    """An entry's questions with their answers as a person reads them."""
    own = entries.answers_of(page.key, number, known)
    return [
        (journey.text(field.label, language), forms.shown(field, own.get(field.key), journey, language))
        for field in asking.of_entry(page, own, seen)
        if own.get(field.key) not in (None, "")
    ]


def in_one(journey: Journey, page: Page, number: int, known: Values, seen: Values, language: str) -> str:
    """An entry in a few lines, one for each answer."""
    told = words(journey, page, number, known, seen, language)
    return "\n".join(f"{label}: {value}" for label, value in told)


def questions(
    journey: Journey, page: Page, own: Values, seen: Values, language: str, data: Any = None
) -> forms.Questions:
    """The questions of one entry; `own` are its answers by question, `data` what is being sent."""
    typed = forms.typed(journey, page.fields, language, data) if data is not None else {}
    fields: tuple[Field, ...] = asking.of_entry(page, {**own, **typed}, seen)
    return forms.questions(journey, fields, language, data=data, initial=own)


def problem(journey: Journey, page: Page, known: Values, seen: Values, language: str) -> str:
    """What keeps the page from being right, and the way out; nothing when it is."""
    if page.repeat is None:
        return ""
    numbers = entries.present(page.key, known)
    missing = page.repeat.least - len(numbers)
    if missing > 0:
        return ngettext("Please add %(count)d more.", "Please add %(count)d more.", missing) % {
            "count": missing
        }
    for number in numbers:
        if not _is_whole(journey, page, number, known, seen, language):
            return _("Something is missing here: %(entry)s.") % {
                "entry": title(journey, page, number, language)
            }
    if asking.breaks_rule(page, known, seen):
        return journey.text(page.repeat.message, language)
    return ""


def _is_whole(journey: Journey, page: Page, number: int, known: Values, seen: Values, language: str) -> bool:
    own = entries.answers_of(page.key, number, known)
    return questions(journey, page, own, seen, language, forms.as_posted(own)).is_valid()
