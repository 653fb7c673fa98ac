"""The mail with a link that opens an account. It goes at once and is kept nowhere: the link is as good as a password."""

import logging
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from pridvor.accounts.invitations import LASTS
from pridvor.accounts.models import Staff
from pridvor.company import systems
from pridvor.company.reading import company
from pridvor.lib import ids
from pridvor.notifications import letters, post
from pridvor.ui import dates

logger = logging.getLogger(__name__)


def address(token: str) -> str:
    """The whole link, for whoever must give it to the person by hand."""
    return f"{settings.PUBLIC_URL}{reverse('welcome', args=[token])}"


def send(staff: Staff, template: str, token: str, *, now: datetime) -> bool:
    """This will mail the link; False: no mail server took it, and it has to be handed over in another way."""
    url = systems.mail()
    if not url:
        return False
    host = company().sender_address.partition("@")[2] or "localhost"
    mail = post.Mail(
        staff.email, staff.language, f"<{ids.uuid7()}@{host}>", now, _letter(staff, template, token, now)
    )
    try:
        post.send(url, mail)
    except (post.Refused, post.Unavailable) as error:
        logger.error("the mail with a link for staff %s was not sent: %s", staff.public_id, error.code)
        return False
    return True


def _letter(staff: Staff, template: str, token: str, now: datetime) -> letters.Letter:
    with translation.override(staff.language), timezone.override(company().zone):
        told = {
            "name": staff.name,
            "role": str(staff.get_role_display()),
            "until": dates.said(now + LASTS),
            "link": address(token),
        }
    return letters.compose(template, staff.language, told)
