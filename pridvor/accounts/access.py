"""Which staff may open which page. No page for staff opens without a second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from pridvor.accounts.models import Role

View = Callable[..., HttpResponseBase]


def staff_only(*roles: Role) -> Callable[[View], View]:
    """Let in active staff who have a second factor and one of the roles; to others the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
            if roles and request.user.role not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        guarded.staff_roles = roles or tuple(Role)  # type: ignore[attr-defined]
        return guarded

    return decorate
