"""The access ledger as the person reads it whose data it is: who looked at what, why and when. Roles, never names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.accounts import machines
from pridvor.accounts.models import Role, Staff
from pridvor.cases.models import Case
from pridvor.clients.models import Person
from pridvor.vault import queries as vault
from pridvor.vault.models import Look

FIELDS = {
    "email": gettext_lazy("e-mail address"),
    "phone": gettext_lazy("telephone"),
    "contact_name": gettext_lazy("name"),
    "iban": gettext_lazy("bank account"),
    "note": gettext_lazy("what was written to you"),
    "internal_note": gettext_lazy("notes of the staff"),
    "comment": gettext_lazy("your comments"),
    "comment_answer": gettext_lazy("answers to your comments"),
    "item": gettext_lazy("lines of a list"),
    "delivered": gettext_lazy("what was delivered to you"),
    "secret": gettext_lazy("a credential"),
    "destroyed": gettext_lazy("something was destroyed"),
    "support": gettext_lazy("your pages, as you see them"),
    "export": gettext_lazy("everything, for your copy"),
    "*": gettext_lazy("everything was erased"),
}
PURPOSES = {
    "work on the case": gettext_lazy("work on your registration"),
    "look at the client": gettext_lazy("look at the client"),
    "search on the desk": gettext_lazy("a search by name, telephone or address"),
    "automatic check": gettext_lazy("automatic check"),
    "sanctions screening": gettext_lazy("comparison with sanctions lists"),
    "create the customer in the ERP": gettext_lazy("open your account in the company's systems"),
    "test of the client's interface": gettext_lazy("test of your interface"),
    "hand over to the secret store": gettext_lazy("hand a credential over to the secret store"),
    "send a sign-in code": gettext_lazy("send you a sign-in code"),
    "sign in": gettext_lazy("let you sign in"),
    "show where the code went": gettext_lazy("show you where the code went"),
    "send another code": gettext_lazy("send you another code"),
    "support.looked": gettext_lazy("open your pages to help you; the reason stands on your page"),
    "make a copy of one's own data": gettext_lazy("make the copy that you asked for"),
    "fetch the copy of one's own data": gettext_lazy("hand you your copy"),
}
MESSAGE = re.compile(r"send the message “(.+)”")


@dataclass(frozen=True)
class Seen:
    """What one kind of person did for one purpose on one day."""

    day: date
    last_at: datetime
    who: str
    fields: str
    why: str
    case: str
    times: int


def seen(person: Person, language: str) -> list[Seen]:
    """Everybody who looked, the newest first; looks of one day by one role for one purpose are one line."""
    rows = vault.looks(person.subject)
    roles = roles_of(rows)
    labels = _labels(person, language)
    groups: dict[tuple[Any, ...], list[Look]] = {}
    for row in rows:
        day = timezone.localtime(row.at).date()
        key = (day, row.actor_kind, roles.get(row.actor_id, ""), row.purpose, row.case)
        groups.setdefault(key, []).append(row)
    return [_one(key, group, person, labels) for key, group in groups.items()]


def roles_of(rows: Iterable[Look]) -> dict[str, str]:
    """The role of each member of staff, and the name of each machine of the API, by the id that ledgers keep."""
    looked = list(rows)
    wanted = {row.actor_id for row in looked if row.actor_kind == "staff"}
    roles = {str(one.public_id): one.role for one in Staff.objects.filter(public_id__in=wanted)}
    return roles | machines.names(row.actor_id for row in looked if row.actor_kind == "machine")


def in_words(fields: Iterable[str], labels: Mapping[str, str]) -> str:
    """The names of fields and documents as people say them, each once."""
    words = [_field(field, labels) for field in fields]
    return ", ".join(dict.fromkeys(words))


# -- how


def _one(key: tuple[Any, ...], rows: list[Look], person: Person, labels: Mapping[str, str]) -> Seen:
    day, kind, role, purpose, case = key
    fields = sorted({field for row in rows for field in row.fields})
    mine = kind == "client" and rows[0].actor_id == str(person.subject)
    who = {"client": _("you") if mine else _("a colleague of yours"), "machine": _program(role)}.get(kind)
    who = who or str(dict(Role.choices).get(role, _("a member of our staff")))
    return Seen(
        day,
        max(row.at for row in rows),
        who,
        in_words(fields, labels),
        _why(purpose, kind, role),
        case,
        len(rows),
    )


def _program(name: str) -> str:
    return _("our program “%(name)s”") % {"name": name} if name else _("our system")


def _why(purpose: str, kind: str, role: str) -> str:
    """A purpose in words; what a machine of the API said stands as it was said."""
    if kind == "machine" and role:
        return purpose
    sent = MESSAGE.fullmatch(purpose)
    if sent:
        return _("send you a letter")
    if purpose.startswith("erase"):
        return _("erasure")
    if purpose.startswith("secret "):
        return _("the time of a credential ended")
    own = _("read your pages to help you") if kind == "staff" else _("show you your own data")
    return str(PURPOSES.get(purpose, own))


def _field(field: str, labels: Mapping[str, str]) -> str:
    kind, _colon, item = field.partition(":")
    if item:
        name = labels.get(f"document:{item}", item)
        return _("copy of: %(document)s") % {"document": name} if kind == "copy" else name
    return labels.get(field) or str(FIELDS.get(field, field.replace("_", " ")))


def _labels(person: Person, language: str) -> dict[str, str]:
    """The questions and documents of the person's journeys, in their words."""
    labels: dict[str, str] = {}
    for case in Case.objects.filter(person=person).select_related("journey_version"):
        journey = case.journey
        for form in journey.forms.values():
            labels |= {field.key: journey.text(field.label, language) for field in form.fields}
        labels |= {
            f"document:{key}": journey.text(item.title, language) for key, item in journey.documents.items()
        }
    return {key: label for key, label in labels.items() if key not in FIELDS}
