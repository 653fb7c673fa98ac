"""What the pages of staff show: who there is, in which state, and what an administrator may do with each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pridvor.accounts import queries as people
from pridvor.accounts import regions
from pridvor.accounts.models import Absence, Role, Staff
from pridvor.ui import dates

REFUSALS: dict[str, Promise] = {
    "oneself": gettext_lazy("Nobody changes their own rights. Another administrator can do it."),
    "last-administrator": gettext_lazy(
        "Somebody must be left who can undo this: make another administrator first."
    ),
    "no-such-region": gettext_lazy("There is no such region any more. Load the page again."),
    "address-taken": gettext_lazy("Somebody of the staff has this address already."),
    "already-here": gettext_lazy(
        "This person has come already. If they lost their way in, reset their sign-in."
    ),
    "no-link": gettext_lazy("There is no open link any more."),
    "not-active": gettext_lazy("This person is disabled. Let them in again first."),
    "awaited": gettext_lazy("This person has never come. Send them a new link."),
    "place-taken": gettext_lazy("Another region covers one of these places already."),
}


class RightsForm(forms.Form):
    """What somebody may do, and where."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    regions = forms.MultipleChoiceField(
        label=gettext_lazy("Regions"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: every region."),
    )
    lead = forms.BooleanField(
        label=gettext_lazy("Leads this role: is told when its work is late"), required=False
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        language = get_language() or "en"
        choices = [(one.code, one.named(language)) for one in regions.all_regions()]
        self.fields["regions"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["regions"]

    def rights(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"role": Role(said["role"]), "regions": said.get("regions", []), "lead": said["lead"]}


class InviteForm(RightsForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("ro", "Română"), ("en", "English")], initial="ro"
    )
    field_order = ("name", "email", "role", "regions", "lead", "language")


class AbsenceForm(forms.Form):
    """From one day until another, both of them away."""

    from_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until_on = forms.DateField(
        label=gettext_lazy("Until (the last day away)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until further notice."),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=Absence.Reason.choices)
    substitute = forms.ChoiceField(label=gettext_lazy("Who stands in"), required=False)

    def __init__(self, *args: Any, staff: Staff, **named: Any) -> None:
        super().__init__(*args, **named)
        others = [(str(one.public_id), one.name) for one in people.active() if one.pk != staff.pk]
        self.fields["substitute"].choices = [("", _("nobody by name")), *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("from_on") and said.get("until_on") and said["until_on"] < said["from_on"]:
            self.add_error("until_on", _("It ends before it begins."))
        return said


@dataclass(frozen=True)
class Person:
    """One member of staff, as the list and their page show them."""

    staff: Staff
    state: str
    kind: str  # of the state's tag
    strong: bool  # has a second factor
    away: Absence | None

    @property
    def may_be(self) -> str:
        return str(self.staff.get_role_display())


def rows(now: datetime) -> list[dict[str, Any]]:
    return [_row(one) for one in everybody(now)]


def everybody(now: datetime) -> list[Person]:
    strong = set(Authenticator.objects.exclude(type="recovery_codes").values_list("user_id", flat=True))
    awaited = set(people.awaited().values_list("pk", flat=True))
    away = {row.staff_id: row for row in people.absences(now)}
    return [
        _person(staff, staff.pk in awaited, staff.pk in strong, away.get(staff.pk))
        for staff in Staff.objects.order_by("-is_active", "name")
    ]


def one(staff: Staff, now: datetime) -> Person:
    return next(person for person in everybody(now) if person.staff.pk == staff.pk)


def absences(staff: Staff, now: datetime) -> list[Absence]:
    """Those that last and those that come."""
    rows = Absence.objects.filter(staff=staff).select_related("substitute").order_by("from_at")
    return [row for row in rows if row.until_at is None or row.until_at > now]


def day(value: Any, zone: Any = None) -> datetime:
    """The moment at which a day begins where the company is."""
    return timezone.make_aware(datetime.combine(value, datetime.min.time()), zone)


# -- how


def _person(staff: Staff, is_awaited: bool, strong: bool, away: Absence | None) -> Person:
    if is_awaited:
        return Person(staff, _("invited"), "wait", strong, away)
    if not staff.is_active:
        return Person(staff, _("disabled"), "quiet", strong, away)
    if away:
        return Person(staff, _("away"), "info", strong, away)
    return Person(staff, _("active"), "good", strong, away)


def _row(person: Person) -> dict[str, Any]:
    staff = person.staff
    factor = _("with a second factor") if person.strong else _("no second factor yet")
    where = ", ".join(staff.regions) or _("every region")
    seen = "" if staff.last_login else f" · {_('has never signed in')}"
    return {
        "url": reverse("oversight:staff_member", args=[staff.public_id]),
        "title": staff.name,
        "note": f"{staff.email} · {person.may_be} · {where} · {factor}{seen}",
        "aside": dates.said(staff.last_login, "short") if staff.last_login else "",
        "tag": person.state,
        "tag_kind": person.kind,
    }
