"""The demo's back yard: what stand-ins received, and the present sign-in codes of the demo's staff. Absent otherwise."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import declares
from pridvor.accounts.models import Staff
from pridvor.cases.models import Attempt, Case
from pridvor.connectors import actions as connectors
from pridvor.connectors import blueprint
from pridvor.connectors import queries as peers
from pridvor.notifications import queries as notifications
from pridvor.project import sandbox_shop
from pridvor.project.cast import PASSWORD, STAFF
from pridvor.project.headers import POLICY

MODES: dict[str, Promise] = {  # of stand-ins
    "ok": gettext_lazy("answers"),
    "down": gettext_lazy("does not answer"),
    "slow": gettext_lazy("answers slowly"),
    "lost": gettext_lazy("does it, and its answer is lost"),
    "later": gettext_lazy("takes it, and tells later"),
}
ITEMS = ("registration-certificate", "bank-letter", "contract")


@dataclass(frozen=True)
class SignIn:
    """One of the demo's staff, with the code that their telephone would show now."""

    name: str
    role: str
    email: str
    password: str
    code: str


@require_GET
@declares("machine:stand-ins of the demo")
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "people": _people(),
        "mails": notifications.sandbox_mail()[:30],
        "records": [(row, _told(row.record)) for row in peers.sandbox_erp()[:30]],
        "modes": _modes(),
        "wanting": _wanting_papers(),
        "items": ITEMS,
    }
    return render(request, "sandbox/home.html", context)


@require_GET
@declares("machine:stand-ins of the demo")
def mail(request: HttpRequest, mail: UUID) -> HttpResponse:
    found = next((row for row in notifications.sandbox_mail() if row.id == mail), None)
    if found is None:
        raise Http404
    page = render(request, "sandbox/mail.html", {"mail": found})
    page.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return page


@require_GET
@declares("machine:stand-ins of the demo")
def letter(request: HttpRequest, mail: UUID) -> HttpResponse:
    """The branded form, as a mail program would show it: framed, and able to do nothing."""
    found = next((row for row in notifications.sandbox_mail() if row.id == mail), None)
    if found is None:
        raise Http404
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
    return HttpResponse(
        found.html, headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
    )


@require_POST
@declares("machine:stand-ins of the demo")
def mode(request: HttpRequest, peer: str) -> HttpResponse:
    """Make a stand-in answer, fail or dawdle."""
    try:
        connectors.set_sandbox_mode(peer, request.POST.get("mode", ""))
    except ValueError:
        raise Http404 from None
    return redirect("sandbox:home")


@require_GET
@declares("machine:stand-ins of the demo")
def paper(request: HttpRequest, reference: str, item: str) -> HttpResponse:
    """A fictional paper for a case, made in a process of its own: what signs PDFs takes long to load."""
    made = subprocess.run(
        [sys.executable, "-m", "pridvor", "paper", reference, item],
        capture_output=True,
        timeout=60,
        check=False,
    )
    if made.returncode or not made.stdout.startswith(b"%PDF"):
        raise Http404
    return HttpResponse(
        made.stdout,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{item}.pdf"'},
    )


def _wanting_papers() -> list[Case]:
    """The newest cases whose documents are awaited."""
    attempts = Attempt.objects.filter(kind="upload", status="open", case__state="open").select_related(
        "case__client"
    )
    return [attempt.case for attempt in attempts.order_by("-case__opened_at")[:6]]


def _people() -> list[SignIn]:
    return [
        SignIn(staff.name, staff.get_role_display(), staff.email, PASSWORD, _code(staff))
        for staff in Staff.objects.filter(email__in=[person.email for person in STAFF]).order_by("id")
    ]


def _code(staff: Staff) -> str:
    authenticator = Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return ""
    return format_hotp_value(
        hotp_value(decrypt(authenticator.data["secret"]), int(time.time()) // app_settings.TOTP_PERIOD)
    )


def _told(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of a record that have a value, as text."""
    said = [(name, value) for name, value in record.items() if value not in (None, "", [], {})]
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in said
    ]


def _modes() -> list[dict[str, object]]:
    return [
        {
            "peer": peer,
            "title": blueprint.title(peer),
            "now": now,
            "all": [(mode, str(MODES.get(mode, mode))) for mode in all_modes],
        }
        for peer, (now, all_modes) in peers.sandbox_modes().items()
    ]


app_name = "sandbox"
urlpatterns = [
    path("", home, name="home"),
    path("mail/<uuid:mail>/", mail, name="mail"),
    path("mail/<uuid:mail>/letter/", letter, name="letter"),
    path("papers/<str:reference>/<slug:item>.pdf", paper, name="paper"),
    path("peers/<slug:peer>/mode/", mode, name="mode"),
    *sandbox_shop.urlpatterns,
]
