"""Filling in a form of a case: what is asked now, what stands there already, where it goes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.forms import ValidationError
from django.utils.translation import gettext as _

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import secrets
from pridvor.cases.models import Attempt, Case
from pridvor.clients import actions as clients
from pridvor.connectors import companies
from pridvor.journeys import asking, entries
from pridvor.journeys.asking import Asked
from pridvor.journeys.model import Field, Form, Page, Step
from pridvor.lib.actor import Actor
from pridvor.portal import applying, credentials, forms, groups, reasons

TERMS = "2026-11"  # the version of the conditions that a client accepts


class NotYours(Exception):
    """Nothing of this form can be answered or changed now."""


@dataclass
class Sitting:
    """One person before one form of one case."""

    case: Case
    step: Step
    attempt: Attempt
    actor: Actor
    language: str
    now: datetime

    # -- what is asked

    @cached_property
    def form(self) -> Form:
        return self.case.journey.forms[self.step.use]

    @property
    def is_open(self) -> bool:
        return self.attempt.status == "open"

    @property
    def is_first(self) -> bool:
        return self.step.key == applying.first_form(self.case.journey)[0].key

    @property
    def wants_consent(self) -> bool:
        return self.is_first and self.attempt.number == 1

    @property
    def is_again(self) -> bool:
        return self.is_open and bool(self.attempt.reasons or self.attempt.wanted)

    @cached_property
    def asked(self) -> Asked:
        """What the form asks, given what stands there."""
        return case_queries.asked(self.case, self.step.key, self.known)

    @property
    def pages(self) -> list[Page]:
        """The pages to go through now: all of them, or those where something was wrong or is missing since."""
        pages, wanted = list(self.asked.pages), set(self.attempt.wanted) if self.is_open else set()
        narrowed = [
            page
            for page in pages
            if wanted & {page.key, *(question.key for question in page.fields)}
            or (wanted and self.form.varies and not self._holds(page))
        ]
        return narrowed or pages

    @cached_property
    def wrong(self) -> dict[str, list[str]]:
        return (
            reasons.by_item(self.case.journey, self.attempt.reasons, self.language) if self.is_again else {}
        )

    def page(self, key: str) -> Page | None:
        """The page, if it is asked now."""
        return self.asked.page(key)

    def has_page(self, key: str) -> bool:
        """Whether the form has such a page, asked now or not."""
        return any(page.key == key for page in self.form.pages)

    # -- what stands there

    @cached_property
    def known(self) -> dict[str, Any]:
        """Answers and drafts by field; personal ones are opened, which the vault logs."""
        drafts = case_queries.drafts(self.case, self.step.key) if self.is_open else {}
        refs = {
            **case_queries.personal_refs(self.case),
            **{key: row.ref for key, row in drafts.items() if row.ref},
        }
        mine = {name: ref for name, ref in refs.items() if ref and self._is_personal(name)}
        opened = (
            clients.reveal_refs(
                mine,
                actor=self.actor,
                purpose="fill in one's own form",
                now=self.now,
                case=self.case.reference,
            )
            if mine
            else {}
        )
        plain = {key: row.value for key, row in drafts.items() if not row.ref}
        return {**case_queries.answers(self.case), **opened, **plain}

    @cached_property
    def kept(self) -> dict[str, str]:
        """Of each credential that is kept, since when and until when."""
        return credentials.kept(self.case, self.step.key)

    def questions(self, page: Page, data: Any = None) -> forms.Questions:
        """The page's questions; those that depend on what is being sent (`data`) are asked accordingly."""
        return forms.questions(
            self.case.journey,
            self._changeable(
                self._asked_with(page, data) if data is not None and self.form.varies else page.fields
            ),
            self.language,
            data=data,
            initial=self.known,
            country=str(self.known.get("country") or "RO"),
            kept=self.kept,
        )

    def looked_at(self, page: Page) -> str:
        """The questions on which others of the page depend, as conditions of this form name them."""
        return " ".join(sorted(asking.looked_at(self._whole(page))))

    def _asked_with(self, page: Page, data: Any) -> list[Field]:
        """What this page asks with these answers. A correction asks at once what other pages then want to know too."""
        whole = self._whole(page)
        values = {**self.known, **forms.typed(self.case.journey, whole.fields, self.language, data)}
        now = case_queries.asked(self.case, self.step.key, values)
        mine = now.page(page.key)
        fields = list(mine.fields) if mine else []
        if not self.is_open:
            fields += [
                question
                for other in now.pages
                if other.key != page.key and not other.repeat
                for question in other.fields
                if question.required and (other.depends or question.depends) and not values.get(question.key)
            ]
        return fields

    def _whole(self, page: Page) -> Page:
        return next(whole for whole in self.form.pages if whole.key == page.key)

    def _changeable(self, fields: Sequence[Field]) -> Sequence[Field]:
        """The questions that may be answered now: once other systems know the rest, credentials alone."""
        if self.is_open or can_change(self.case):
            return fields
        return [question for question in fields if question.type == "secret"]

    def first_gap(self) -> Page | None:
        """The first page on which something is missing or cannot be right."""
        return next((page for page in self.pages if not self._holds(page)), None)

    def rows(self) -> list[tuple[Page, str, str]]:
        """Every question with its answer as a person reads it; of a page that repeats every entry."""
        return [(page, label, value) for page in self.pages for label, value in self._rows_of(page)]

    def _rows_of(self, page: Page) -> list[tuple[str, str]]:
        journey, language = self.case.journey, self.language
        if page.repeat:
            return [
                (
                    groups.title(journey, page, number, language),
                    groups.in_one(journey, page, number, self.known, self.asked.seen, language),
                )
                for number in entries.present(page.key, self.known)
            ] or [(journey.text(page.title, language), _("Nothing here yet."))]
        return [
            (
                journey.text(question.label, language),
                self.kept.get(question.key)
                or forms.shown(question, self.known.get(question.key), journey, language),
            )
            for question in page.fields
            if self.known.get(question.key) not in (None, "")
            or (question.required and question.type != "company number")
        ]

    def problem(self, page: Page) -> str:
        """Of a page that repeats: what keeps it from being right."""
        return groups.problem(self.case.journey, page, self.known, self.asked.seen, self.language)

    def _holds(self, page: Page) -> bool:
        """Whether each answer can stand; a company may have no number."""
        if page.repeat:
            return not self.problem(page)
        if applying.number_field(page) and not self.known.get(applying.number_field(page)):
            return bool(self.known.get("name"))
        form = forms.questions(
            self.case.journey,
            page.fields,
            self.language,
            data=forms.as_posted(form_values(page, self.known)),
            kept=self.kept,
        )
        return form.is_valid()

    # -- what happens to it

    def keep(self, values: Mapping[str, Any]) -> None:
        """Keep a page: as a draft while the form is open, as a correction once it was sent."""
        values = self._with_registry(values)
        if self.is_open or not can_change(self.case):
            secrets.keep(self.case, self.step.key, values, actor=self.actor, now=self.now)
        if self.is_open:
            cases.save_draft(self.case, self.step.key, values, now=self.now)
        elif can_change(self.case):
            plain, personal = self._split(values)
            with transaction.atomic():
                cases.change(self.case, self.step.key, plain, personal, actor=self.actor, now=self.now)
                companies.align(self.case, self.form, {**self.known, **values}, now=self.now)
        self._look_again()

    def _look_again(self) -> None:
        for name in ("known", "asked", "kept"):
            self.__dict__.pop(name, None)

    def keep_one(self, key: str, typed: str) -> bool:
        """Keep one field as typed so far; whether it can stand."""
        question = next((question for question in self.form.fields if question.key == key), None)
        if question is None or not self.is_open:
            raise NotYours
        if question.type == "secret":
            return (
                True  # half a credential must not take the place of a whole one: it is sealed with its page
            )
        form = forms.questions(
            self.case.journey, [question], self.language, country=str(self.case.client.country)
        )
        try:
            value, right = form.fields[key].clean(typed), True
        except ValidationError:
            value, right = typed[:200], False
        if typed:
            cases.save_draft(self.case, self.step.key, {key: value}, now=self.now)
        return right

    def send(self, *, insist: str = "") -> None:
        """Submit the form as it stands. `insist`: the field that is asked again and is right as it is."""
        asked = {question.key for page in self.pages if not page.repeat for question in page.fields}
        groups_asked = {page.key for page in self.pages if page.repeat}
        sent = {
            key: value
            for key, value in self.known.items()
            if key in asked or ((place := entries.parts(key)) and place[0] in groups_asked)
        }
        plain, personal = self._split(sent)
        with transaction.atomic():
            if self.wants_consent:
                self._record("terms.accepted", version=TERMS, language=self.language)
            if insist:
                self._record("item.insisted", step=self.step.key, item=insist)
            cases.submit(self.attempt, plain, personal, actor=self.actor, now=self.now)
            companies.align(self.case, self.form, self.known, now=self.now)

    def _record(self, kind: str, **data: str) -> None:
        cases.record(self.case, kind, actor=self.actor, now=self.now, data=data)

    def _split(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        mine = {key: value for key, value in values.items() if asking.belongs(self.form, key)}
        secret = {key for key in mine if self._is_personal(key)}
        plain = {key: value for key, value in mine.items() if key not in secret}
        return plain, {key: "" if mine[key] is None else str(mine[key]) for key in secret}

    def _is_personal(self, name: str) -> bool:
        question = asking.question_of(self.form, name)
        return question is not None and question.personal

    def _with_registry(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new company number brings the registry's name and address with it."""
        asked = next((question.key for question in self.form.fields if question.type == "company number"), "")
        number = values.get(asked)
        if not number or number == self.known.get(asked):
            return dict(values)
        return {**values, **applying.recognise(asked, number, now=self.now).values}


def asked_rows(form: forms.Questions, wrong: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """A page's questions as portal/_asked.html shows them, each with why it is asked again."""
    return [
        {
            "field": field,
            "reasons": wrong.get(field.name, []),
            "offers": " ".join(str(value) for value, _name in getattr(field.field, "choices", ()))
            if field.widget_type == "radioselect"
            else "",
        }
        for field in form
    ]


def sit(case: Case, step_key: str, *, actor: Actor, language: str, now: datetime) -> Sitting:
    """Take a seat before a form. Raises NotYours when it is not open and cannot be changed."""
    step, attempt = case.journey.steps.get(step_key), case_queries.attempt(case, step_key)
    if step is None or step.kind != "form" or step.use not in case.journey.forms or attempt is None:
        raise NotYours
    may_replace = case.state == "open" and bool(secrets.live(case, step_key))
    if attempt.status != "open" and not (attempt.status == "done" and (can_change(case) or may_replace)):
        raise NotYours
    return Sitting(case, step, attempt, actor, language, now)


def can_change(case: Case) -> bool:
    """Until the company's own systems have been told, everything that was sent can be corrected."""
    return (
        case.state == "open"
        and not Attempt.objects.filter(
            case=case, kind="connect", status__in=["open", "held", "done"]
        ).exists()
    )


def form_values(page: Page, known: Mapping[str, Any]) -> dict[str, Any]:
    return {question.key: known.get(question.key) for question in page.fields}
