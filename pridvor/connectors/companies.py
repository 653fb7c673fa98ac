"""A company by its number: what the registry says of it, and what is typed where it says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.clients.models import RegistryState
from pridvor.connectors import registry
from pridvor.connectors.findings import Found, NotFound
from pridvor.journeys.model import Form
from pridvor.lib import identifiers

REGISTRY_FIELDS = ("name", "street", "city", "county", "postal_code", "country")


@dataclass
class Application:
    """The answers so far, and what the registry said of the company."""

    values: dict[str, Any] = field(default_factory=dict)
    finding: str = ""  # found | missing | unknown | neither
    state: str = ""  # what the registry says: active | inactive | struck-off
    registration_number: str = ""
    vat: str = ""  # only when the registry says so
    edited: bool = False  # the client types what the registry gave, or could not give
    confirmed: bool = False

    @property
    def registry_state(self) -> str:
        if self.state in ("inactive", "struck-off"):
            return RegistryState.INACTIVE.value
        return (
            RegistryState.CONFIRMED if self.finding == "found" and not self.edited else RegistryState.TYPED
        ).value


def recognise(asked: str, number: str, *, now: datetime) -> Application:
    """What the registry says of a number that was typed; it never stands in the way."""
    found = identifiers.company_number(number)
    finding = registry.look_up(found.country, found.number, now=now)
    values: dict[str, Any] = {asked: found.number, "country": found.country}
    if not isinstance(finding, Found):
        return Application(values, "missing" if isinstance(finding, NotFound) else "unknown")
    company = finding.company
    values |= {name: getattr(company, name) for name in REGISTRY_FIELDS if name != "country"}
    return Application(values, "found", company.state, company.registration_number, company.vat)


def company_of(application: Application, asked: str) -> dict[str, str]:
    """The company as clients.actions.enrol takes it."""
    number, country = str(application.values.get(asked, "")), str(application.values.get("country") or "RO")
    romanian = country == "RO" and number.isdigit()
    vat = application.vat or ("" if romanian else number)
    return {
        **{name: str(application.values.get(name) or "") for name in REGISTRY_FIELDS},
        "country": country,
        "cui": number if romanian else "",
        "vat": vat,
        "registration_number": application.registration_number,
        "registry_state": application.registry_state,
    }


def align(case: Case, form: Form, values: Mapping[str, Any], *, now: datetime) -> None:
    """This will let what a form says of the company, and of the applicant's role there, be what we hold of the client.

    `values`: every answer as it stands now. A form that does not ask for name and country is about something else; one
    that does not ask for the number leaves it as it is.
    """
    client = case.client
    asked = next((question.key for question in form.fields if question.type == "company number"), "")
    if not {"name", "country"} <= {question.key for question in form.fields}:
        return
    if str(values.get("role") or ""):
        clients.set_role(client, case.person, str(values["role"]))
    told = {name: values.get(name) for name in REGISTRY_FIELDS}
    number = str(values.get(asked) or "")
    is_same_number = asked not in values or number in (client.cui, client.vat)
    if is_same_number and all(str(told[name] or "") == getattr(client, name) for name in REGISTRY_FIELDS):
        return
    if asked not in values:
        clients.correct(client, {name: str(value or "") for name, value in told.items()})
        return
    application = recognise(asked, number, now=now) if number else Application()
    told = {**application.values, **told, asked: values.get(asked)}
    application.edited = any(
        str(told.get(name) or "") != str(application.values.get(name) or "") for name in REGISTRY_FIELDS
    )
    application.values = told
    clients.correct(client, company_of(application, asked))
