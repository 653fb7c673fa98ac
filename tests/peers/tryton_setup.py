"""Furnishes an empty Tryton database: company, currencies, country, payment terms, one bank, and the key we call with.

Run by Tryton's own Python (never imported by ours): tryton_setup.py DATABASE-URL CONFIG KEY
"""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config  # type: ignore[import-not-found]


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
    made = Model.get("account.invoice.payment_term")(name=f"Net {days}" if days else "Immediate")
    made.lines.new(type="remainder").relativedeltas.new(days=days)
    made.save()


def furnish(key: str) -> None:
    leu = currency("Leu", "RON", "946", "1")
    currency("Euro", "EUR", "978", "0.2")
    for name, code, long, number in (
        ("Romania", "RO", "ROU", "642"),
        ("Austria", "AT", "AUT", "040"),
        ("Germany", "DE", "DEU", "276"),
    ):
        Model.get("country.country")(name=name, code=code, code3=long, code_numeric=number).save()
    company = Model.get("company.company")(party=party("Arcada Distribuție"), currency=leu)
    company.save()
    for days in (0, 15, 30, 60):
        term(days)
    Model.get("bank")(party=party("Banca Porților"), bic="AAAAROBU").save()
    groups = Model.get("ir.model.data")
    user = Model.get("res.user")(name="Onboarding", login="onboarding", password="S3cret-onboarding-pw!")
    for group in ("party.group_party_admin", "bank.group_bank_admin", "account.group_account"):
        user.groups.append(Model.get("res.group")(groups.get_id(group, {})))
    user.companies.append(Model.get("company.company")(company.id))
    user.company = Model.get("company.company")(company.id)
    user.save()
    Model.get("res.user.application")(user=user, application="rest", key=key).save()


config.set_trytond(sys.argv[1], user="admin", config_file=sys.argv[2])
furnish(sys.argv[3])
