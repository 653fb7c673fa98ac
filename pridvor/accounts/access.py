"""Which staff may open which page: the row of the policy that a view names. No page opens without a second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from pridvor.accounts import policy, watch
from pridvor.accounts.models import Staff
from pridvor.accounts.sight import limited_to

View = Callable[..., HttpResponseBase]


def staff_may(ability: str) -> Callable[[View], View]:
    """Let in active staff who have a second factor and this ability; to others the page does not exist.

    While the view runs, cases out of the person's reach do not exist either.
    """
    policy.rule(ability)  # a misspelt ability ends the start of the process, not a request

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
            if not policy.may(request.user, ability):
                watch.refused(request, ability)
                raise Http404
            with limited_to(policy.sight(request.user, ability)):
                return view(request, *args, **kwargs)

        return declares(f"staff:{ability}")(guarded)

    return decorate


def me(request: HttpRequest) -> Staff:
    """Who is signed in: `staff_may` lets nobody else come here."""
    assert isinstance(request.user, Staff)
    return request.user


def declares(door: str) -> Callable[[View], View]:
    """Write on a view who may open it: `staff:ABILITY`, `client:…` (a door of the portal), `machine:…`, `anybody:…`.

    The project reads from it for whom the page asks the database; a view that declares nothing is shown no row of any
    client, and the tests refuse its address.
    """

    def write(view: View) -> View:
        view.policy = door  # type: ignore[attr-defined]
        return view

    return write
