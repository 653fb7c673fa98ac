"""Testing another system from its page: how it went in words, and the way out."""

from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.company import systems
from pridvor.company.fields import System
from pridvor.connectors import peers, registry
from pridvor.connectors.contract import Failed, Health
from pridvor.documents import clamd
from pridvor.notifications import trying
from pridvor.notifications.trying import Trial

SECONDS = 5.0
WITHOUT: dict[str, Promise] = {
    "mail": gettext_lazy("none: mails are kept and not sent"),
    "anaf": gettext_lazy("its public address"),
    "vies": gettext_lazy("its public address"),
    "scanner": gettext_lazy("none: the built-in scanner alone"),
}
BY_HAND = gettext_lazy("none: people do by hand what it would do")
REMEDIES: dict[str, Promise] = {
    "401": gettext_lazy("It does not take our key: make a new one there, and keep it here."),
    "403": gettext_lazy("Our key may not do this: give its user the right there."),
    "404": gettext_lazy("The machine answers and has nothing at this address: check what follows its name."),
    "no-connection": gettext_lazy(
        "Nobody answers: check address and port, and whether a firewall is between."
    ),
    "no-company": gettext_lazy("The user of the key belongs to no company: set one in the ERP."),
    "ConnectError": gettext_lazy(
        "Nobody answers: check address and port, and whether a firewall is between."
    ),
    "slow": gettext_lazy("It did not answer in time. Try again; clients type what it would have told."),
}
OTHER = gettext_lazy("Whoever runs that system can see in its log what it answered.")


def without(key: str) -> str:
    """What happens while a system is not set."""
    return str(WITHOUT.get(key, BY_HAND))


def of(system: System, address: str, *, now: datetime) -> Trial:
    """This will speak to the system; of the mail server, with a mail to this address."""
    if system.key == "mail":
        url = systems.mail()
        return trying.send_test(url, address, now=now) if url else _nothing(system)
    if system.key == "scanner":
        return _scanner(system)
    if not systems.address(system.key) and not settings.DEMO and system.key not in registry.KNOWN:
        return _nothing(system)
    health = _health(system.key, now)
    return Trial(
        health.ok, "" if health.ok else _remedy(health.words), [f"{health.words} ({health.milliseconds} ms)"]
    )


# -- how


def _health(key: str, now: datetime) -> Health:
    if key in registry.KNOWN:
        return registry.probe(key, now=now)
    try:
        return peers.probe(key)
    except Failed as failed:
        return Health(key, False, str(failed))


def _scanner(system: System) -> Trial:
    address = systems.address(system.key)
    if not address:
        return _nothing(system)
    ok = clamd.answers(address, SECONDS)
    return Trial(ok, "" if ok else str(REMEDIES["no-connection"]), ["PONG" if ok else _("no answer")])


def _nothing(system: System) -> Trial:
    return Trial(False, _("No address is set yet."), [without(system.key)])


def _remedy(words: str) -> str:
    return str(next((remedy for sign, remedy in REMEDIES.items() if sign in words), OTHER))
