"""How allauth behaves here: no sign-up, factor secrets sealed with our key."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from pridvor.lib import aead

LABEL = aead.bound_to("second-factor")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of second factors: allauth's own hooks keep them readable."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(_ring().seal(text.encode(), LABEL)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ring().open(base64.b64decode(encrypted_text), LABEL).decode()


def _ring() -> aead.KeyRing:
    return aead.KeyRing({1: aead.derive(settings.KEYS["session"], "second-factor")}, 1)
