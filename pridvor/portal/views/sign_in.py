"""An address, a code, and the person is in. The answer is the same whether the address is known or not."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pridvor.cases import actions as case_actions
from pridvor.cases import queries as cases
from pridvor.clients import actions as clients
from pridvor.clients import passkeys, sign_in
from pridvor.clients.models import Person, SignIn
from pridvor.lib.actor import machine
from pridvor.notifications import actions as notifications
from pridvor.portal import door, keys, progress
from pridvor.portal.forms import CodeForm, EmailForm
from pridvor.privacy import texts


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def track(request: HttpRequest) -> HttpResponse:
    """Where things stand: the list of one's own cases, or the way to it."""
    person = door.person_of(request)
    if person:
        rows = [progress.line(case, person, door.language()) for case in cases.of_person(person)]
        return door.page(
            request,
            "cases",
            {"rows": rows, "outdated": texts.outdated(person), "has_passkey": bool(passkeys.of(person))},
        )
    form = EmailForm(door.posted(request))
    if request.method == "POST" and form.is_valid() and ask(request, form, then=safe_next(request)):
        return redirect("portal:track-code")
    context = {
        "form": form,
        "next": safe_next(request),
        "for_tracking": True,
        "asked": keys.ask_proof(request),
    }
    return door.page(request, "email", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door.public
def track_code(request: HttpRequest) -> HttpResponse:
    """The code for somebody who comes back."""
    if door.person_of(request):
        return redirect(then(request) or "portal:track")
    form = CodeForm(door.posted(request))
    if request.method == "POST" and form.is_valid() and confirm(request, form):
        return redirect(then(request) or "portal:track")
    return code_page(request, form, again=reverse("portal:track-again"), back=reverse("portal:track"))


@require_POST
@door.public
def track_again(request: HttpRequest) -> HttpResponse:
    send_again(request)
    return redirect("portal:track-code")


@require_safe
@door.public
def track_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The address that letters give: the case itself, after signing in."""
    return redirect("portal:case", public_id)


@require_POST
@door.public
def sign_out(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    messages.success(request, _("You have signed out."))
    return redirect("portal:porch")


# -- shared by every page that proves an address


def ask(request: HttpRequest, form: Form, *, then: str = "") -> bool:
    """Send a code to the address in the form; whether it was sent."""
    now = timezone.now()
    if door.asks_too_often(request):
        form.add_error(
            "email", _("Too many codes were asked for from here. Please try again in an hour, or call us.")
        )
        return False
    try:
        with transaction.atomic():
            row = sign_in.ask(form.cleaned_data["email"], language=door.language(), now=now)
            notifications.send_code(row, now=now)
    except sign_in.TooManyCodes:
        form.add_error(
            "email",
            _(
                "We have sent five codes to this address within the hour. Use the newest one, or try again in an hour."
            ),
        )
        return False
    request.session["sign_in"] = {"id": str(row.public_id), "then": then}
    return True


def confirm(request: HttpRequest, form: Form) -> bool:
    """Let the person in if the code is right; whether it was."""
    person = prove(request, form)
    if person is None:
        return False
    door.admit(request, person)
    clients.set_language(person, door.language())
    came_in(person)
    return True


def came_in(person: Person) -> None:
    """Cases that wait for the client's first sign-in go on."""
    for case in cases.of_person(person):
        if case.state == "open" and any(step.use == "first-login" for step in case.journey.steps.values()):
            with suppress(case_actions.Refused):  # it ended meanwhile
                case_actions.happened(case, "first-login", actor=door.actor_of(person), now=timezone.now())


def prove(request: HttpRequest, form: Form) -> Person | None:
    """Whose code it is, or what is wrong with it."""
    pending = request.session.get("sign_in")
    if not pending:
        form.add_error("code", _("This page has been open for too long. Ask for a new code."))
        return None
    try:
        return sign_in.confirm(UUID(pending["id"]), form.cleaned_data["code"], now=timezone.now())
    except sign_in.WrongCode as wrong:
        form.add_error("code", _wrong(wrong.left))
        return None


def send_again(request: HttpRequest) -> None:
    """A new code for the address that was given last."""
    pending, now = request.session.get("sign_in") or {}, timezone.now()
    row = SignIn.objects.select_related("person").filter(public_id=pending["id"]).first() if pending else None
    if row is None or door.asks_too_often(request):
        messages.error(
            request, _("We cannot send another code now. Please try again in an hour, or call us.")
        )
        return
    try:
        with transaction.atomic():
            fresh = _repeat(row, now)
            notifications.send_code(fresh, now=now)
    except sign_in.TooManyCodes:
        messages.error(
            request,
            _("We have sent five codes within the hour. Use the newest one, or try again in an hour."),
        )
        return
    request.session["sign_in"] = {**pending, "id": str(fresh.public_id)}
    messages.success(request, _("A new code is on its way. Only the newest one counts."))


def then(request: HttpRequest) -> str:
    """Where the person wanted to go before they were asked who they are."""
    pending = request.session.pop("sign_in", None) or {}
    return str(pending.get("then", ""))


def code_page(request: HttpRequest, form: Form, *, again: str, back: str) -> HttpResponse:
    return door.page(
        request, "code", {"form": form, "again": again, "back": back, "address": sent_to(request)}
    )


def sent_to(request: HttpRequest) -> str:
    """The address that the code went to, so that a typing error is seen."""
    pending = request.session.get("sign_in")
    row = SignIn.objects.filter(public_id=pending["id"]).first() if pending else None
    if row is None:
        return ""
    shown = clients.reveal_refs(
        {"email": row.email_ref},
        actor=machine("sign-in"),
        purpose="show where the code went",
        now=timezone.now(),
    )
    return shown.get("email", "")


def _repeat(row: SignIn, now: datetime) -> SignIn:
    address = clients.reveal_refs(
        {"email": row.email_ref}, actor=machine("sign-in"), purpose="send another code", now=now
    )["email"]
    if row.email_ref == row.person.email_ref:
        return sign_in.ask(address, language=door.language(), now=now)
    return sign_in.ask_change(row.person, address, now=now)


def _wrong(left: int) -> str:
    if left:
        words = ngettext(
            "This is not the code. You can try once more.",
            "This is not the code. You can try %(left)d more times.",
            left,
        )
        return words % {"left": left}
    return _(
        "This code counts no more: it was used, is older than 10 minutes, or was mistyped five times. Ask for a new one."
    )


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
