"""What the administrator's first page shows: what is left to do, each line computed; and who changed what."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pridvor.accounts import queries as people
from pridvor.accounts.models import RegionEvent, Role, Staff, StaffEvent
from pridvor.company import actions, fields, systems
from pridvor.company.fields import SECRETS
from pridvor.company.reading import company
from pridvor.connectors.table import CAPABILITIES
from pridvor.journeys import queries as journeys
from pridvor.notifications import queries as letters
from pridvor.privacy import texts
from pridvor.privacy.models import LegalText
from pridvor.sla import queries as sla

SHOWN = 200  # changes on the page
LAST_BACKUP = "last-backup"  # in the data folder: when the command wrote one
FRESH_BACKUP = timedelta(days=2)
KINDS: dict[str, Promise] = {
    "staff.role": gettext_lazy("role and regions"),
    "staff.disabled": gettext_lazy("cut off"),
    "staff.enabled": gettext_lazy("let in again"),
    "staff.invited": gettext_lazy("invited"),
    "staff.invited-again": gettext_lazy("sent a new link"),
    "staff.invitation-revoked": gettext_lazy("link made void"),
    "staff.factors-reset": gettext_lazy("sign-in reset"),
    "staff.came": gettext_lazy("came for the first time"),
}


@dataclass(frozen=True)
class Task:
    """One thing that a new company has to see to."""

    title: str
    done: bool
    found: str  # what is there now
    url: str


@dataclass(frozen=True)
class Change:
    """One change of a setting or of somebody's rights."""

    at: datetime
    who: str
    what: str
    before: str
    after: str


def tasks(now: datetime) -> list[Task]:
    """What is left until clients can come, in the order in which it is best done."""
    return [
        _own_name(),
        _calendar(),
        *_texts(),
        _mail(),
        *_systems(),
        _colleagues(),
        _journeys(),
        _address(),
        _backup(now),
    ]


def changes() -> list[Change]:
    """The latest, of staff, regions and settings together."""
    names = people.names()
    streams = (_of_settings(names), _of_staff(names), _of_regions(names))
    merged = heapq.merge(*streams, key=lambda change: change.at, reverse=True)
    return [change for _number, change in zip(range(SHOWN), merged, strict=False)]


# -- what is left


def _own_name() -> Task:
    ours = company()
    demo = ours.email.endswith(".example") or ours.sender_address.endswith(".example")
    found = _("these are the demo's") if demo else f"{ours.name}, {ours.email}"
    return Task(_("The company's name and whom to turn to"), not demo, found, reverse("oversight:company"))


def _calendar() -> Task:
    calendars = sla.all_calendars()
    kept = [calendar for calendar in calendars if calendar.latest.made_by != "machine:calendars"]
    found = ", ".join(calendar.name for calendar in calendars) or _("none")
    return Task(_("Working hours and holidays"), bool(kept), found, reverse("oversight:calendars"))


def _texts() -> Iterator[Task]:
    current = [texts.current(kind) for kind in LegalText.Kind.values]
    own = [text for text in current if text.number > 1]
    found = _("%(own)d of %(all)d are your own; the others are as shipped") % {
        "own": len(own),
        "all": len(current),
    }
    yield Task(
        _("Legal texts, read by your lawyer"),
        len(own) == len(current),
        found,
        reverse("oversight:legal_texts"),
    )


def _mail() -> Task:
    waiting = ngettext("%(n)d message waits", "%(n)d messages wait", letters.waiting()) % {
        "n": letters.waiting()
    }
    found = (
        f"{systems.place('mail').address}, {waiting}"
        if systems.mail()
        else _("none: mails are kept and not sent")
    )
    return Task(_("Mail server"), bool(systems.mail()), found, reverse("oversight:system", args=["mail"]))


def _systems() -> Iterator[Task]:
    wanted = {CAPABILITIES[name].peer for name in _wanted() if name in CAPABILITIES}
    missing = sorted(key for key in wanted & set(fields.BY_KEY) if not systems.address(key))
    words = ", ".join(str(fields.BY_KEY[key].words) for key in missing)
    found = (
        _("people do by hand what these would do: %(missing)s") % {"missing": words}
        if missing
        else _("all are set")
    )
    yield Task(_("Systems that your journeys use"), not missing, found, reverse("oversight:systems"))


def _wanted() -> set[str]:
    steps = (step for journey in journeys.newest() for step in journey.steps.values())
    return {step.use for step in steps if step.kind == "connect"}


def _colleagues() -> Task:
    strong = Authenticator.objects.exclude(type="recovery_codes").values("user")
    ready = Staff.objects.filter(is_active=True, pk__in=strong)
    bosses, others = (
        ready.filter(role=Role.ADMINISTRATOR).count(),
        ready.exclude(role=Role.ADMINISTRATOR).count(),
    )
    found = _("with a second factor: administrators %(bosses)d, others %(others)d") % {
        "bosses": bosses,
        "others": others,
    }
    title = _("Colleagues: a second administrator, and whoever decides")
    return Task(title, bosses > 1 and others > 0, found, reverse("oversight:staff"))


def _journeys() -> Task:
    names = sorted(journey.name for journey in journeys.newest())
    return Task(_("Journeys"), bool(names), ", ".join(names) or _("none"), reverse("oversight:journeys"))


def _address() -> Task:
    return Task(
        _("An address with https"), settings.SECURE, settings.PUBLIC_URL, reverse("oversight:systems")
    )


def _backup(now: datetime) -> Task:
    path = Path(settings.DATA) / LAST_BACKUP
    last = datetime.fromisoformat(path.read_text()) if path.is_file() else None
    found = (
        _("the last on %(day)s") % {"day": last.date().isoformat()} if last else _("none yet: pridvor backup")
    )
    return Task(
        _("Backup, not older than two days"),
        bool(last and now - last < FRESH_BACKUP),
        found,
        reverse("oversight:evidence"),
    )


# -- who changed what


def _of_settings(names: Mapping[str, str]) -> Iterator[Change]:
    for row, differences in actions.history():
        for name, (before, after) in differences.items():
            said = [_setting(name, value) for value in (before, after)]
            yield Change(row.at, _who(row.by, names), fields.words(name), *said)


def _setting(name: str, value: Any) -> str:
    if name in SECRETS:
        return _("set, not shown") if value else ""
    return str(value)[:12] if name == "logo" else str(value)


def _of_staff(names: Mapping[str, str]) -> Iterator[Change]:
    for row in StaffEvent.objects.select_related("staff").order_by("-id")[:SHOWN]:
        before, after = row.data.get("before", {}), row.data.get("after", {})
        what = f"{row.staff.name}: {KINDS.get(row.kind, row.kind)}"
        yield Change(row.at, _who(row.by, names), what, _plain(before), _plain(after))


def _of_regions(names: Mapping[str, str]) -> Iterator[Change]:
    for row in RegionEvent.objects.order_by("-id")[:SHOWN]:
        what = f"{_('Region')} {row.region}"
        yield Change(row.at, _who(row.by, names), what, _plain(row.data["before"]), _plain(row.data["after"]))


def _plain(values: Mapping[str, Any]) -> str:
    """What a ledger keeps as codes, on one line."""
    said = []
    for value in values.values():
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        said += [str(part) for part in parts if not isinstance(part, bool)]
    return ", ".join(said)


def _who(by: str, names: Mapping[str, str]) -> str:
    return names.get(by.partition(":")[2], by)
