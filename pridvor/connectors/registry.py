"""Looking a company up while somebody fills in a form: quick, remembered for a day, and never in the way.

ANAF answers for Romania, VIES for the rest of the European Union. An answer takes at most `BUDGET` seconds by the wall
clock; whatever goes wrong is `Unknown`, and the client types what we could not find.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from django.conf import settings

from pridvor.company import systems
from pridvor.connectors import anaf, circuit, vies, web
from pridvor.connectors.contract import Health
from pridvor.connectors.findings import EUROPE, Company, Finding, Found, NotFound, Unknown, vat_form
from pridvor.connectors.models import Lookup, Switch
from pridvor.connectors.stand_ins.registries import Registry

BUDGET = 2.5  # seconds in all
REMEMBERED = timedelta(days=1)
KNOWN = {"anaf": ("RO", "RO14399840"), "vies": ("DE", "DE129273398")}  # companies that publish their numbers
PUBLIC = {"anaf": "https://webservicesp.anaf.ro", "vies": "https://ec.europa.eu"}

_workers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="registry")


def look_up(country: str, number: str, *, now: datetime) -> Finding:
    """What the country's registry says of this number; asks it only when the answer is not known from today."""
    country = country.upper()
    if country not in EUROPE:
        return Unknown("no-registry")
    form = vat_form(country, number)
    if not form:
        return NotFound()
    peer = "anaf" if country == "RO" else "vies"
    known = _remembered(form, now)
    if known:
        return known
    if circuit.closed_until(peer, now):
        return Unknown("resting")
    finding = ask(country, form, now.date(), base=_base(peer), transport=_transport(peer))
    if isinstance(finding, Unknown):
        circuit.note_failure(peer, now)
        return finding
    circuit.note_success(peer, now)
    _remember(form, finding, now)
    return finding


def ask(
    country: str, form: str, today: date, *, base: str, transport: httpx.BaseTransport | None = None
) -> Finding:
    """Ask over the network, within the budget, raising nothing. `form`: the number with its country's letters."""
    task = _workers.submit(_ask, country, form, today, base, transport)
    try:
        return task.result(BUDGET)
    except TooLate:
        task.cancel()
        return Unknown("slow")
    except httpx.HTTPError as error:
        return Unknown(type(error).__name__)
    except (ValueError, KeyError, TypeError, AttributeError):  # a page, or JSON of another shape
        return Unknown("unreadable")


def probe(peer: str, *, now: datetime) -> Health:
    """Whether a registry answers at all: it is asked for a number that everybody knows, and may say it knows none."""
    country, form = KNOWN[peer]
    began = time.monotonic()
    finding = ask(country, form, now.date(), base=_base(peer), transport=_transport(peer))
    took = int((time.monotonic() - began) * 1000)
    if isinstance(finding, Unknown):
        return Health(peer, False, finding.reason, took)
    return Health(peer, True, "answers", took)


def _ask(country: str, form: str, today: date, base: str, transport: httpx.BaseTransport | None) -> Finding:
    unkept = httpx.Limits(max_keepalive_connections=0)  # ANAF resets idle connections
    timeout = httpx.Timeout(BUDGET, connect=1.5)
    how: dict[str, Any] = {"timeout": timeout, "verify": web.trusted(), "trust_env": False, "limits": unkept}
    with closing(httpx.Client(transport=transport, **how)) as http:
        if country == "RO":
            return anaf.ask(form[2:], today, http, base)
        return vies.ask(country, form, http, base)


def _configured(peer: str) -> str:
    return systems.address(peer)


def _base(peer: str) -> str:
    return _configured(peer) or PUBLIC[peer]


def _transport(peer: str) -> httpx.BaseTransport | None:
    if _configured(peer) or not settings.DEMO:
        return None
    mode = Switch.objects.mode("registry")
    return Registry(lambda: mode)


def _remembered(form: str, now: datetime) -> Finding | None:
    row = Lookup.objects.filter(form=form, asked_at__gt=now - REMEMBERED).first()
    if row is None:
        return None
    return Found(Company(**row.company)) if row.company else NotFound()


def _remember(form: str, finding: Found | NotFound, now: datetime) -> None:
    company = asdict(finding.company) if isinstance(finding, Found) else None
    Lookup.objects.update_or_create(form=form, defaults={"company": company, "asked_at": now})
