"""localstripe as tests need it: loopback only, in memory only, and as faithful to Stripe as idempotency has to be.

Upstream listens on every interface, keeps what it has in a shared pickle under /tmp, takes no notice of
`Idempotency-Key` and knows plans where Stripe has prices. Run by localstripe's own Python (never imported by ours:
it is GPL-3, and a process of its own): stripe_server.py PORT
"""

import hashlib
import sys

from aiohttp import web  # type: ignore[import-not-found]
from localstripe import resources, server  # type: ignore[import-not-found]

SEEN: dict[tuple[str, str], tuple[str, int, bytes]] = {}
UNDER_WAY: set[tuple[str, str]] = set()
resources.Store.dump_to_disk = lambda self: None
resources.store.clear()


@web.middleware
async def idempotent(request: web.Request, handler: object) -> web.StreamResponse:
    """Stripe's promise: one key, one effect; the first answer again for the same request, refusal for another."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or not key:
        return await handler(request)
    digest = hashlib.sha256(request.path.encode() + await request.read()).hexdigest()
    place = (request.headers.get("Authorization", ""), key)
    if place in SEEN:
        known, status, body = SEEN[place]
        if known != digest:
            message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            return web.json_response({"error": {"type": "idempotency_error", "message": message}}, status=400)
        return web.Response(
            status=status, body=body, content_type="application/json", headers={"Idempotent-Replayed": "true"}
        )
    if place in UNDER_WAY:
        error = {
            "type": "idempotency_error",
            "code": "idempotency_key_in_use",
            "message": "Another request is under way.",
        }
        return web.json_response({"error": error}, status=409)
    UNDER_WAY.add(place)
    try:
        answer = await handler(request)
    finally:
        UNDER_WAY.discard(place)
    if answer.status < 500:
        SEEN[place] = (digest, answer.status, answer.body)
    return answer


def price(plan: object) -> dict[str, object]:
    return {
        "id": plan.id,
        "object": "price",
        "active": True,
        "currency": plan.currency,
        "unit_amount": plan.amount,
        "product": plan.product,
        "recurring": {"interval": plan.interval, "interval_count": plan.interval_count},
        "type": "recurring",
        "metadata": plan.metadata or {},
        "livemode": False,
        "created": plan.created,
    }


async def create_price(request: web.Request) -> web.Response:
    data = await server.get_post_data(request)
    every = data.get("recurring") or {}
    plan = resources.Plan._api_create(
        id=data.get("lookup_key"),
        amount=data["unit_amount"],
        currency=data["currency"],
        product=data["product"],
        interval=every.get("interval", "month"),
        interval_count=every.get("interval_count", 1),
        metadata=data.get("metadata"),
    )
    return web.json_response(price(plan))


async def get_price(request: web.Request) -> web.Response:
    return web.json_response(price(resources.Plan._api_retrieve(request.match_info["id"])))


def create_subscription(cls: type, **wanted: object) -> object:
    """Prices for plans, and subscriptions that are paid by invoice: upstream knows only those paid at once by card."""
    for item in wanted.get("items") or []:
        if "price" in item:
            item["plan"] = item.pop("price")
    how, days = wanted.pop("collection_method", "charge_automatically"), wanted.pop("days_until_due", None)
    if how == "send_invoice":
        wanted["trial_end"] = "now"  # upstream then makes no invoice, and asks for no card
    made = _create_subscription(cls, **wanted)
    made.collection_method, made.days_until_due = how, days
    if how == "send_invoice":
        made.status, made.trial_end = "active", None
    return made


def create_customer(cls: type, **wanted: object) -> object:
    """Romanian VAT numbers of eight digits, too: upstream thinks them too short."""
    numbers = [number["value"] for number in wanted.get("tax_id_data") or ()]
    for number in wanted.get("tax_id_data") or ():
        number["value"] = number["value"].ljust(11, "0")
    made = _create_customer(cls, **wanted)
    for kept, number in zip(made.tax_ids._list, numbers, strict=True):
        kept.value = number
    return made


_create_subscription = resources.Subscription._api_create.__func__
_create_customer = resources.Customer._api_create.__func__
resources.Subscription._api_create = classmethod(create_subscription)
resources.Customer._api_create = classmethod(create_customer)
server.app.middlewares.insert(0, idempotent)
server.app.router.add_post("/v1/prices", create_price)
server.app.router.add_get("/v1/prices/{id}", get_price)
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
