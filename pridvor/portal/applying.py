"""What a visitor has said before signing in. It waits in the session on our side, and nothing in it is personal."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.clients.models import Client, Person
from pridvor.connectors.companies import REGISTRY_FIELDS as REGISTRY_FIELDS
from pridvor.connectors.companies import Application as Application
from pridvor.connectors.companies import company_of as company_of
from pridvor.connectors.companies import recognise as recognise
from pridvor.journeys.language import Journey
from pridvor.journeys.model import Form, Page, Step
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import text
from pridvor.lib.actor import Actor


def recall(request: HttpRequest, journey: Journey) -> Application:
    kept = request.session.get("applying", {}).get(journey.name)
    return Application(**kept) if kept else Application()


def keep(request: HttpRequest, journey: Journey, application: Application) -> None:
    request.session["applying"] = {**request.session.get("applying", {}), journey.name: asdict(application)}


def forget(request: HttpRequest, journey: Journey) -> None:
    kept = dict(request.session.get("applying", {}))
    kept.pop(journey.name, None)
    request.session["applying"] = kept


def first_form(journey: Journey) -> tuple[Step, Form]:
    """The form with which a visitor begins."""
    step = next(step for step in journey.steps.values() if step.kind == "form" and step.use in journey.forms)
    return step, journey.forms[step.use]


def pages(journey: Journey) -> list[Page]:
    """What is asked before signing in."""
    return [page for page in first_form(journey)[1].pages if page.before_sign_in]


def number_field(page: Page) -> str:
    """The page's question for a company number, if it has one."""
    return next((question.key for question in page.fields if question.type == "company number"), "")


def is_about_the_company(page: Page) -> bool:
    """Whether the registry can answer the whole page."""
    return all(question.key in REGISTRY_FIELDS for question in page.fields)


def vouches(journey: Journey) -> bool:
    """Whether the journey itself asks the company's administrator; then nobody has to ask to be let in before."""
    return any(step.kind == "vouch" for step in journey.steps.values())


def under_way(person: Person, journey: Journey) -> list[Case]:
    """The person's open cases of this journey, the newest first."""
    return [
        case
        for case in case_queries.of_person(person)
        if case.journey.name == journey.name and case.state == "open"
    ]


def twin(found: list[Case], company: Mapping[str, str]) -> Case | None:
    """Among these, the case of the same company whose first form is still open."""
    for case in found:
        step, _ = first_form(case.journey)
        if _same(case.client, company) and case_queries.open_attempt(case, step.key):
            return case
    return None


@transaction.atomic
def open_or_resume(
    version: JourneyVersion,
    journey: Journey,
    person: Person,
    application: Application,
    *,
    language: str,
    actor: Actor,
    now: datetime,
    is_test: bool = False,
) -> Case:
    """The one case of this person, journey and company: the draft there is, or a new one. Two tabs get the same."""
    clients.hold(person)
    step, form = first_form(journey)
    company = company_of(application, next(filter(None, map(number_field, form.pages)), ""))
    draft = twin(under_way(person, journey), company)
    if draft:
        return draft
    client = clients.enrol(company, person, now=now)
    return cases.open_case(
        version,
        client,
        person,
        language=language,
        actor=actor,
        now=now,
        drafts={step.key: application.values},
        is_test=is_test,
    )


def _same(client: Client, company: Mapping[str, str]) -> bool:
    if company["cui"] or company["vat"]:
        return (
            (client.cui, client.country) == (company["cui"], company["country"])
            if company["cui"]
            else client.vat == company["vat"]
        )
    return not client.cui and not client.vat and client.folded == text.fold(company["name"])[:200]
