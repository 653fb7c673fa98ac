"""Mail of the framework's own (a forgotten password, a changed factor) goes the way of all our mail."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from pridvor.notifications import post

logger = logging.getLogger(__name__)


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were handed to the mail server. One that was not is logged: the act it tells of stands all the same."""
        return sum(_sent(message) for message in email_messages) if settings.SMTP_URL else 0


def _sent(message: EmailMessage) -> bool:
    try:
        post.hand_over(settings.SMTP_URL, message.message(), message.recipients())
    except (post.Refused, post.Unavailable) as error:
        logger.error("a mail about somebody's sign-in was not sent: %s", error.code)
        return False
    return True
