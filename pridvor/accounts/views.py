"""Pages of one's own account that allauth does not bring."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts import invitations, sessions
from pridvor.accounts.access import declares
from pridvor.accounts.models import Staff
from pridvor.lib import clock


class WelcomeForm(forms.Form):
    """A password, chosen twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 12 characters. Several words that belong to no proverb are good."),
    )
    again = forms.CharField(
        label=gettext_lazy("The same once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, staff: Staff, **named: Any) -> None:
        super().__init__(*args, **named)
        self.staff = staff

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if {"password", "again"} <= set(said):
            if said["password"] != said["again"]:
                self.add_error("again", _("The two differ. Type the same password twice."))
            try:
                validate_password(said["password"], self.staff)
            except ValidationError as error:
                self.add_error("password", error)
        return said


@never_cache
@declares("anybody:who holds the link of an invitation")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Chooses the password with the link of an invitation; then the person signs in and sets up a second factor."""
    staff = invitations.whose(token, clock.now())
    if staff is None:
        return render(request, "accounts/welcome_over.html", status=404)
    form = WelcomeForm(request.POST or None, staff=staff)
    if not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "accounts/welcome.html", {"form": form, "staff": staff}, status=status)
    if invitations.accept(token, form.cleaned_data["password"], now=clock.now()) is None:
        return render(request, "accounts/welcome_over.html", status=404)
    messages.success(request, _("Your password is set. Sign in with it; then you set up your second factor."))
    return redirect("account_login")


@declares("account:own sessions")
@login_required
@require_POST
def end_session(request: HttpRequest, key: int) -> HttpResponse:
    """Signs one's own session out somewhere else."""
    assert isinstance(request.user, Staff)
    if not sessions.end(request.user, key):
        raise Http404
    messages.success(request, _("That session has ended. Whoever used it has to sign in again."))
    return redirect("usersessions_list")
