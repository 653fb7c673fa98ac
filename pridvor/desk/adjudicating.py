"""Candidates of sanctions lists, for people: what the list says beside what we know, why they are alike, who said what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts import queries as people
from pridvor.accounts.models import Staff
from pridvor.cases import actions as cases
from pridvor.cases.models import Case
from pridvor.checks import screening
from pridvor.checks.models import Candidate, Screening, Verdict
from pridvor.checks.screening import Standing
from pridvor.connectors.watchlist import COMPANY, PURPOSE
from pridvor.desk import words
from pridvor.desk.door import language
from pridvor.lib import clock
from pridvor.ui import dates, values

LONGEST = 2000  # characters of a reason; a page's limit of half of that counts a line's end once, not twice
SHOWN: Mapping[str, tuple[str, ...]] = {  # what is compared: the properties of an entry, by what we call it
    "name": ("name", "alias", "weakAlias", "previousName"),
    "country": ("jurisdiction", "nationality", "citizenship", "country"),
    "birth": ("birthDate",),
    "number": ("registrationNumber", "taxNumber", "vatCode", "idNumber", "passportNumber"),
    "position": ("position",),
    "notes": ("notes", "reason", "program", "programId"),
}
LABELS: Mapping[str, Promise] = {
    "name": gettext_lazy("Names"),
    "country": gettext_lazy("Country"),
    "birth": gettext_lazy("Date of birth"),
    "number": gettext_lazy("Numbers"),
    "position": gettext_lazy("Position"),
    "notes": gettext_lazy("Remarks"),
}
TOPICS: Mapping[str, Promise] = {  # of FollowTheMoney; one that is not here is shown as its code
    "sanction": gettext_lazy("sanctioned"),
    "sanction.linked": gettext_lazy("linked to somebody who is sanctioned"),
    "role.pep": gettext_lazy("politically exposed"),
    "role.rca": gettext_lazy("close to somebody politically exposed"),
    "debarment": gettext_lazy("barred from public contracts"),
    "crime": gettext_lazy("crime"),
}
# Of the service's ways to compare; one that is not here is shown as its code.
FEATURES: Mapping[str, Promise] = {
    "name_match": gettext_lazy("names"),
    "words": gettext_lazy("words of the names"),
    "name_literal_match": gettext_lazy("the same name"),
    "person_name_jaro_winkler": gettext_lazy("letters of the name"),
    "person_name_phonetic_match": gettext_lazy("sound of the name"),
    "name_fingerprint_levenshtein": gettext_lazy("letters of the name"),
    "weak_alias_match": gettext_lazy("a weak alias"),
    "country_mismatch": gettext_lazy("other country"),
    "last_name_mismatch": gettext_lazy("other family name"),
    "dob_year_disjoint": gettext_lazy("other year of birth"),
    "dob_day_disjoint": gettext_lazy("other day of birth"),
    "numbers_mismatch": gettext_lazy("other numbers in the name"),
    "orgid_disjoint": gettext_lazy("other registration number"),
    "identifier_match": gettext_lazy("the same identifier"),
}
STANDINGS: Mapping[Standing, tuple[Promise, str]] = {
    Standing.OPEN: (gettext_lazy("to be decided"), "wait"),
    Standing.PROPOSED: (gettext_lazy("one and the same, says one person; a second must confirm"), "bad"),
    Standing.SAME: (gettext_lazy("one and the same"), "bad"),
    Standing.DIFFERENT: (gettext_lazy("somebody else"), "good"),
}


class VerdictForm(forms.Form):
    """What is said of a candidate, and why."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True)
class Said:
    """One person's word."""

    verdict: str
    name: str
    at: Any
    why: str


@dataclass(frozen=True)
class Panel:
    """One candidate; `rows`: what is compared, ours, theirs. `why`: the features of the algorithm, in percent."""

    candidate: Candidate
    whose: str
    caption: str
    score: int
    topics: Sequence[str]
    state: str
    kind: str
    rows: Sequence[tuple[str, str, str]]
    why: Sequence[tuple[str, int]]
    said: Sequence[Said]
    is_open: bool
    typed: str = ""  # a reason that could not be kept yet


@dataclass(frozen=True)
class Line:
    """A candidate in the list of those that wait; its words stay sealed."""

    candidate: Candidate
    whose: str
    score: int
    topics: Sequence[str]
    state: str
    kind: str


