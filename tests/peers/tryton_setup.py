"""Furnishes an empty Tryton database: company, currencies, countries, payment terms, one bank, price lists, one product.

And two who work in it: the user whose key we call with, and a clerk who sells. Run by Tryton's own Python (never
imported by ours): tryton_setup.py DATABASE-URL CONFIG KEY CLERK-KEY
"""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config  # type: ignore[import-not-found]
from trytond.modules.account.tests.tools import (  # type: ignore[import-not-found]
    create_chart,
    create_fiscalyear,
    get_accounts,
)
from trytond.modules.account_invoice.tests.tools import (  # type: ignore[import-not-found]
    set_fiscalyear_invoice_sequences,
)
from trytond.modules.company.tests.tools import create_company, get_company  # type: ignore[import-not-found]

ONBOARDING = ("party.group_party_admin", "bank.group_bank_admin", "account.group_account")
CREDIT = ("account_credit_limit.group_credit_limit", "sale.group_sale")  # the second may give price lists
CLERK = ("party.group_party_admin", "account.group_account", "sale.group_sale", "sale.group_sale_admin")
PRICE_LISTS = {"Partner Silver": "unit_price * 0.95", "Partner Gold": "unit_price * 0.90"}


def currency(name: str, code: str, number: str, rate: str):
    made = Model.get("currency.currency")(
        name=name, symbol=code, code=code, numeric_code=number, rounding=Decimal("0.01"), digits=2
    )
    made.rates.new(rate=Decimal(rate), date=datetime.date(2020, 1, 1))
    made.save()
    return made


def party(name: str):
    made = Model.get("party.party")(name=name)
    made.save()
    return made


def term(days: int) -> None:
    """Due after so many days; Tryton itself brings those of 10, 15, 30 and 60."""
    made = Model.get("account.invoice.payment_term")(name=f"Net {days} days" if days else "Immediate")
    (delta,) = made.lines.new(type="remainder").relativedeltas  # a new line has one already
    delta.days = days
    made.save()


def price_list(name: str, formula: str) -> None:
    made = Model.get("product.price_list")(name=name, price="list_price")
    made.lines.new(formula=formula)
    made.save()


def cable() -> None:
    """Something to sell: a hundred lei the piece."""
    accounts = get_accounts()
    category = Model.get("product.category")(name="Goods", accounting=True)
    category.account_revenue, category.account_expense = accounts["revenue"], accounts["expense"]
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    made = Model.get("product.template")(name="Cablu NYY-J 3x2,5", type="goods", salable=True)
    made.default_uom, made.list_price, made.account_category = unit, Decimal("100.00"), category
    made.save()


def user(name: str, groups: tuple[str, ...], company: int, key: str) -> None:
    """Somebody with these groups' rights, and an application that works in their name with this key."""
    known, group, place = Model.get("ir.model.data"), Model.get("res.group"), Model.get("company.company")
    made = Model.get("res.user")(name=name, login=name.lower(), password=f"S3cret-{name.lower()}-pw!")
    for one in groups:
        made.groups.append(group(known.get_id(one, {})))
    made.companies.append(place(company))
    made.company = place(company)
    made.save()
    Model.get("res.user.application")(user=made, application="rest", key=key).save()


def furnish(key: str, clerk_key: str) -> None:
    leu = currency("Leu", "RON", "946", "1")
    currency("Euro", "EUR", "978", "0.2")
    for name, code, long, number in (
        ("Romania", "RO", "ROU", "642"),
        ("Austria", "AT", "AUT", "040"),
        ("Germany", "DE", "DEU", "276"),
    ):
        Model.get("country.country")(name=name, code=code, code3=long, code_numeric=number).save()
    create_company(party=party("Arcada Distribuție"), currency=leu)
    company = get_company()
    set_fiscalyear_invoice_sequences(create_fiscalyear(company)).click("create_period")
    create_chart(company)
    for days in (0, 7, 14):  # the shipped journeys grant 7, 14 and 30
        term(days)
    for name, formula in PRICE_LISTS.items():
        price_list(name, formula)
    cable()
    Model.get("bank")(party=party("Banca Porților"), bic="AAAAROBU").save()
    user("Onboarding", ONBOARDING + CREDIT, company.id, key)
    user("Clerk", CLERK, company.id, clerk_key)


config.set_trytond(sys.argv[1], user="admin", config_file=sys.argv[2])
furnish(*sys.argv[3:])
