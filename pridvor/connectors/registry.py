"""Company registries: ANAF's public service for Romania, VIES for the other countries of the European Union.

`ask` is the network half: it never raises and answers within its budget, because somebody is looking at a form.
Sources: ANAF «Serviciul web TVA v9» (POST a list of fiscal codes; at most one request a second), VIES REST
(POST check-vat-number). Neither keeps to status codes: VIES says «unavailable» with a 200, ANAF answers maintenance
pages in HTML and «nothing found» with a 200 or a 404. So only an answer of the expected shape counts as one.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.ro import cui as romanian

from pridvor.lib import text

BUDGET = 2.5  # seconds in all, counted by the wall clock
ANAF_PATH = "/api/PlatitorTvaRest/v9/tva"
VIES_PATH = "/taxation_customs/vies/rest-api/check-vat-number"
LETTERS = {"GR": "EL"}  # the European Union's letters for a country's VAT numbers, where ISO 3166 has others
WITHHELD = "---"

_workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="registry")


@dataclass(frozen=True)
class Company:
    """What a registry says. `state`: active, inactive (tax office) or struck-off. `vat` is empty when not registered."""

    country: str
    number: str
    name: str
    vat: str = ""
    registration_number: str = ""
    street: str = ""
    city: str = ""
    county: str = ""
    postal_code: str = ""
    state: str = "active"


@dataclass(frozen=True)
class Found:
    company: Company


@dataclass(frozen=True)
class NotFound:
    """The registry knows no such number, or the number cannot exist (its check digit is wrong)."""


@dataclass(frozen=True)
class Unknown:
    """The registry could not say; to be asked again later, and never to be read as «no»."""

    reason: str


Finding = Found | NotFound | Unknown


def vat_form(country: str, number: str) -> str:
    """The number with its country's letters as the European Union writes it; empty when its check digit is wrong.

    For Romania this is the form of any fiscal code; whether it is registered for VAT is another question.
    """
    letters = LETTERS.get(country.upper(), country.upper())
    bare = re.sub(r"[\s.\-/]", "", number).upper()
    bare = bare.removeprefix(letters).removeprefix(country.upper())
    try:
        if letters == "RO":
            return f"RO{romanian.validate(bare)}"
        return f"{letters}{eu_vat.validate(letters + bare).removeprefix(letters).removeprefix(country.upper())}"
    except ValidationError:
        return ""


def ask(country: str, number: str, today: date, http: httpx.Client, *, anaf: str, vies: str, budget: float = BUDGET) -> Finding:
    """Ask the country's registry. Uses the network for at most `budget` seconds, and raises nothing."""
    form = vat_form(country, number)
    if not form:
        return NotFound()
    if country == "RO":
        task = _workers.submit(_ask_anaf, form[2:], today, http, anaf)
    else:
        task = _workers.submit(_ask_vies, country, form, http, vies)
    try:
        return task.result(budget)
    except TooLate:
        task.cancel()
        return Unknown("slow")
    except httpx.HTTPError as error:
        return Unknown(type(error).__name__)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unknown("unreadable")


def client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client without idle connections: ANAF resets them."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=httpx.Timeout(BUDGET, connect=1.5), transport=transport, trust_env=False, limits=limits)


# -- ANAF


def _ask_anaf(number: str, today: date, http: httpx.Client, base: str) -> Finding:
    response = http.post(base.rstrip("/") + ANAF_PATH, json=[{"cui": int(number), "data": today.isoformat()}])
    if response.status_code not in (200, 404):
        return Unknown(f"http-{response.status_code}")
    answer = response.json()
    if any(int(each) == int(number) for each in answer.get("notFound") or ()):
        return NotFound()
    if not answer["found"]:
        return Unknown("empty")
    return Found(_of_anaf(number, answer["found"][0]))


def _of_anaf(number: str, record: dict[str, Any]) -> Company:
    general, seat = record["date_generale"], record.get("adresa_sediu_social") or {}
    name = text.modern(general["denumire"]).strip()
    if int(general["cui"]) != int(number) or not name:
        raise ValueError("an answer about somebody else")
    street = " ".join(filter(None, (_tidy(seat.get("sdenumire_Strada")), _tidy(seat.get("snumar_Strada")))))
    return Company(
        country="RO",
        number=number,
        name=name,
        vat=f"RO{number}" if record["inregistrare_scop_Tva"]["scpTVA"] else "",
        registration_number=_tidy(general.get("nrRegCom")),
        street=street,
        city=_city(_tidy(seat.get("sdenumire_Localitate"))),
        county=_county(_tidy(seat.get("sdenumire_Judet"))),
        postal_code=_tidy(seat.get("scod_Postal")) or _tidy(general.get("codPostal")),
        state=_state(record["stare_inactiv"], _tidy(general.get("stare_inregistrare"))),
    )


def _state(inactive: dict[str, Any], registration: str) -> str:
    if inactive.get("dataRadiere") or registration.upper().startswith("RADIERE"):
        return "struck-off"
    return "inactive" if inactive["statusInactivi"] else "active"


def _city(place: str) -> str:
    """«Mun. Brașov» → «Brașov», «Sector 3 Mun. București» → «București, Sector 3»."""
    sector = re.fullmatch(r"(Sector(?:ul)? \d) Mun\. (.+)", place)
    if sector:
        return f"{sector[2]}, {sector[1]}"
    return re.sub(r"^(Mun\.|Municipiul|Oraș|Orș\.|Loc\.|Sat) ", "", place)


def _county(name: str) -> str:
    """«CARAȘ-SEVERIN» → «Caraș-Severin», «MUNICIPIUL BUCUREȘTI» → «București»."""
    return name.removeprefix("MUNICIPIUL ").title() if name.isupper() else name


def _tidy(value: str | None) -> str:
    return " ".join(text.modern(value or "").split())


# -- VIES


def _ask_vies(country: str, form: str, http: httpx.Client, base: str) -> Finding:
    response = http.post(base.rstrip("/") + VIES_PATH, json={"countryCode": form[:2], "vatNumber": form[2:]})
    answer = response.json()
    if response.status_code != 200 or answer.get("errorWrappers"):
        errors = answer.get("errorWrappers") or [{"error": f"http-{response.status_code}"}]
        return Unknown(str(errors[0]["error"]).lower().replace("_", "-"))
    if answer["valid"] is not True:
        return NotFound() if answer["valid"] is False else Unknown("unreadable")
    return Found(_of_vies(country, form, answer))


def _of_vies(country: str, form: str, answer: dict[str, Any]) -> Company:
    """Some countries withhold name and address («---»): the number is valid, the rest is for the client to type."""
    name, lines = _shown(answer.get("name")), _shown(answer.get("address")).splitlines()
    town = re.fullmatch(r"(?:[A-Z]{1,2}-)?(\d{3,6}(?: ?[A-Z]{2})?)\s+(.+)", lines[-1].strip()) if lines else None
    return Company(
        country=country,
        number=form[2:],
        name=" ".join(name.split()),
        vat=form,
        street=", ".join(line.strip() for line in (lines[:-1] if town else lines)),
        city=town[2] if town else "",
        postal_code=town[1] if town else "",
    )


def _shown(value: str | None) -> str:
    return "" if not value or value == WITHHELD else value.strip()
