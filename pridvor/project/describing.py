"""What the describers of further systems ask on the command line about their files."""

import argparse
import json
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from pridvor.connectors import table
from pridvor.connectors.contract import Failed, Place, Product
from pridvor.connectors.customer import Customer
from pridvor.connectors.products import described, placeholders
from pridvor.connectors.stand_ins.store import MemoryStore
from pridvor.project.authoring import source

Given = argparse.Namespace

SOMEBODY = Customer(
    key="PR-2026-000001",
    name="SC Electro Instal SRL",
    country="RO",
    on=date(2026, 11, 24),
    cui="18547290",
    vat="RO18547290",
    registration_number="J40/372/2002",
    street="Str. Lungă 12",
    city="Brașov",
    county="Brașov",
    postal_code="500058",
    email="ana@electroinstal.example",
    phone="+40721000111",
    iban="RO49AAAA1B31007593840000",
    contact_name="Ana Pop",
    payment_days=30,
    credit_limit=Decimal("50000.00"),
    price_group="gold",
    plan="standard",
    language="ro",
    journey="example",
)


def check_files(given: Given) -> int:
    wrong = 0
    for file in given.file:
        try:
            found = described.load(source(file))
            table.product_of(found)
        except described.BadDescription as error:
            wrong += 1
            print(f"{file}: WRONG\n  " + "\n  ".join(error.problems))
        else:
            verbs = ", ".join(f"{found.role}.{name}" for name in found.verbs)
            print(f"{file}: right; journeys may name {verbs}")
    return 1 if wrong else 0


def try_files(given: Given) -> int:
    """Every verb twice: what is made once must be found the second time."""
    if check_files(given):
        return 1
    return max(_try(table.product_of(described.load(source(file)))) for file in given.file)


def print_schema(given: Given) -> int:
    print(json.dumps(described.schema(), ensure_ascii=False, indent=2))
    return 0


def print_names(given: Given) -> int:
    for name, words in placeholders.published():
        print(f"{{{name}}}".ljust(30), words)
    return 0


def _try(product: Product) -> int:
    failed, store = 0, MemoryStore()
    for name, verb in [each for each in product.verbs.items() for _time in range(2)]:
        print(f"\n{product.role}.{name}")
        spoken = _Printed(product.stand_in(store, lambda: "ok"))
        place = Place("http://stand-in", "id:secret", product.options())
        with closing(product.connect(place, spoken)) as connection:
            try:
                answer = verb.perform(connection, _with_example_values(SOMEBODY))
            except Failed as error:
                failed = 1
                print(f"  = {type(error).__name__.lower()}: {error}")
            else:
                print(f"  = {answer.outcome}, {answer.how}, reference {answer.reference or '–'}")
    return failed


def _with_example_values(customer: Customer) -> Customer:
    """Whatever value a description asks for is there."""

    class Anything(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            return f"example-{name}"

    values = {each: getattr(customer, each) for each in customer.__dataclass_fields__}
    return Customer(**{**values, "plain": Anything(), "known": Anything()})


class _Printed(httpx.BaseTransport):
    """Shows each request and the status of its answer."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        print(f"  > {request.method} {request.url.raw_path.decode()}  {request.content.decode()}".rstrip())
        print(f"  < {answer.status_code}")
        return answer
