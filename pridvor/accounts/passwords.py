"""What a password may not be built around: words that anybody would try first here (NIST SP 800-63B-4, 3.1.1.2)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pridvor.accounts.models import Staff
from pridvor.company.reading import company

OURS = (
    "pridvor",
    "onboarding",
    "porch",
    "partner",
    "password",
    "parola",
    "administrator",
    "welcome",
    "bunvenit",
)
LEAST = 12  # characters that must be left when such words are taken away; as many as a password needs in all
WORD = 4  # characters of the company's name that count as a word


class ContextWords:
    """Refuses passwords that are long only because of the product's name, the company's or the person's."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        left = password.lower()
        for word in sorted(self._words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < len(password) and len(left) < LEAST:
            raise ValidationError(
                _("This password is built around a word that anybody would try first. Choose other words."),
                code="password_context_word",
            )

    def get_help_text(self) -> str:
        return str(_("Not built around your name, the company's or this product's."))

    def _words(self, user: Staff | None) -> set[str]:
        said = f"{company().name} {user.name if user else ''} {user.email if user else ''}".lower()
        return {*OURS, *(word for word in re.findall(r"\w+", said) if len(word) >= WORD)}
