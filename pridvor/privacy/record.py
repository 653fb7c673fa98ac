"""The record of processing activities (GDPR Art. 30), made from the data map, the rules of retention and what is connected.

It says what the software does; what a company does besides, its own record adds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.company.reading import company
from pridvor.connectors.models import Call
from pridvor.lib.data_map import USES, Table, Use
from pridvor.privacy import categories, rules
from pridvor.privacy.models import Rule
from pridvor.privacy.sheets import Sheet
from pridvor.ui import dates

FORMS = {
    "sealed": gettext_lazy("sealed under the person's key"),
    "ids": gettext_lazy("an id without a name"),
    "clear": gettext_lazy("readable"),
}
WHOSE = {
    "clients": gettext_lazy("persons who act for clients and applicants"),
    "staff": gettext_lazy("members of the staff"),
}
MEASURES = (
    gettext_lazy("Values and documents are sealed under a key for each person; erasing destroys the key."),
    gettext_lazy(
        "Each look at a value leaves a line with person, purpose and time before the value is given."
    ),
    gettext_lazy("Staff sign in with a second factor; one table says who may do what on which cases."),
    gettext_lazy("Ledgers are only added to; the database refuses changes."),
    gettext_lazy("Unusual access opens an incident with a clock of 72 hours."),
)
_tables: list[Table] = []  # the data map of all rooms; set by the wiring


def learn(tables: Iterable[Table]) -> None:
    """Take the data map; the wiring calls it once."""
    _tables[:] = tables


@dataclass(frozen=True)
class Column:
    """One column about people, as the record lists it."""

    table: str
    column: str
    form: str


@dataclass(frozen=True)
class Activity:
    """One purpose with everything that is processed for it."""

    use: Use
    columns: tuple[Column, ...]


def activities() -> list[Activity]:
    """Every purpose with its columns, in the order of the uses."""
    found: dict[str, list[Column]] = {use.key: [] for use in USES}
    for table in _tables:
        for column, form, use in table.personal():
            found[use.key].append(Column(table.model, column, form))
    return [Activity(use, tuple(found[use.key])) for use in USES]


def recipients() -> list[str]:
    """Outside systems that were called for a case."""
    return sorted(set(Call.objects.values_list("peer", flat=True)))


def described(language: str) -> dict[str, Any]:
    """The record as plain values, for commands."""
    with translation.override(language):
        return {
            "controller": company().words,
            "activities": [
                {
                    "purpose": str(one.use.purpose),
                    "legal_basis": str(one.use.basis),
                    "persons": str(WHOSE[one.use.whose]),
                    "kept": str(one.use.kept),
                    "columns": [vars(column) for column in one.columns],
                }
                for one in activities()
            ],
            "categories": {key: str(words) for key, words in categories.NAMES.items()},
            "retention": [_retention(rule, language) for rule in rules.table()],
            "recipients": recipients(),
            "measures": [str(words) for words in MEASURES],
        }


def sheet(language: str, *, now: datetime) -> Sheet:
    """The record as a report to print."""
    said = described(language)
    with translation.override(language):
        made = Sheet(_("Record of processing activities"), language, now, wide=True)
        made.footer = _("GDPR Art. 30, made on %(day)s") % {"day": dates.said(now, "year")}
        company = said["controller"]
        made.facts(
            [(_("Controller"), company["name"]), (_("Contact"), f"{company['contact']}, {company['email']}")]
        )
        made.heading(_("Purposes"))
        head = [_("Purpose"), _("Legal basis"), _("Whose data"), _("Kept"), _("Columns")]
        rows = [
            [one["purpose"], one["legal_basis"], one["persons"], one["kept"], str(len(one["columns"]))]
            for one in said["activities"]
        ]
        made.table(head, rows, [5, 5, 4, 5, 1])
        _rest(made, said)
    return made


def _rest(made: Sheet, said: dict[str, Any]) -> None:
    made.heading(_("How long"))
    head = [_("Rule"), _("Legal basis"), _("Kinds of data"), _("Months"), _("Counted from")]
    rows = [
        [rule["title"], rule["law"], ", ".join(rule["categories"]), str(rule["months"]), rule["since"]]
        for rule in said["retention"]
        if rule["active"]
    ]
    made.table(head, rows, [3, 6, 6, 1, 3])
    made.heading(_("Who receives it"))
    made.paragraph(", ".join(said["recipients"]) or _("No outside system was called yet."))
    made.heading(_("How it is protected"))
    for words in said["measures"]:
        made.paragraph(words)
    made.heading(_("Every column about persons"))
    columns = [
        [column["table"], column["column"], str(FORMS[column["form"]]), one["purpose"]]
        for one in said["activities"]
        for column in one["columns"]
    ]
    made.table([_("Table"), _("Column"), _("Form"), _("Purpose")], columns, [3, 3, 4, 6])


SINCE = {
    Rule.Since.RELATIONSHIP: gettext_lazy("the end of the contract"),
    Rule.Since.CASE: gettext_lazy("the end of the registration"),
}


def _retention(rule: Rule, language: str) -> dict[str, Any]:
    return {
        "rule": rule.key,
        "title": rule.said("title", language),
        "law": rule.said("law", language),
        "categories": [str(categories.NAMES[key]) for key in rule.categories],
        "months": rule.months,
        "since": str(SINCE[Rule.Since(rule.since)]),
        "holds": rule.holds,
        "active": rule.active,
    }
