"""THE table of what an administrator may set: its name, and what it is for people."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class System:
    """Another system that Pridvor speaks to. `secret`, `user`: what it is called there, empty where there is none."""

    key: str
    words: Promise
    example: str
    variable: str  # of the environment; where that is set, it wins
    schemes: tuple[str, ...]
    secret: Promise | str = ""
    user: Promise | str = ""
    hook: Promise | str = ""  # the secret with which it signs what it tells us

    @property
    def fields(self) -> tuple[str, ...]:
        named = ("user", self.user), ("secret", self.secret), ("hook", self.hook)
        parts = ("address", *(part for part, words in named if words))
        return tuple(f"{self.key}.{part}" for part in parts if part)


HOUSE = {
    "name": _("Name of the company"),
    "contact": _("Contact person"),
    "phone": _("Telephone of the contact person"),
    "email": _("E-mail of the contact person"),
    "sender_name": _("Sender of mails: name"),
    "sender_address": _("Sender of mails: address"),
    "language": _("Language for those who did not choose one"),
    "zone": _("Time zone"),
    "accent": _("Accent colour"),
    "logo": _("Logo"),
}
HTTP = ("https", "http")
LISTENED = ("crm", "shop", "billing")  # whose webhooks are understood (connectors.listening)


def _service(key: str, words: Promise, example: str, product: str) -> System:
    """A role that this product can play, or any system of the plain dialect."""
    schemes = (f"{product}+https", f"{product}+http", *HTTP)
    signs = _("Secret with which it signs its webhooks") if key in LISTENED else ""
    return System(key, words, example, "PRIDVOR_SERVICES", schemes, _("Token"), hook=signs)


SYSTEMS = (
    System(
        "mail",
        _("Mail server"),
        "smtp://mail.example.com:587",
        "PRIDVOR_SMTP",
        ("smtp", "smtps"),
        _("Password"),
        _("User"),
    ),
    System(
        "erp",
        _("ERP (Tryton)"),
        "tryton+https://erp.example.com/company",
        "PRIDVOR_ERP",
        ("tryton+https", "tryton+http", *HTTP),
        _("Key of the user application"),
    ),
    _service("crm", _("CRM"), "https://crm.example.com/api", "bottlecrm"),
    _service("shop", _("E-shop"), "vendure+https://shop.example.com/admin-api", "vendure"),
    _service("billing", _("Billing"), "stripe+https://api.stripe.com?price=price_123", "stripe"),
    _service("tickets", _("Ticketing"), "rt+https://tickets.example.com?queue=Onboarding", "rt"),
    System(
        "platform", _("Platform"), "https://platform.example.com/api", "PRIDVOR_SERVICES", HTTP, _("Token")
    ),
    System(
        "screening",
        _("Sanctions screening (yente)"),
        "yente+https://screening.example.com/sanctions?threshold=0.7",
        "PRIDVOR_SERVICES",
        ("yente+https", "yente+http"),
        _("Key, where it asks for one"),
    ),
    System(
        "anaf", _("Company registry of Romania"), "https://webservicesp.anaf.ro", "PRIDVOR_REGISTRY", HTTP
    ),
    System("vies", _("VAT numbers of the European Union"), "https://ec.europa.eu", "PRIDVOR_VIES", HTTP),
    System("scanner", _("Virus scanner (clamd)"), "127.0.0.1:3310", "PRIDVOR_CLAMD", ()),
)
BY_KEY = {system.key: system for system in SYSTEMS}
SECRETS = {name for system in SYSTEMS for name in system.fields if name.endswith((".secret", ".hook"))}
NAMES = {*HOUSE, *(name for system in SYSTEMS for name in system.fields)}


def words(name: str) -> str:
    """A setting's name as people read it."""
    if name in HOUSE:
        return str(HOUSE[name])
    key, _dot, part = name.partition(".")
    system = BY_KEY[key]
    named = {"secret": system.secret, "user": system.user, "hook": system.hook}
    return f"{system.words}: {named.get(part, _('Address'))}"
