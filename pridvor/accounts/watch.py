"""The security log: who came in, who was not let in, what was refused. Ids only; an address that nobody owns is a digest.

Lines go to the logger `pridvor.security` and so to wherever log lines are gathered; state changes have ledgers of
their own. Events are named as in OWASP's Logging Vocabulary Cheat Sheet.
"""

import hashlib
import hmac
import logging

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest

from pridvor.accounts.models import Staff

log = logging.getLogger("pridvor.security")


def signed_in(request: HttpRequest, person: Staff) -> None:
    ways = [record.get("type") or record["method"] for record in get_authentication_records(request, person)]
    log.info("authn_login_success staff %s by %s", person.public_id, "+".join(ways))


def signed_out(request: HttpRequest) -> None:
    log.info("session_ended staff %s", _who(request))


def not_signed_in(address: str) -> None:
    """A password was wrong, or nobody has this address: the log does not say which."""
    log.warning("authn_login_fail address %s", _digest(address))


def changed(person: Staff, what: str) -> None:
    """A factor or the password of somebody changed."""
    log.warning("authn_token_changed staff %s %s", person.public_id, what)


def refused(request: HttpRequest, ability: str) -> None:
    """Somebody who is signed in asked for what they may not do."""
    log.warning("authz_fail staff %s %s %s", _who(request), ability, request.method)


def _who(request: HttpRequest) -> str:
    return str(request.user.public_id) if isinstance(request.user, Staff) else "nobody"


def _digest(address: str) -> str:
    """The same address gives the same digest, so that attempts can be counted; it cannot be read back."""
    said = address.strip().lower().encode()
    return hmac.new(settings.KEYS["session"], b"login " + said, hashlib.sha256).hexdigest()[:12]
