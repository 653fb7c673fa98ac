"""The administrator's pages of other systems: where each stands, its secret (written, never shown), and a test."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts.access import me, staff_may
from pridvor.accounts.proof import proven
from pridvor.company import actions, fields, systems
from pridvor.company.fields import System
from pridvor.lib import clock
from pridvor.oversight import system_trials


class SystemForm(forms.Form):
    """Address, user and secret of one system. Who changes the address types the secret again: it would go elsewhere."""

    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=300)
    user = forms.CharField(required=False, max_length=200)
    secret = forms.CharField(
        required=False, max_length=2000, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    hook = forms.CharField(
        required=False, max_length=2000, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, system: System, **named: Any) -> None:
        place = systems.place(system.key)
        named["initial"] = {"address": place.address, "user": place.user}
        super().__init__(*args, **named)
        self.system, self.place = system, place
        self.fields["address"].help_text = _("For example %(example)s. Empty: none.") % {
            "example": system.example
        }
        for part, words in (("user", system.user), ("secret", system.secret), ("hook", system.hook)):
            self.fields[part].label = str(words)
            if not words:
                del self.fields[part]
        if place.has_secret and "secret" in self.fields:
            self.fields["secret"].help_text = _("One is kept and is never shown. Empty: it stays.")

    def clean_address(self) -> str:
        said = str(self.cleaned_data["address"]).strip()
        parts = urlsplit(said)
        if said and self.system.schemes and parts.scheme not in self.system.schemes:
            raise forms.ValidationError(
                _("It begins with %(ways)s.") % {"ways": " / ".join(self.system.schemes)}
            )
        if said and self.system.schemes and not parts.hostname:
            raise forms.ValidationError(_("The name of the machine is missing."))
        if "@" in parts.netloc:
            raise forms.ValidationError(_("User and password have fields of their own."))
        if _is_link_local(parts.hostname or said.rpartition(":")[0]):
            raise forms.ValidationError(
                _("This address belongs to the machine's own surroundings and is never called.")
            )
        return said

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        moved = said.get("address") and said["address"] != self.place.address
        if moved and self.place.has_secret and not said.get("secret"):
            self.add_error("secret", _("It would go to another place: type it again."))
        return said

    def wanted(self) -> dict[str, str]:
        """What is to be changed; without an address nothing of the system stays."""
        said = self.cleaned_data
        parts = {part: said[part] for part in ("address", "user") if part in said}
        for part in ("secret", "hook"):
            if part in said and (said[part] or not said["address"]):
                parts[part] = said[part]
        if not said["address"]:
            parts = dict.fromkeys(parts, "")
        return {f"{self.system.key}.{part}": words for part, words in parts.items()}


@staff_may("company.manage")
@require_GET
def all_systems(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": [_row(system) for system in fields.SYSTEMS],
        "directories": _directories(),
        "section": "administration",
    }
    return render(request, "oversight/systems.html", context)


@staff_may("company.manage")
@proven()
@require_http_methods(["GET", "POST"])
def system(request: HttpRequest, key: str) -> HttpResponse:
    found = _found(key)
    form = SystemForm(request.POST or None, system=found)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form)
    if form.place.is_given:
        messages.error(request, _("The environment sets this; it wins, so nothing was changed."))
        return redirect("oversight:system", key)
    actions.change(form.wanted(), actor=me(request).actor, now=clock.now())
    messages.success(request, _("Kept. Now test it."))
    return redirect("oversight:system", key)


@staff_may("company.manage")
@proven()
@require_POST
def try_system(request: HttpRequest, key: str) -> HttpResponse:
    """Speaks to the system as it is set now, and says how it went."""
    found = _found(key)
    trial = system_trials.of(found, me(request).email, now=clock.now())
    return _page(request, SystemForm(system=found), trial=trial)


# -- how


def _found(key: str) -> System:
    if key not in fields.BY_KEY:
        raise Http404
    return fields.BY_KEY[key]


def _page(request: HttpRequest, form: SystemForm, *, trial: Any = None) -> HttpResponse:
    context = {
        "form": form,
        "system": form.system,
        "place": form.place,
        "trial": trial,
        "section": "administration",
    }
    return render(request, "oversight/system.html", context, status=422 if form.errors else 200)


def _row(found: System) -> dict[str, Any]:
    place = systems.place(found.key)
    origin = _("set in the environment") if place.is_given else _("set here")
    return {
        "url": reverse("oversight:system", args=[found.key]),
        "title": found.words,
        "note": place.address or system_trials.without(found.key),
        "tag": origin if place.address else "",
        "tag_kind": "info" if place.is_given else "good",
    }


def _directories() -> list[tuple[str, str]]:
    """Sign-in by the company's directory: set in the environment alone, because it decides who comes in."""
    named = {"openid_connect": "OpenID Connect", "saml": "SAML 2.0"}
    return [
        (
            words,
            ", ".join(app["name"] for app in settings.SOCIALACCOUNT_PROVIDERS.get(key, {}).get("APPS", [])),
        )
        for key, words in named.items()
    ]


def _is_link_local(host: str) -> bool:
    """Addresses of cloud machines' metadata lie there; also when written inside an IPv6 address."""
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found.is_link_local or (inner is not None and inner.is_link_local)
