"""ANAF, the Romanian tax office: its public service for fiscal codes, version 9.

One POST with a list of codes; at most one request a second. It answers maintenance pages in HTML with status 200, and
«nothing found» with 200 or 404; absent values are empty strings; its letters still have cedillas.
"""

import re
from datetime import date
from typing import Any

import httpx

from pridvor.connectors.findings import Company, Finding, Found, NotFound, Unknown
from pridvor.lib import text

PATH = "/api/PlatitorTvaRest/v9/tva"


def ask(number: str, today: date, http: httpx.Client, base: str) -> Finding:
    response = http.post(base.rstrip("/") + PATH, json=[{"cui": int(number), "data": today.isoformat()}])
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
        registered=_day(general.get("data_inregistrare")),
    )


def _state(inactive: dict[str, Any], registration: str) -> str:
    if inactive.get("dataRadiere") or registration.upper().startswith("RADIERE"):
        return "struck-off"
    return "inactive" if inactive["statusInactivi"] else "active"


def _day(value: str | None) -> str:
    try:
        return date.fromisoformat(_tidy(value)[:10]).isoformat()
    except ValueError:
        return ""


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
