"""The outside systems of this installation, as the settings name them; in a demonstration, their stand-ins."""

from contextlib import closing

from django.conf import settings

from pridvor.company import systems
from pridvor.connectors import sandbox
from pridvor.connectors.contract import Answer, Health, Rejected
from pridvor.connectors.customer import Customer
from pridvor.connectors.erp import Tryton
from pridvor.connectors.models import Switch
from pridvor.connectors.sandbox_store import DatabaseStore


def erp() -> Tryton:
    """Raises Rejected when there is no ERP: then people do by hand what it would do."""
    url, key = systems.erp()
    if url:
        return Tryton(url, key)
    if settings.DEMO:
        mode = Switch.objects.mode("erp")
        return Tryton("tryton+http://sandbox/erp", "sandbox", sandbox.Erp(DatabaseStore(), lambda: mode))
    raise Rejected("not-configured", "no ERP is configured (PRIDVOR_ERP)")


def create_customer(customer: Customer) -> Answer:
    with closing(erp()) as connection:
        return connection.create_customer(customer)


def probe_erp() -> Health:
    try:
        with closing(erp()) as connection:
            return connection.probe()
    except Rejected as error:
        return Health("erp", not systems.address("erp"), error.words)
    except ValueError as error:
        return Health("erp", False, str(error))
