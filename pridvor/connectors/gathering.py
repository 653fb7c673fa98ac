"""From a case to a request: what is known of the client, and the personal values that the request needs."""

import re
from datetime import datetime

from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.connectors.customer import PERSONAL, Customer
from pridvor.connectors.findings import vat_form
from pridvor.lib.actor import machine

TERMS = ("payment_days", "payment_term", "payment_terms")  # what a form may call the agreed days


def customer(case: Case, *, now: datetime) -> Customer:
    """The client of this case as an ERP wants it. Opens e-mail, telephone and IBAN in the vault, which logs the look."""
    client = case.client
    plain = cases.answers(case)
    wanted = {name: ref for name, ref in cases.personal_refs(case).items() if name in PERSONAL}
    actor = machine("connectors")
    personal = clients.reveal_refs(
        wanted, actor=actor, purpose="create the customer in the ERP", now=now, case=case.reference
    )
    return Customer(
        key=case.reference,
        name=client.name,
        country=client.country,
        cui=client.cui,
        vat=client.vat or (vat_form("RO", client.cui) if client.country == "RO" else ""),
        registration_number=client.registration_number,
        street=client.street,
        city=client.city,
        county=client.county,
        postal_code=client.postal_code,
        email=personal.get("email", ""),
        phone=personal.get("phone", ""),
        iban=re.sub(r"\s", "", personal.get("iban", "")).upper(),
        payment_days=_days(next((plain[name] for name in TERMS if plain.get(name) not in (None, "")), None)),
    )


def _days(value: object) -> int | None:
    """30 of 30, «30» and «30 days»."""
    digits = re.match(r"\d+", str(value)) if value is not None else None
    return int(digits[0]) if digits else None
