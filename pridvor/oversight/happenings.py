"""What was done about people's data and about incidents, in words, as its ledger keeps it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts import queries as people
from pridvor.connectors import blueprint
from pridvor.privacy import ledger
from pridvor.privacy.models import Entry

SAID = {
    "export.asked": gettext_lazy("A copy was asked for"),
    "copy.made": gettext_lazy("The copy was made"),
    "copy.fetched": gettext_lazy("The copy was fetched"),
    "copy.removed": gettext_lazy("The copy was removed"),
    "erasure.asked": gettext_lazy("Erasure was asked for"),
    "erasure.decided": gettext_lazy("Decided, and the letter sent"),
    "erasure.done": gettext_lazy("Carried out"),
    "erasure.held": gettext_lazy("Held back: a rule keeps part of it"),
    "request.withdrawn": gettext_lazy("Taken back by the person"),
    "outside.told": gettext_lazy("Erased, or kept by law: %(peer)s"),
    "incident.opened": gettext_lazy("Noticed"),
    "incident.noted": gettext_lazy("Noted"),
    "incident.decided": gettext_lazy("Decided whether to notify"),
    "incident.closed": gettext_lazy("Closed"),
}


@dataclass(frozen=True)
class Happening:
    """One line: when, what, by whom."""

    at: datetime
    said: str
    who: str


def of(about: object) -> list[Happening]:
    """What was done about one request or incident, oldest first."""
    names = people.names()
    return [Happening(entry.at, said(entry), _who(entry, names)) for entry in ledger.history(about)]


def said(entry: Entry) -> str:
    peer = str(entry.data.get("peer", ""))
    return str(SAID.get(entry.kind, entry.kind)) % {"peer": blueprint.title(peer)}


def _who(entry: Entry, names: dict[str, str]) -> str:
    if entry.actor_kind == "staff":
        return names.get(entry.actor_id, _("staff"))
    return _("the person") if entry.actor_kind == "client" else _("automatic")
