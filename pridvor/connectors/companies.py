"""A company by its number: what the registry says of it, and what is typed where it says nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pridvor.clients.models import RegistryState
from pridvor.connectors import registry
from pridvor.connectors.findings import Found, NotFound
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
