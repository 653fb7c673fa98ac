"""From a case to a request: what is known of the client, and of their personal values those that a verb needs."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from pridvor.cases import queries as cases
from pridvor.cases.models import Attempt, AttemptStatus, Case, Event
from pridvor.clients import actions as clients
from pridvor.connectors.contract import Verb
from pridvor.connectors.customer import Customer
from pridvor.connectors.findings import vat_form
from pridvor.connectors.models import Drift, DriftState, Origin
from pridvor.journeys.conditions import word
from pridvor.lib.actor import machine

TERMS = ("payment_days", "payment_term", "payment_terms")  # what a form may call the agreed days
GRANTED = ("credit_limit", "payment_days", "price_group")
ME = machine("connectors")
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def customer(verb: Verb, case: Case, *, now: datetime) -> Customer:
    """The client of this case as other systems want it. What the verb needs is opened in the vault, which logs it."""
    client = case.client
    said, refs = cases.told(case)
    plain = {**case.values, **said, **(granted(case) if verb.grants else {})}
    return Customer(
        key=case.reference,
        name=client.name,
        country=client.country,
        on=now.date(),
        cui=client.cui,
        vat=client.vat or (vat_form("RO", client.cui) if client.country == "RO" else ""),
        registration_number=client.registration_number,
        street=client.street,
        city=client.city,
        county=client.county,
        postal_code=client.postal_code,
        payment_days=_days(_first(plain, *TERMS)),
        credit_limit=_amount(plain.get("credit_limit")),
        price_group=str(plain.get("price_group") or ""),
        plan=str(plain.get("plan") or ""),
        language=case.language,
        journey=case.journey.name,
        known=references(case),
        plain=plain,
        **_personal(verb, case, refs, now=now),
    )


def granted(case: Case) -> dict[str, Any]:
    """What was granted last, by scorecard or by a person: `credit_limit`, `payment_days`, `price_group`.

    What a person has taken over from another system since (reconciling.py) counts as granted then.
    """
    done = Attempt.objects.filter(case=case, status=AttemptStatus.DONE).order_by("ended_at", "id")
    taken = Drift.objects.filter(record__case=case, state=DriftState.TAKEN, field__in=GRANTED)
    told: list[tuple[datetime, dict[str, Any]]] = []
    for step, at in done.values_list("key", "ended_at"):
        name = word(step.partition("@")[0])
        told.append((at or BEFORE_ALL, {term: case.values.get(f"{name}.{term}") for term in GRANTED}))
    for field, theirs, at in taken.values_list("field", "theirs", "resolved_at"):
        told.append((at or BEFORE_ALL, {field: theirs}))
    found: dict[str, Any] = {}
    for _at, values in sorted(told, key=lambda each: each[0]):
        found |= {name: value for name, value in values.items() if value is not None}
    return found


def references(case: Case) -> dict[str, str]:
    """Under which number each system knows this case's client: the latest that it gave, by role.

    Where a deal opened the case, its CRM knew the client before: that is an approved link, too.
    """
    origins = Origin.objects.filter(case=case).exclude(customer="").order_by("pk")
    before = {row.peer: row.customer for row in origins}
    events = Event.objects.filter(case=case, kind="call.done").exclude(data__reference="").order_by("id")
    return before | {str(event.data["peer"]): str(event.data["reference"]) for event in events}


def _personal(verb: Verb, case: Case, refs: Mapping[str, UUID], *, now: datetime) -> dict[str, Any]:
    wanted = {name: ref for name, ref in refs.items() if name in verb.personal}
    if not wanted:
        return {}
    found = clients.reveal_refs(
        wanted, actor=ME, purpose="hand the client on to another system", now=now, case=case.reference
    )
    if "iban" in found:
        found["iban"] = re.sub(r"\s", "", found["iban"]).upper()
    return dict(found)


def _first(plain: Mapping[str, Any], *names: str) -> object:
    return next((plain[name] for name in names if plain.get(name) not in (None, "")), None)


def _days(value: object) -> int | None:
    """30 of 30, «30» and «30 days»."""
    digits = re.match(r"\d+", str(value)) if value is not None else None
    return int(digits[0]) if digits else None


def _amount(value: object) -> Decimal | None:
    try:
        return None if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        return None
