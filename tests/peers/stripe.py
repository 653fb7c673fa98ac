"""A Stripe on loopback: localstripe behind a wrapper of ours (stripe_server.py says what it mends)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.peers import workshop
from tests.peers.workshop import Recipe, Server

PACKAGE = "localstripe==1.15.10"
SERVER = Path(__file__).with_name("stripe_server.py")
RECIPE = Recipe("localstripe", (PACKAGE,))
KEY = "sk_test_12345"
PRICE = "gold-monthly"  # 99 lei a month


@dataclass
class Stripe:
    server: Server
    port: int
    key: str = KEY

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, **form: object) -> dict:
        """GET, or POST when there is a form; as somebody who looks at Stripe's own pages."""
        method = "POST" if form else "GET"
        answer = httpx.request(
            method, f"{self.url}{path}", data=form or None, auth=(KEY, ""), trust_env=False
        )
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def tell(self, hook: str, url: str, secret: str) -> None:
        """Let it call this address when something happens."""
        self.ask(f"/_config/webhooks/{hook}", url=url, secret=secret)


def cook(cache: Path) -> None:
    RECIPE.say("installing packages (once)")
    workshop.environment_with(cache / "venv", PACKAGE)


@contextmanager
def running(folder: Path) -> Iterator[Stripe]:
    """A server on a free port that knows one price and nobody; gone, with all it had, when the block ends."""
    cache = RECIPE.build(cook)
    port = workshop.free_port()
    server = Server(
        [cache / "venv/bin/python", SERVER, port], folder, f"http://127.0.0.1:{port}/v1/customers"
    )
    server.start()
    stripe = Stripe(server, port)
    try:
        product = stripe.ask("/v1/products", name="Gold", type="service")["id"]
        every = {"recurring[interval]": "month"}
        stripe.ask("/v1/prices", product=product, unit_amount=9900, currency="ron", lookup_key=PRICE, **every)
        yield stripe
    finally:
        server.stop()