@dataclass(frozen=True)
class Summary:
    """The latest screening of a case, in a line."""

    screening: Screening
    candidates: int
    undecided: int


def panels(case: Case, staff: Staff, typed: Mapping[UUID, str]) -> list[Panel]:
    """The candidates of the latest screening, undecided ones first. Opens names and reasons, which is logged."""
    standings = screening.standings(screening.latest(case))
    entries = screening.reveal(standings, actor=staff.actor, now=clock.now())
    ours = _ours(case, standings, staff)
    found = [
        replace(
            _panel(row, standing, entries.get(row.public_id, {}), ours.get(row.subject, {}), staff),
            typed=typed.get(row.public_id, ""),
        )
        for row, standing in standings.items()
    ]
    return sorted(found, key=lambda panel: not panel.is_open)


def lines() -> list[Line]:
    """Every candidate that waits for a person, of the cases that the reader sees."""
    return [
        Line(row, _whose(row), _percent(row.score), _topics(row), *_state(standing))
        for row, standing in screening.undecided().items()
    ]


def summary(case: Case) -> Summary | None:
    """None where nobody was screened yet."""
    made = screening.screenings(case)
    if not made:
        return None
    standings = screening.standings(made[0].candidates.all())
    undecided = sum(standing in screening.UNDECIDED for standing in standings.values())
    return Summary(made[0], len(standings), undecided)


# -- how


def _panel(
    row: Candidate, standing: Standing, entry: Mapping[str, Any], ours: Mapping[str, str], staff: Staff
) -> Panel:
    theirs = {
        name: _distinct(value for each in properties for value in entry.get("properties", {}).get(each, ()))
        for name, properties in SHOWN.items()
    }
    theirs["country"] = _countries(theirs["country"])
    theirs["birth"] = " · ".join(map(_day, theirs["birth"].split(" · ")))
    compared = [
        (str(LABELS[name]), ours.get(name, ""), theirs[name])
        for name in SHOWN
        if ours.get(name) or theirs[name]
    ]
    return Panel(
        row,
        _whose(row),
        str(entry.get("caption") or row.entry),
        _percent(row.score),
        _topics(row),
        *_state(standing),
        compared,
        [(str(FEATURES.get(name, name)), _percent(score)) for name, score in entry.get("why", {}).items()],
        _said(row, staff),
        standing in screening.UNDECIDED,
    )


def _ours(case: Case, rows: Iterable[Candidate], staff: Staff) -> dict[str, dict[str, str]]:
    """What we know of each who is looked for: of the company its register, of a person the name alone."""
    client = case.client
    numbers = _distinct((client.registration_number, client.cui, client.vat))
    known = {COMPANY: {"name": client.name, "country": _countries(client.country), "number": numbers}}
    named = {row.subject for row in rows} - {COMPANY}
    people_named = (
        cases.reveal(case, named, actor=staff.actor, purpose=PURPOSE, now=clock.now()) if named else {}
    )
    return known | {subject: {"name": name} for subject, name in people_named.items()}


def _said(row: Candidate, staff: Staff) -> list[Said]:
    said = screening.words_on(row)
    reasons = screening.reveal_reasons(said, actor=staff.actor, now=clock.now())
    names = people.names()
    return [
        Said(
            word.get_verdict_display(),
            names.get(word.by.partition(":")[2], word.by),
            word.at,
            reasons.get(word.pk, ""),
        )
        for word in said
    ]


def _whose(row: Candidate) -> str:
    if row.subject == COMPANY:
        return _("the company")
    question = words.item_title(row.screening.case, row.subject.rpartition(".")[2], language())
    return _("the person under “%(question)s”") % {"question": question}


def _topics(row: Candidate) -> list[str]:
    return [str(TOPICS.get(topic, topic)) for topic in row.topics]


def _state(standing: Standing) -> tuple[str, str]:
    said, kind = STANDINGS[standing]
    return str(said), kind


def _countries(codes: str) -> str:
    return _distinct(values.country(code.upper()) for code in codes.split(" · "))


def _day(said: str) -> str:
    """A date as people write it; lists know of some only the year."""
    try:
        return dates.said(date.fromisoformat(said), "short")
    except ValueError:
        return said


def _percent(score: float) -> int:
    return round(score * 100)


def _distinct(values: Iterable[str]) -> str:
    return " · ".join(dict.fromkeys(filter(None, values)))
