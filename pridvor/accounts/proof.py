"""A fresh proof of who somebody is, asked again before an act that cannot be undone.

A proof is the second factor (OWASP ASVS 5.0, 7.5.3): the one given at sign-in counts as well. It lasts FRESH; an act within
that time renews it, so that somebody who decides one case after another is not asked each time, but never past
RENEWABLE. What was typed travels inside the page that asks, and is kept nowhere.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

FRESH = 5 * 60  # seconds
RENEWABLE = 30 * 60
CODE, CREDENTIAL, ASKED = "proof-code", "proof-credential", "proof-of"  # fields of the page that asks
OURS = {CODE, CREDENTIAL, ASKED, "csrfmiddlewaretoken"}

View = Callable[..., HttpResponseBase]


def posted(request: HttpRequest, **named: Any) -> bool:
    """For `proven`: the page may be read, what is sent counts."""
    return request.method == "POST"


def always(request: HttpRequest, **named: Any) -> bool:
    """For `proven`: reading this page is itself the act (an export, a key)."""
    return True


def proven(when: Callable[..., bool] = posted) -> Callable[[View], View]:
    """Asks for a fresh proof before the view runs; `when` says, of the request and the URL's parts, whether at all."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
            if not when(request, **named):
                return view(request, *args, **named)
            form = _given(request)
            if form is not None and form.is_valid():
                form.save()
                if request.POST.get(ASKED) == "GET":  # the page itself was asked for, so it is opened now
                    return redirect(request.get_full_path())
            elif form is not None or not is_fresh(request):
                return _ask(request, form)
            request.session["proof_renewed_at"] = time.time()
            return view(request, *args, **named)

        return guarded

    return decorate


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session gave a second factor lately enough."""
    given = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record["method"] == "mfa"
    ]
    if not given:
        return False
    now, renewed = time.time(), request.session.get("proof_renewed_at", 0.0)
    return now - given[-1] < FRESH or (now - renewed < FRESH and now - given[-1] < RENEWABLE)


def _given(request: HttpRequest) -> ReauthenticateForm | ReauthenticateWebAuthnForm | None:
    """The proof that came with the request, if one did: a code, or the answer of a passkey."""
    if request.method != "POST":
        return None
    if request.POST.get(CREDENTIAL):
        return ReauthenticateWebAuthnForm({"credential": request.POST[CREDENTIAL]}, user=request.user)
    if CODE in request.POST:
        return ReauthenticateForm({"code": request.POST[CODE]}, user=request.user)
    return None


def _ask(request: HttpRequest, form: Form | None) -> HttpResponse:
    types = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    asked = request.POST.get(ASKED) or request.method
    context: dict[str, Any] = {
        "kept": [
            (name, value) for name, values in request.POST.lists() if name not in OURS for value in values
        ],
        "asked": asked,
        "errors": [error for errors in form.errors.values() for error in errors] if form is not None else [],
        "with_code": types - {Authenticator.Type.WEBAUTHN},
        "with_key": Authenticator.Type.WEBAUTHN in types,
    }
    if context["with_key"]:
        context["js_data"] = {"request_options": begin_authentication(request.user)}
    return render(request, "accounts/proof.html", context, status=422 if form is not None else 403)
