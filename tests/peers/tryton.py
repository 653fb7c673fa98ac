"""A real Tryton 8.2 on loopback, for tests (see workshop.py): built in about two minutes, once.

It works on PostgreSQL. (Not SQLite: there Tryton 8.2 keeps what a refused request had written.)
"""

import base64
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.peers import workshop
from tests.peers.workshop import CannotBuild, Recipe, Server, free_port

SETUP = Path(__file__).with_name("tryton_setup.py")
MODULES = [
    "party",
    "bank",
    "account",
    "account_invoice",
    "account_credit_limit",
    "sale",
    "sale_credit_limit",
    "product_price_list",
    "sale_price_list",
]
PACKAGES = [
    "trytond==8.2.*",
    "proteus==8.2.*",
    *(f"trytond-{module.replace('_', '-')}==8.2.*" for module in MODULES),
    "psycopg[binary,pool]==3.*",
]
KEY = "key-of-the-onboarding-user-0123456789abcdef"
CLERK_KEY = "key-of-a-clerk-who-sells-0123456789abcdef00"
CONFIG = """[web]
listen = 127.0.0.1:{port}
[request]
timeout = 10
[cache]
clean_timeout = 0
"""
RECIPE = Recipe("tryton", (PACKAGES, MODULES, KEY, CLERK_KEY, SETUP))


@dataclass
class Tryton:
    """A running server: `url` and `key` as the settings take them."""

    port: int
    server: Server

    @property
    def url(self) -> str:
        return f"tryton+http://127.0.0.1:{self.port}/tryton"

    @property
    def key(self) -> str:
        return KEY

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


class Clerk:
    """Somebody who sells, over the same interface and with no right to overrule a limit."""

    def __init__(self, tryton: Tryton) -> None:
        self.base = tryton.url.replace("tryton+", "") + "/rest/model"
        self.http = httpx.Client(
            headers={"Authorization": f"Bearer {CLERK_KEY}"}, timeout=20, trust_env=False
        )

    def close(self) -> None:
        self.http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        context: dict[str, object] | None = None,
        fields: Iterable[str] = (),
        domain: Iterable[object] = (),
        **body: object,
    ) -> httpx.Response:
        headers = {"X-Tryton-Context": _packed({"company": 1, **(context or {})})}
        params = [("d", _packed(list(domain))), *(("f", name) for name in fields)]
        return self.http.request(
            method, f"{self.base}/{path}", headers=headers, params=params, json=body or None
        )

    def party(self, code: str) -> dict:
        fields = ["addresses.id", "sale_price_list.id"]
        return self.ask("GET", "party.party", domain=[["code", "=", code]], fields=fields).json()[0]

    def price(self, party: dict) -> str:
        """What one piece costs this party."""
        context = {"customer": party["id"], "price_list": party["sale_price_list"]["id"], "currency": 1}
        found = self.ask("GET", "product.product", context=context, fields=["sale_price_uom"]).json()[0]
        return str(found["sale_price_uom"]["decimal"])

    def order(self, party: dict, quantity: int) -> httpx.Response:
        """An order of so many pieces at a hundred lei, confirmed if the ERP lets them."""
        line = {"type": "line", "product": 1, "unit": 1, "quantity": quantity}
        line["unit_price"] = {"__class__": "Decimal", "decimal": "100.0000"}
        place = party["addresses"][0]["id"]
        sale = self.ask(
            "POST",
            "sale.sale",
            party=party["id"],
            invoice_address=place,
            shipment_address=place,
            currency=1,
            lines=[["create", [line]]],
        ).json()["id"]
        self.ask("POST", f"sale.sale/{sale}/quote")
        return self.ask("POST", f"sale.sale/{sale}/confirm", fields=["state"])


def _packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _settings(cache: Path, database: str) -> dict[str, str]:
    return {
        "TRYTOND_DATABASE_URI": database,
        "TRYTONPASSFILE": str(cache / "password"),
        "PYTHONWARNINGS": "ignore",
    }


def _environment() -> Path:
    """Tryton's own Python environment; kept when only what it is furnished with changes."""
    kept = Recipe("tryton-packages", (PACKAGES,))

    def install(cache: Path) -> None:
        kept.say("installing (once)")
        workshop.environment_with(cache / "venv", *PACKAGES)

    return kept.build(install) / "venv/bin"


def cook(cache: Path) -> None:
    binaries = _environment()
    RECIPE.say("making its database (once, about a minute and a half)")
    config = cache / "conf"
    config.write_text(CONFIG.format(port=0))
    (cache / "password").write_text(secrets.token_urlsafe(24))
    with workshop.new_database(cache, "tryton") as database:
        env = workshop.surroundings(**_settings(cache, database))
        admin = (
            binaries / "trytond-admin",
            "-c",
            config,
            "-d",
            "tryton",
            "--email",
            "admin@arcada.example",
        )
        workshop.run(*admin, "-u", *MODULES, "--activate-dependencies", env=env)
        workshop.run(binaries / "python", SETUP, database, config, KEY, CLERK_KEY, env=env)


@contextmanager
def running(folder: Path) -> Iterator[Tryton]:
    """A server on a free port with a database of its own below `folder`, stopped when the block ends."""
    cache = RECIPE.build(cook)
    with workshop.copied_database(cache, folder) as database:
        port = free_port()
        (folder / "conf").write_text(CONFIG.format(port=port))
        command = [_environment() / "trytond", "-c", folder / "conf", "-d", "tryton"]
        ready_at = f"http://127.0.0.1:{port}/tryton/rest/model/company.company"  # 401: it asks who we are
        peer = Tryton(port, Server(command, folder, ready_at, _settings(cache, database)))
        try:
            peer.start()
            yield peer
        finally:
            peer.stop()


__all__ = ["CLERK_KEY", "KEY", "CannotBuild", "Clerk", "Tryton", "free_port", "running"]
