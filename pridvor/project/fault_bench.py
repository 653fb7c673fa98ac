"""What a client feels of a peer that fails: `make bench-faults` reads the portal's pages beside a healthy and a dead ERP.

A real Tryton stands behind a proxy that spoils its answers. With each fault as without one, the same number of
applicants is sent on its way, and pages of theirs are asked for as a browser would: at once, while all that the sending
brings about is done («rush»), and when that is over and calls wait for the ERP, if it fails («calm»). What counts is
the slowest twentieth. The rush costs what it costs on two cores; the ratio says what the fault adds to it.
"""

import importlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django
import httpx
from django.conf import settings

from pridvor.lib import wall
from pridvor.project import bench, up

APPLICANTS = 10
READERS = 2
PAGES = 150  # that each reader asks for
TIMES = 5  # in the calm, of which the middle one counts: what runs every minute falls into one of them
FAULTS = {
    "hole": "no answer at all",
    "drip": "byte by byte",
    "error": "HTTP 500",
    "refuse": "connections cut",
}
PATIENCE = 180  # seconds
GOAL = 1.25  # times the same without the fault


def main() -> int:
    with bench.scratch():
        django.setup()
        wall.process_is(wall.MACHINE)
        with _erp() as proxy, bench.worker(), _web() as address:
            rows = _rows(proxy, address)
    return bench.keep("bench-faults", rows)


def _rows(proxy: Any, address: str) -> list[bench.Row]:
    _measured(0, address, _settled)  # what is loaded on first use, is loaded
    healthy = _measured(1, address, _settled)
    rows = [
        bench.row(f"portal.p95_{when}", value, "ms", round(value, 2) + 0.01, "the floor: healthy ERP", 1.0)
        for when, value in healthy.items()
    ]
    for round_number, (mode, words) in enumerate(FAULTS.items(), 2):
        proxy.mode, proxy.reads = mode, True
        spoiled = _measured(round_number, address, _tried)
        proxy.mode = "pass"
        bench.wait(_is_caught_up, seconds=PATIENCE, pause=0.1)
        for when, value in spoiled.items():
            name, goal = f"portal.p95_{when}_{mode}", round(GOAL * healthy[when], 2)
            rows.append(bench.row(name, value, "ms", goal, f"healthy ERP; {words}", value / healthy[when]))
    return rows


def _measured(round_number: int, address: str, has_come: Callable[[list[Any]], None]) -> dict[str, float]:
    """Milliseconds in the rush that new applicants make, and in the calm after it."""
    cases, session = _on_their_way(round_number)
    rush = _slowest_twentieth(address, session, cases[-1])
    has_come(cases)
    bench.wait(_is_calm, seconds=PATIENCE, pause=0.1)
    calm = median(_slowest_twentieth(address, session, cases[-1]) for _ in range(TIMES))
    return {"rush": rush, "calm": calm}


@contextmanager
def _erp() -> Iterator[Any]:
    """A real ERP behind a proxy, named in the settings of this process and of those that it starts."""
    tryton, fault = (importlib.import_module(f"tests.peers.{name}") for name in ("tryton", "fault"))
    with tempfile.TemporaryDirectory(prefix="pridvor-peers-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 the database's account passes through; nobody can list it
        with tryton.running(Path(folder)) as erp, fault.before(erp.port) as proxy:
            address = erp.url.replace(f":{erp.port}/", f":{proxy.port}/")
            os.environ |= {"PRIDVOR_ERP": address, "PRIDVOR_ERP_KEY": erp.key}
            settings.ERP_URL, settings.ERP_KEY = address, erp.key
            yield proxy


@contextmanager
def _web() -> Iterator[str]:
    """The web as `pridvor up` runs it; its address."""
    port = importlib.import_module("tests.peers.workshop").free_port()
    process = subprocess.Popen(up.web_command(f"127.0.0.1:{port}"), cwd=bench.ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        bench.wait(lambda: _answers(address), seconds=PATIENCE, pause=0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False


def _on_their_way(round_number: int) -> tuple[list[Any], str]:
    """This will send the forms of so many applicants; the cases, and the session of the last of them."""
    shop_bench, cases, clock = (
        importlib.import_module(f"pridvor.{name}")
        for name in ("project.shop_bench", "cases.actions", "lib.clock")
    )
    numbers = range(round_number * APPLICANTS, (round_number + 1) * APPLICANTS)
    made = [shop_bench.opened(number) for number in numbers]
    for _case, attempt, actor, plain in made:
        personal = {"contact_name": "Ana Pop", "phone": "+40721000111"}
        cases.submit(attempt, plain, personal, actor=actor, now=clock.now())
    return [case for case, *_ in made], _session(made[-1][0])


def _session(case: Any) -> str:
    """The key of a session in which the applicant of this case has signed in."""
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    proved = importlib.import_module("pridvor.portal.door").PROVED
    store.update({"person": str(case.person.subject), proved: time.time()})
    store.create()
    return str(store.session_key)


def _settled(cases: list[Any]) -> None:
    """Wait until the ERP has them all."""
    call = importlib.import_module("pridvor.connectors.models").Call
    waited = call.objects.filter(case__in=cases, capability="erp.create_customer", state="done")
    bench.wait(lambda: waited.count() == len(cases), seconds=PATIENCE, pause=0.1)


def _tried(cases: list[Any]) -> None:
    """Wait until each has met the fault, or rests because others have."""
    call = importlib.import_module("pridvor.connectors.models").Call
    met = call.objects.filter(case__in=cases, peer="erp").exclude(code="")
    bench.wait(lambda: met.values("case").distinct().count() == len(cases), seconds=PATIENCE, pause=0.1)


def _is_calm() -> bool:
    """Whether nothing is left to do at once of what the applicants' forms bring about."""
    jobs = importlib.import_module("procrastinate.contrib.django.models").ProcrastinateJob
    return not jobs.objects.filter(status__in=["todo", "doing"], task_name="pridvor.react").exists()


def _is_caught_up() -> bool:
    """Whether the ERP has all that waited for it."""
    call = importlib.import_module("pridvor.connectors.models").Call
    return not call.objects.filter(peer="erp", state__in=["waiting", "sending"]).exists() and _is_calm()


def _slowest_twentieth(address: str, session: str, case: Any) -> float:
    """Milliseconds within which nineteen of twenty pages came: the case, its status, and the way in of a stranger."""
    times: list[float] = []
    paths = [f"/cases/{case.public_id}/", f"/cases/{case.public_id}/status/", "/"]

    def read() -> None:
        with httpx.Client(
            base_url=address, cookies={settings.SESSION_COOKIE_NAME: session}, trust_env=False, timeout=30
        ) as browser:
            for number in range(PAGES):
                start = time.perf_counter()
                browser.get(paths[number % len(paths)]).raise_for_status()
                times.append((time.perf_counter() - start) * 1000)

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    if len(times) != READERS * PAGES:
        raise RuntimeError(f"{READERS * PAGES - len(times)} pages did not come")
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
