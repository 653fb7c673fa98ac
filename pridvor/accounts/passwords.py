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
WORD = 4  # characters of the company's name that count as a word; and of a run along the keys
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv",
    "1q2w3e4r5t6y7u8i",
)
RUNS = sorted(
    {line[at : at + WORD] for row in ROWS for line in (row, row[::-1]) for at in range(len(row) - WORD + 1)}
)
RUN = re.compile("|".join(RUNS))
AGAIN = re.compile(r"(.)\1{2,}")


class ContextWords:
    """Refuses passwords that are long only because of such a name, a run along the keys, or one key held down."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        left = AGAIN.sub(r"\1", password.lower())
        for word in sorted(self._words(user), key=len, reverse=True):
            left = left.replace(word, "")
        left = RUN.sub("", left)
        if len(left) < len(password) and len(left) < LEAST:
            raise ValidationError(
                _(
                    "This password is built around something that anybody would try first. Choose other words."
                ),
                code="password_context_word",
            )

    def get_help_text(self) -> str:
        return str(_("Not built around your name, the company's or this product's."))

    def _words(self, user: Staff | None) -> set[str]:
        said = f"{company().name} {user.name if user else ''} {user.email if user else ''}".lower()
        return {*OURS, *(word for word in re.findall(r"\w+", said) if len(word) >= WORD)}
