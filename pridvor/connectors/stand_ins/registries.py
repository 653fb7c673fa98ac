"""A stand-in of two registries of companies, with fictional companies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from pridvor.connectors.stand_ins.store import Record

MODES = ("ok", "down")
COMPANIES = json.loads(Path(__file__).with_name("companies.json").read_text("utf-8"))


class Registry(httpx.BaseTransport):
    """ANAF v9 and VIES in one: the paths tell them apart."""

    def __init__(self, mode: Callable[[], str] = lambda: "ok") -> None:
        self.mode = mode

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/tva"):
            return self._anaf(body)
        return self._vies(body)

    def _anaf(self, asked: list[Record]) -> httpx.Response:
        if self.mode() == "down":  # the real one's page when it is being repaired
            return httpx.Response(
                200,
                html="<html><head><title>Mentenanță</title></head><body>Serviciu indisponibil</body></html>",
            )
        known = {company["number"]: company for company in COMPANIES if company["country"] == "RO"}
        found = [
            _anaf_record(known[str(each["cui"])], each["data"]) for each in asked if str(each["cui"]) in known
        ]
        missing = [each["cui"] for each in asked if str(each["cui"]) not in known]
        answer = {"cod": 200, "message": "SUCCESS", "found": found, "notFound": missing}
        return httpx.Response(200 if found else 404, json=answer)

    def _vies(self, asked: Record) -> httpx.Response:
        if self.mode() == "down":
            return httpx.Response(
                200, json={"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
            )
        key = (asked["countryCode"], asked["vatNumber"])
        company = next(
            (each for each in COMPANIES if (each["country"], each["number"]) == key and each["vat_since"]),
            None,
        )
        address = f"{company['street']}\n{company['postal_code']} {company['city']}" if company else "---"
        return httpx.Response(
            200,
            json={
                "countryCode": key[0],
                "vatNumber": key[1],
                "requestDate": datetime.now(UTC).isoformat(),
                "valid": bool(company),
                "requestIdentifier": "",
                "name": company["name"] if company else "---",
                "address": address,
            },
        )


def _anaf_record(company: Record, day: str) -> Record:
    seat = {
        "sdenumire_Strada": company["street"],
        "snumar_Strada": company["house"],
        "sdenumire_Localitate": company["city"],
        "sdenumire_Judet": company["county"],
        "scod_Postal": company["postal_code"],
        "stara": "",
    }
    struck_off = company.get("struck_off", "")
    registration = (
        f"RADIERE din data {struck_off}" if struck_off else f"INREGISTRAT din data {company['registered']}"
    )
    return {
        "date_generale": {
            "cui": int(company["number"]),
            "data": day,
            "denumire": company["name"],
            "nrRegCom": company["registration"],
            "codPostal": company["postal_code"],
            "stare_inregistrare": registration,
            "data_inregistrare": company["registered"],
        },
        "inregistrare_scop_Tva": {"scpTVA": bool(company["vat_since"]), "perioade_TVA": []},
        "stare_inactiv": {
            "statusInactivi": company["state"] == "inactive",
            "dataInactivare": company.get("inactive_since", ""),
            "dataReactivare": "",
            "dataPublicare": "",
            "dataRadiere": struck_off,
        },
        "adresa_sediu_social": seat,
    }
