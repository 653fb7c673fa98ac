"""An application that a machine hands in: the company found by its number, the case opened, its first form sent."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from pridvor.accounts.machines import Caller
from pridvor.api import forms
from pridvor.api.problems import Problem
from pridvor.api.shapes import NewCase
from pridvor.cases import inviting
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.connectors import companies
from pridvor.connectors.companies import Application
from pridvor.journeys import asking
from pridvor.journeys import queries as journeys
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Form, Step
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import identifiers

PREFIX = "answers."


def register(body: NewCase, caller: Caller, *, language: str, now: datetime) -> Case:
    """This will open a case for a client, as staff do, and send its first form if that was asked for."""
    version, journey = _journey(body.journey)
    step, form = first_form(journey)
    must_be_an_address(body.email)
    asked = number_question(form)
    application = _application(body, asked, now)
    must_be_known(form, body.answers)
    known = {key: value for key, value in application.values.items() if asking.belongs(form, key)}
    answers = {**known, **body.answers}
    with transaction.atomic():
        case = _open(version, application, asked, body, caller, {} if body.send else answers, now)
        if body.send:
            forms.send(case, step.key, answers, body.agreed_to_terms, caller, now=now)
    return case


def first_form(journey: Journey) -> tuple[Step, Form]:
    """The form with which an application begins."""
    found = next(
        (step for step in journey.steps.values() if step.kind == "form" and step.use in journey.forms), None
    )
    if found is None:
        raise Problem("not-a-journey")
    return found, journey.forms[found.use]


def number_question(form: Form) -> str:
    """What the form calls the company's number."""
    return next((field.key for field in form.fields if field.type == "company number"), "company_number")


def _journey(name: str) -> tuple[JourneyVersion, Journey]:
    found = next((pair for pair in journeys.opened_for_clients() if pair[1].name == name), None)
    if found is None:
        raise Problem("not-a-journey", fields=[("journey", "option")])
    return found


def _application(body: NewCase, asked: str, now: datetime) -> Application:
    """What the registry says of the company; what was given counts where it differs, or where it says nothing."""
    given = {name: str(body.answers[name]) for name in companies.REGISTRY_FIELDS if body.answers.get(name)}
    number = body.company.number or str(body.answers.get(asked) or "")
    given |= {
        name: value
        for name, value in (("name", body.company.name), ("country", body.company.country))
        if value
    }
    application = Application()
    if number:
        try:
            application = companies.recognise(asked, number, now=now)
        except identifiers.WrongIdentifier:
            raise Problem("wrong-fields", fields=[("company.number", "number")]) from None
    application.edited = any(application.values.get(name) != value for name, value in given.items())
    application.values |= given
    if not application.values.get("name"):
        raise Problem("wrong-fields", fields=[("company.name", "required")])
    return application


def must_be_an_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Problem("wrong-fields", fields=[("email", "email")]) from None


def must_be_known(form: Form, answers: dict[str, Any]) -> None:
    groups = {page.key for page in form.groups}
    strange = [name for name in answers if name not in groups and not asking.belongs(form, name)]
    if strange:
        raise Problem("wrong-fields", fields=[(f"{PREFIX}{name[:60]}", "not-asked") for name in strange[:20]])


def _open(
    version: JourneyVersion,
    application: Application,
    asked: str,
    body: NewCase,
    caller: Caller,
    answers: dict[str, Any],
    now: datetime,
) -> Case:
    try:
        return inviting.invite(
            version,
            companies.company_of(application, asked),
            body.email,
            {key: value for key, value in answers.items() if value not in (None, "")},
            language=body.language,
            actor=caller.actor,
            now=now,
            is_test=caller.machine.is_test,
        )
    except inviting.AlreadyOpen as already:
        seen = cases.case(already.case.public_id)  # out of the key's sight, it does not say which
        raise Problem("already-open", case=seen.public_id if seen else "") from None
