"""How allauth behaves here: no sign-up, factor secrets sealed with our key, changed factors end other sessions."""

import base64
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from pridvor.accounts import sessions, watch
from pridvor.accounts.models import Staff
from pridvor.lib import aead

LABEL = aead.bound_to("second-factor")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Staff) -> None:
        super().login(request, user)
        watch.signed_in(request, user)

    def logout(self, request: HttpRequest) -> None:
        watch.signed_out(request)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        watch.not_signed_in(str(credentials.get("email", "")))

    def send_notification_mail(self, template_prefix: str, user: Staff, *args: Any, **named: Any) -> None:
        """Something changed in how this person signs in: whoever else holds a session of theirs is out."""
        watch.changed(user, template_prefix.rpartition("/")[2])
        if context.request is not None:
            sessions.end_others(user, context.request.session.session_key or "")
        super().send_notification_mail(template_prefix, user, *args, **named)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of second factors: allauth's own hooks keep them readable."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(_ring().seal(text.encode(), LABEL)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ring().open(base64.b64decode(encrypted_text), LABEL).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor stays: another is added before it goes."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The company's directory opens accounts that stand here, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        messages.error(
            request, _("Your directory knows you, but you have no account here. Ask your administrator.")
        )
        raise ImmediateHttpResponse(redirect("account_login"))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        sociallogin.account.extra_data = {}  # what else the directory tells of somebody is not kept


class MachineAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """OAuth clients are machines (accounts.machines): their ids and secrets say what they are to whoever finds one."""

    def generate_client_id(self) -> str:
        return f"pvc_{secrets.token_urlsafe(12)}"

    def generate_client_secret(self) -> str:
        return f"pvs_{secrets.token_urlsafe(32)}"


def _ring() -> aead.KeyRing:
    return aead.KeyRing({1: aead.derive(settings.KEYS["session"], "second-factor")}, 1)
