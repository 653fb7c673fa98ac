"""From the last click of a registration to the shop's page, signed in, against real peers: `make bench-shop`.

Tryton, BottleCRM and Vendure run on loopback as in the tests; a worker of the scratch installation takes the jobs. What
the peers themselves need is the time of our tries at them and of the shop's own page; the ratio says what we add.
"""

import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import django
import httpx
from django.conf import settings
from stdnum.ro import cui

from pridvor.lib import wall
from pridvor.project import bench

APPLICANTS = 5
PATIENCE = 90.0  # seconds


def main() -> int:
    with bench.scratch():
        django.setup()
        wall.process_is(wall.MACHINE)
        with _peers() as environment:
            os.environ |= environment
            settings.ERP_URL, settings.ERP_KEY = environment["PRIDVOR_ERP"], environment["PRIDVOR_ERP_KEY"]
            settings.SERVICES = json.loads(environment["PRIDVOR_SERVICES"])
            with bench.worker():
                rows = _rows()
    return bench.keep("bench-shop", rows)


@contextmanager
def _peers() -> Iterator[dict[str, str]]:
    """The real systems, each with a database of its own; how an installation names them."""
    entrance = importlib.import_module("pridvor.connectors.entrance")
    wholesaler = importlib.import_module("tests.peers.wholesaler")
    with (
        tempfile.TemporaryDirectory(prefix="pridvor-peers-") as folder,
        wholesaler.running(Path(folder), entrance.public_keys()) as house,
    ):
        yield house.environment


def _rows() -> list[bench.Row]:
    effort = importlib.import_module("pridvor.portal.effort")
    measured = [_one(number) for number in range(APPLICANTS)][1:]  # the first warms caches on both sides
    machine, theirs = median(total for total, _ in measured), median(peers for _, peers in measured)
    human = effort.rows(Path(settings.JOURNEYS) / "customer-account.yaml")[0]["value"]
    return [
        bench.row(
            "shop.submit_to_page",
            machine,
            "s",
            round(1.5 * theirs, 2),
            "1.5 × the peers' own",
            machine / theirs,
        ),
        bench.row("shop.peers_own_time", theirs, "s", round(theirs, 2) + 0.01, "the floor", 1.0),
        bench.row("shop.human_and_machine", human + machine, "s", 180, "keystroke-level model + machine"),
    ]


def _one(number: int) -> tuple[float, float]:
    """One applicant: seconds from sending the form to the shop's page, and those of them that were the peers' own.

    What the one before brought about has ended by then: an idle worker is what is promised.
    """
    bench.wait(_is_idle, seconds=PATIENCE, pause=0.1)
    cases, models, queries, peers = (
        importlib.import_module(f"pridvor.{name}")
        for name in ("cases.actions", "connectors.models", "connectors.queries", "connectors.peers")
    )
    clock = importlib.import_module("pridvor.lib.clock")
    case, attempt, actor, plain = opened(number)
    start = time.monotonic()
    cases.submit(
        attempt, plain, {"contact_name": "Ana Pop", "phone": "+40721000111"}, actor=actor, now=clock.now()
    )
    bench.wait(lambda: queries.shop_account(case), seconds=PATIENCE, pause=0.01)
    at_shop = time.monotonic()
    with httpx.Client(trust_env=False, timeout=20) as browser:
        entered = browser.get(peers.entrance("shop", queries.shop_account(case), now=clock.now()))
        page = browser.get(entered.headers["Location"])  # the session stands in a cookie now
    page.raise_for_status()
    end = time.monotonic()
    tries = models.Try.objects.filter(
        call__case=case, call__capability__in=_ON_THE_WAY, ended_at__isnull=False
    )
    own = sum(tries.values_list("peer_ms", flat=True)) / 1000
    return end - start, own + (end - at_shop)


def _is_idle() -> bool:
    job = importlib.import_module("procrastinate.contrib.django.models").ProcrastinateJob
    return not job.objects.filter(status__in=["todo", "doing"], task_name__in=_OF_CASES).exists()


_OF_CASES = ("pridvor.react", "connectors.attempt_call")
_ON_THE_WAY = ("crm.check_contact", "erp.find_customer", "erp.create_customer", "shop.create_account")


def opened(number: int) -> tuple[Any, Any, Any, dict[str, Any]]:
    """A case whose form waits to be sent."""
    cases, reads, sign_in, clients, journeys = (
        importlib.import_module(f"pridvor.{name}")
        for name in (
            "cases.actions",
            "cases.queries",
            "clients.sign_in",
            "clients.actions",
            "journeys.queries",
        )
    )
    actor, clock = importlib.import_module("pridvor.lib.actor"), importlib.import_module("pridvor.lib.clock")
    now, digits = clock.now(), f"3{number:03}141"
    asked = sign_in.ask(f"ana{number}@bench{number}.example", language="ro", now=now)
    found = sign_in.code_for_mail(asked.public_id, now=now)
    person = sign_in.confirm(asked.public_id, found[1], now=now)
    company = {
        "name": f"Bancul de Probă {number} SRL",
        "country": "RO",
        "cui": digits + cui.calc_check_digit(digits),
        "street": "Str. Lungă 12",
        "city": "Brașov",
        "county": "Brașov",
        "postal_code": "500058",
    }
    me = actor.Actor("client", str(person.subject))
    version = next(version for version, journey in journeys.public() if journey.name == "customer-account")
    client = clients.enrol({**company, "registry_state": "confirmed"}, person, now=now)
    case = cases.open_case(version, client, person, language="ro", actor=me, now=now)
    named = {name: company[name] for name in ("name", "street", "city", "county", "postal_code", "country")}
    plain: dict[str, Any] = {**named, "company_number": company["cui"], "credit": 0}
    return case, reads.open_attempt(case, "details"), me, plain


if __name__ == "__main__":
    sys.exit(main())
