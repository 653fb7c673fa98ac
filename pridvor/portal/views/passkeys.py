"""Passkeys of a client: sign in by one, add one, see which there are, remove one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.clients import actions as clients
from pridvor.clients import passkeys
from pridvor.clients.models import Passkey, Person
from pridvor.notifications import actions as notifications
from pridvor.portal import door, keys
from pridvor.portal.proof import proven
from pridvor.portal.views import sign_in

WHY_NOT = {
    "not-verified": gettext_lazy("Your device did not confirm that it is you. Nothing was added."),
    "too-many": gettext_lazy("You have ten passkeys. Remove one first."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
@proven()
def home(request: HttpRequest, person: Person) -> HttpResponse:
    """The keys that there are; a new one is kept."""
    if request.method == "POST":
        _add(request, person)
        return redirect("portal:passkeys")
    purpose, me = "name your account on your device", door.actor_of(person)
    shown = clients.email_of(person, actor=me, purpose=purpose, now=timezone.now())
    context: dict[str, Any] = {
        "rows": passkeys.of(person),
        "asked": keys.ask_new(request, person, shown),
        "back": reverse("portal:track"),
    }
    return door.page(request, "passkeys", context)


@require_POST
@door.signed_in
@proven()
def remove(request: HttpRequest, person: Person, passkey: UUID) -> HttpResponse:
    """A key that opens nothing any more, from this moment on."""
    with transaction.atomic():
        row = passkeys.remove(person, passkey)
        if row is None:
            raise Http404
        _tell(person, row, is_added=False)
    messages.success(request, _("Removed. This passkey opens nothing any more."))
    return redirect("portal:passkeys")


@require_POST
@door.public
def enter(request: HttpRequest) -> HttpResponse:
    """Signs in whoever's passkey answered."""
    try:
        person = keys.answered(request, request.POST.get("credential", ""))
    except passkeys.Refused:
        messages.error(
            request, _("This passkey was not accepted. Sign in with a code, and look at your list.")
        )
        return redirect("portal:track")
    door.admit(request, person)
    sign_in.came_in(person)
    return redirect(sign_in.safe_next(request) or "portal:track")


def _add(request: HttpRequest, person: Person) -> None:
    label = request.POST.get("label", "").strip() or _("Passkey")
    try:
        with transaction.atomic():
            row = keys.made(request, person, request.POST.get("credential", ""), label)
            _tell(person, row, is_added=True)
    except passkeys.Refused as refused:
        messages.error(request, str(WHY_NOT.get(refused.code, WHY_NOT["not-verified"])))
        return
    messages.success(request, _("Added. From now on you can sign in without a code."))


def _tell(person: Person, row: Passkey, *, is_added: bool) -> None:
    """A mail, so that nobody adds a key behind somebody's back."""
    template = "passkey-added" if is_added else "passkey-removed"
    path = reverse("portal:passkeys")
    cause = f"{template}:{row.public_id}"
    notifications.owe_person(person, template, cause=cause, now=timezone.now(), context={"path": path})
