"""What the pages of machines show: which there are, what each may do, and what it asked for lately."""

from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pridvor.accounts import machines, problems, regions
from pridvor.accounts import queries as people
from pridvor.accounts.models import Machine, MachineCall, Scope
from pridvor.connectors import webhooks
from pridvor.connectors.models import Hook
from pridvor.oversight import staff_pages
from pridvor.ui import dates

SHOWN = 100  # requests on a machine's page
REFUSALS: dict[str, Promise] = {
    "no-scope": gettext_lazy("Choose what it may do."),
    "no-such-region": gettext_lazy("There is no such region any more. Load the page again."),
    "origin": gettext_lazy("Write each site as https://shop.example, without a path."),
    "expiry": gettext_lazy("Choose a day to come, within two years."),
}


class MachineForm(forms.Form):
    """A machine to be made: what it is called, what it may do, where, and until when."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("What it is: the shop, the ERP.")
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How it signs in"),
        choices=[
            ("key", gettext_lazy("with a key")),
            ("oauth", gettext_lazy("with OAuth: an id and a secret for tokens of a quarter of an hour")),
        ],
        widget=forms.RadioSelect,
        initial="key",
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Mode"),
        choices=[
            ("test", gettext_lazy("test: its cases are tests and count in no figure")),
            ("live", gettext_lazy("live: its cases are real")),
        ],
        widget=forms.RadioSelect,
        initial="test",
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    regions = forms.MultipleChoiceField(
        label=gettext_lazy("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every region."),
    )
    origins = forms.CharField(
        label=gettext_lazy("Its sites"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One on each line: https://shop.example. Links of this machine lead back there alone."
        ),
    )
    may_frame = forms.BooleanField(
        label=gettext_lazy("These sites may show the registration in a frame"), required=False
    )
    until_on = forms.DateField(
        label=gettext_lazy("Until (the last day)"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        language = get_language() or "en"
        choices = [(one.code, one.named(language)) for one in regions.all_regions()]
        self.fields["regions"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["regions"]

    def until(self) -> datetime:
        """The end of the last day, where the company is."""
        return staff_pages.day(self.cleaned_data["until_on"]).replace(hour=23, minute=59)


class HookForm(forms.Form):
    """An address for events, and which."""

    url = forms.URLField(label=gettext_lazy("Address"), max_length=400, assume_scheme="https")
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(kind, kind) for kind in webhooks.KINDS],
        widget=forms.CheckboxSelectMultiple,
    )


def hooks(machine: Machine) -> list[Hook]:
    return webhooks.live(machine)


def rows(now: datetime) -> list[dict[str, Any]]:
    names = people.names()
    return [_row(one, names, now) for one in machines.in_order()]


def state(machine: Machine, now: datetime) -> tuple[str, str]:
    """How it stands in words, and the kind of the tag that says so."""
    if machine.revoked_at:
        return _("revoked"), "quiet"
    if machine.expires_at <= now:
        return _("its time is over"), "quiet"
    return (_("test"), "info") if machine.is_test else (_("live"), "good")


def scopes(machine: Machine) -> list[tuple[str, str]]:
    return [(one, str(Scope(one).label)) for one in machine.scopes]


def who_made(machine: Machine) -> str:
    return people.names().get(machine.by.partition(":")[2], machine.by)


def requests(machine: Machine) -> list[tuple[MachineCall, str]]:
    """Its latest requests, the newest first, each with what went wrong."""
    rows = MachineCall.objects.filter(machine=machine).order_by("-id")[:SHOWN]
    return [(row, str(problems.words(row.code).way_out) if row.code else "") for row in rows]


def _row(machine: Machine, names: dict[str, str], now: datetime) -> dict[str, Any]:
    words, kind = state(machine, now)
    used = (
        _("last used %(when)s") % {"when": dates.said(machine.used_at, "short")}
        if machine.used_at
        else _("never used")
    )
    made = _("made by %(who)s") % {"who": names.get(machine.by.partition(":")[2], machine.by)}
    return {
        "url": reverse("oversight:machine", args=[machine.public_id]),
        "title": machine.name,
        "note": f"{machine.hint} · {', '.join(machine.scopes)} · {made}",
        "aside": used,
        "tag": words,
        "tag_kind": kind,
    }
