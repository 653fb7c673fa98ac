"""A fresh proof of who a client is, asked before what is grave: inviting, removing, a new address, a passkey, a copy.

A code by mail or a passkey, at most FRESH old; the one given at sign-in counts as well (OWASP ASVS 5.0, 7.5.3). What
was typed travels inside the page that asks, and is kept nowhere. `accounts.proof` is the same for staff.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.clients import passkeys
from pridvor.clients import sign_in as codes
from pridvor.clients.models import Person, SignIn
from pridvor.notifications import actions as notifications
from pridvor.portal import door, keys

FRESH = 5 * 60  # seconds
CODE, CREDENTIAL, AGAIN = "proof-code", "proof-credential", "proof-again"  # fields of the page that asks
OURS = {CODE, CREDENTIAL, AGAIN, "csrfmiddlewaretoken"}

TOO_MANY = gettext_lazy("We cannot send another code now. Please try again in an hour, or call us.")
View = Callable[..., HttpResponseBase]


def posted(request: HttpRequest) -> bool:
    """For `proven`: the page may be read, what is sent counts."""
    return request.method == "POST"


def proven(when: Callable[[HttpRequest], bool] = posted) -> Callable[[View], View]:
    """Asks for a fresh proof before the view runs. It stands under a door, which says whose page it is."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            person = door.person_of(request)
            if person is None or not when(request) or is_fresh(request):
                return view(request, *args, **named)
            wrong = _given(request, person)
            if wrong is None:
                door.proved(request)
                return view(request, *args, **named)
            return _ask(request, person, wrong)

        return guarded

    return decorate


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session proved who it is lately enough."""
    return time.time() - request.session.get(door.PROVED, 0.0) < FRESH


def _given(request: HttpRequest, person: Person) -> str | None:
    """None when a right proof came with the request; else what to say of it, which may be nothing."""
    if request.POST.get(CREDENTIAL):
        try:
            found = keys.answered(request, request.POST[CREDENTIAL])
        except passkeys.Refused:
            return _("This passkey was not accepted. Try again, or use a code.")
        return None if found == person else _("This passkey belongs to somebody else.")
    pending = request.session.get("proof")
    if CODE not in request.POST or not pending:
        return ""
    try:
        found = codes.confirm(UUID(pending), request.POST[CODE], now=timezone.now())
    except codes.WrongCode as wrong:
        if not wrong.left:
            request.session.pop("proof")
        return _("This is not the code, or it counts no more.")
    request.session.pop("proof")
    return None if found == person else ""


def _ask(request: HttpRequest, person: Person, wrong: str) -> HttpResponse:
    if AGAIN in request.POST or "proof" not in request.session:
        wrong = _send(request, person) or wrong
    kept = [(name, value) for name, all_of in request.POST.lists() if name not in OURS for value in all_of]
    context: dict[str, Any] = {"kept": kept, "wrong": wrong, "asked": None}
    if passkeys.of(person):
        context["asked"] = keys.ask_proof(request, person)
    return door.page(request, "proof", context, status=422 if wrong else 403)


def _send(request: HttpRequest, person: Person) -> str:
    """A code to the person's address; what is wrong when none can be sent."""
    row = mail_code(request, person)
    if row is None:
        return str(TOO_MANY)
    request.session["proof"] = str(row.public_id)
    return ""


def mail_code(request: HttpRequest, person: Person) -> SignIn | None:
    """This will send a code to the address of whoever is signed in; None when too many were asked for."""
    now = timezone.now()
    with suppress(codes.TooManyCodes):
        if not door.asks_too_often(request):
            with transaction.atomic():
                row = codes.ask_again(person, now=now)
                notifications.send_code(row, now=now)
            return row
    return None


def mail_code_for(request: HttpRequest, person: Person, purpose: str) -> bool:
    """This will send a code that confirms one thing and nothing else; whether it was sent, else the reader is told."""
    row = mail_code(request, person)
    if row is None:
        messages.error(request, str(TOO_MANY))
        return False
    request.session["sign_in"] = {
        "id": str(row.public_id),
        "then": "",
        "person": person.pk,
        "confirms": purpose,
    }
    return True
