"""THE table of what may stand behind `connect:`: the products, and the capabilities that come of them."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from pridvor.connectors import peers
from pridvor.connectors.contract import Capability, Product
from pridvor.connectors.products import (
    bottlecrm,
    described,
    plain,
    request_tracker,
    rest,
    stripe,
    tryton,
    vendure,
    webhook,
    yente,
)

SHIPPED: tuple[Product, ...] = (
    tryton.PRODUCT,
    plain.product(
        "erp",
        {
            "create_customer": "PUT customers",
            "find_customer": "GET customers",
            "set_credit": "PUT credits",
            "block": "DELETE customers",
        },
    ),
    bottlecrm.PRODUCT,
    plain.product(
        "crm",
        {
            "create_account": "PUT accounts",
            "close_account": "DELETE accounts",
            "activate": "PUT active",
            "create_prospect": "PUT prospects",
            "close_prospect": "DELETE prospects",
        },
    ),
    vendure.PRODUCT,
    plain.product("shop", {"create_account": "PUT accounts", "close_account": "DELETE accounts"}),
    stripe.PRODUCT,
    plain.product("billing", {"subscribe": "PUT subscriptions", "cancel": "DELETE subscriptions"}),
    request_tracker.PRODUCT,
    plain.product("tickets", {"open_ticket": "PUT tickets", "close_ticket": "DELETE tickets"}),
    plain.product(
        "platform",
        {"link_systems": "PUT links", "unlink_systems": "DELETE links", "go_live": "PUT live"},
    ),
    yente.PRODUCT,
)
"""The first of a role is the one whose stand-in the demonstration uses."""


def product_of(description: described.Description, known: Iterable[Product] = SHIPPED) -> Product:
    """The product that a description makes. Raises BadDescription where its address means another one already."""
    made = (
        rest.product(description) if isinstance(description, described.Rest) else webhook.product(description)
    )
    if any((each.role, each.scheme) == (made.role, made.scheme) for each in known):
        raise described.BadDescription([_taken(description)])
    return made


def _taken(description: described.Description) -> str:
    name, role = description.system, description.role
    if name in {each.role for each in SHIPPED}:
        return (
            f"system: {name} is the role of other systems; write the system's own name, and `plays: {role}`"
        )
    whose = f"another {name} plays {role}" if description.plays else f"{name} is described by another file"
    return f"system: {whose} already; give this one a name of its own"


def _described(folder: Path | None) -> list[Product]:
    """The products that the files of a folder describe. Raises ImproperlyConfigured."""
    found: list[Product] = []
    try:
        for file, description in described.read(folder).items() if folder else ():
            with described.named(file):
                found.append(product_of(description, (*SHIPPED, *found)))
    except described.BadDescription as error:
        raise ImproperlyConfigured(f"PRIDVOR_CONNECTORS, {folder}:\n{error}") from None
    return found


PRODUCTS: tuple[Product, ...] = (*SHIPPED, *_described(settings.CONNECTORS))


def capabilities(products: Iterable[Product]) -> dict[str, Capability]:
    """By `role.verb`. A verb that the product of an installation does not have is a person's work there."""
    found: dict[str, Capability] = {}
    for product in products:
        for name, verb in product.verbs.items():
            known = found.get(f"{product.role}.{name}")
            outcomes = verb.outcomes | (known.outcomes if known else frozenset())
            found[f"{product.role}.{name}"] = Capability(
                peer=product.role,
                gather=partial(peers.gather, product.role, name),
                perform=partial(peers.perform, product.role, name),
                probe=partial(peers.probe, product.role),
                outcomes=outcomes,
                of_check=verb.of_check,
                looks=verb.looks or bool(known and known.looks),
            )
    return found


peers.learn(PRODUCTS)
CAPABILITIES = capabilities(PRODUCTS)
LOOKS = frozenset(name for name, row in CAPABILITIES.items() if row.looks)
"""The capabilities that only read whether a system knows somebody."""
