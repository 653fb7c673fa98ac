"""VIES, the European Commission's register of VAT numbers, over its REST interface (POST check-vat-number).

A failure is a 200 with `errorWrappers`; a country that does not answer is no «invalid». Some countries withhold the
company's name and address.
"""

import re
from typing import Any

import httpx

from pridvor.connectors.findings import Company, Finding, Found, NotFound, Unknown

PATH = "/taxation_customs/vies/rest-api/check-vat-number"
WITHHELD = "---"


def ask(country: str, form: str, http: httpx.Client, base: str) -> Finding:
    response = http.post(base.rstrip("/") + PATH, json={"countryCode": form[:2], "vatNumber": form[2:]})
    answer = response.json()
    if response.status_code != 200 or answer.get("errorWrappers"):
        errors = answer.get("errorWrappers") or [{"error": f"http-{response.status_code}"}]
        return Unknown(str(errors[0]["error"]).lower().replace("_", "-"))
    if answer["valid"] is not True:
        return NotFound() if answer["valid"] is False else Unknown("unreadable")
    return Found(_of_vies(country, form, answer))


def _of_vies(country: str, form: str, answer: dict[str, Any]) -> Company:
    """Where name and address are withheld the number is valid all the same; the rest is for the client to type."""
    name, lines = _shown(answer.get("name")), _shown(answer.get("address")).splitlines()
    town = (
        re.fullmatch(r"(?:[A-Z]{1,2}-)?(\d{3,6}(?: ?[A-Z]{2})?)\s+(.+)", lines[-1].strip()) if lines else None
    )
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
