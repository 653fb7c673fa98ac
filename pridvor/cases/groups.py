"""The entries of a page that repeats: added, corrected, taken away, put back. Each is one transaction under the case's lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from pridvor.cases import actions, queries
from pridvor.cases.actions import Refused
from pridvor.cases.models import Attempt, Case
from pridvor.journeys import asking, entries
from pridvor.journeys.model import Page, Repeat
from pridvor.lib.actor import Actor


@transaction.atomic
def add_entry(
    case: Case, step: str, group: str, fields: Mapping[str, Any], *, actor: Actor, now: datetime
) -> int:
    """This will add an entry with these answers, by question, and return its number, which no other ever has."""
    known = _locked(case, step)
    _, repeat = _page(case, step, group, known)
    number = entries.next_number(group, known)
    if len(entries.present(group, known)) >= repeat.most or number > entries.MOST_EVER:
        raise Refused("too-many-entries")
    _keep(case, step, known, {entries.name(group, number): True, **_named(group, number, fields)}, actor, now)
    return number


@transaction.atomic
def change_entry(
    case: Case, step: str, group: str, number: int, fields: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """This will correct the answers of one entry."""
    known = _locked(case, step)
    _page(case, step, group, known)
    if number not in entries.present(group, known):
        raise Refused("no-such-entry")
    _keep(case, step, known, _named(group, number, fields), actor, now)


@transaction.atomic
def remove_entry(case: Case, step: str, group: str, number: int, *, actor: Actor, now: datetime) -> None:
    """This will take an entry away. Of a form that was sent, only while as many stay as are asked for."""
    known = _locked(case, step)
    _page(case, step, group, known)
    if number not in entries.present(group, known):
        raise Refused("no-such-entry")
    _keep(case, step, known, {entries.name(group, number): False}, actor, now)


@transaction.atomic
def restore_entry(case: Case, step: str, group: str, number: int, *, actor: Actor, now: datetime) -> None:
    """This will put back an entry that was taken away before the form was sent; afterwards its answers are gone."""
    known = _locked(case, step)
    _, repeat = _page(case, step, group, known)
    if number not in restorable(case, step, group):
        raise Refused("no-such-entry")
    if len(entries.present(group, known)) >= repeat.most:
        raise Refused("too-many-entries")
    _keep(case, step, known, {entries.name(group, number): True}, actor, now)


def restorable(case: Case, step: str, group: str) -> list[int]:
    """Entries taken away since the form is open."""
    typed = {name: row.value for name, row in queries.drafts(case, step).items()}
    return entries.removed(group, typed)


# -- how


def _locked(case: Case, step: str) -> dict[str, Any]:
    """The plain answers as they stand, once nobody else can change them."""
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)
    return queries.entered(case, step) if _is_open(case, step) else queries.answers(case)


def _is_open(case: Case, step: str) -> bool:
    return Attempt.objects.filter(case=case, key=step, status="open").exists()


def _page(case: Case, step: str, group: str, known: Mapping[str, Any]) -> tuple[Page, Repeat]:
    page = queries.asked(case, step, known).page(group)
    if page is None or page.repeat is None:
        raise Refused("no-such-entry")
    return page, page.repeat


def _named(group: str, number: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {entries.name(group, number, key): value for key, value in fields.items()}


def _keep(
    case: Case, step: str, known: Mapping[str, Any], named: Mapping[str, Any], actor: Actor, now: datetime
) -> None:
    """As a draft while the form is open; as a correction once it was sent, if all entries together can stand."""
    if _is_open(case, step):
        actions.save_draft(case, step, named, now=now)
        return
    form = case.journey.form(step)
    secret = {name for name in named if (asked := asking.question_of(form, name)) and asked.personal}
    plain = {name: value for name, value in named.items() if name not in secret}
    _refuse_odd(case, step, {**known, **plain})
    personal = {name: "" if named[name] is None else str(named[name]) for name in secret}
    actions.change(case, step, plain, personal, actor=actor, now=now)


def _refuse_odd(case: Case, step: str, after: Mapping[str, Any]) -> None:
    now = queries.asked(case, step, after)
    for page in now.pages:
        if page.repeat and len(entries.present(page.key, after)) < page.repeat.least:
            raise Refused("too-few-entries")
        if asking.breaks_rule(page, after, now.seen):
            raise Refused("breaks-rule")
