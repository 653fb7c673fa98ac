"""Letting somebody in: a link that works once and for three days, with which they choose their password.

Of the link only a digest is kept. The same link brings back whoever lost their password and second factors.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import QuerySet

from pridvor.accounts import queries, sessions
from pridvor.accounts.actions import CannotChange, check_regions
from pridvor.accounts.models import Invitation, Role, Staff, StaffEvent
from pridvor.lib.actor import Actor

LASTS = timedelta(days=3)
BYTES = 32  # of the link's secret


@transaction.atomic
def invite(
    email: str,
    *,
    name: str,
    role: Role,
    regions: Iterable[str] = (),
    lead: bool = False,
    language: str,
    actor: Actor,
    now: datetime,
) -> tuple[Staff, str]:
    """This will make an account that nobody can enter yet, and the token of the link that opens it.

    Raises CannotChange: `address-taken`, `no-such-region`.
    """
    wanted = check_regions(regions)
    if Staff.objects.filter(email__iexact=email).exists():
        raise CannotChange("address-taken")
    staff = Staff.objects.create_user(
        email, None, name=name, role=role, regions=wanted, is_lead=lead, language=language, is_active=False
    )
    _note(staff, "staff.invited", actor, now, {"role": role.value, "regions": wanted, "is_lead": lead})
    return staff, _issue(staff, actor, now)


@transaction.atomic
def renew(staff: Staff, *, actor: Actor, now: datetime) -> str:
    """This will make a new link for somebody who never came; the one before is void. Raises CannotChange `already-here`."""
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    if not queries.is_awaited(locked):
        raise CannotChange("already-here")
    _note(locked, "staff.invited-again", actor, now, {})
    return _issue(locked, actor, now)


@transaction.atomic
def revoke(staff: Staff, *, actor: Actor, now: datetime) -> None:
    """This will void the open link of somebody. Raises CannotChange `no-link`."""
    if not _open(staff, now).update(revoked_at=now):
        raise CannotChange("no-link")
    _note(staff, "staff.invitation-revoked", actor, now, {})


@transaction.atomic
def reset(staff: Staff, *, actor: Actor, now: datetime) -> str:
    """This will take away password, second factors and sessions, and make a link with which the person begins anew.

    Raises CannotChange: `oneself` (who lost their own asks another administrator), `not-active`.
    """
    if actor.id == str(staff.public_id):
        raise CannotChange("oneself")
    locked = Staff.objects.select_for_update().get(pk=staff.pk)
    if not locked.is_active:
        raise CannotChange("not-active")
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    Authenticator.objects.filter(user=locked).delete()
    SocialAccount.objects.filter(user=locked).delete()
    sessions.end_others(locked)
    _note(locked, "staff.factors-reset", actor, now, {})
    return _issue(locked, actor, now)


def whose(token: str, now: datetime) -> Staff | None:
    """Whom a link is for; None: it is used, void, over, or nobody's."""
    found = _standing(now).filter(digest=_digest(token)).select_related("staff").first()
    return found.staff if found else None


@transaction.atomic
def accept(token: str, password: str, *, now: datetime) -> Staff | None:
    """This will give the person of the link this password and let them in; None: the link does not hold any more."""
    found = (
        _standing(now)
        .select_for_update(of=("self",))
        .filter(digest=_digest(token))
        .select_related("staff")
        .first()
    )
    if found is None:
        return None
    staff = found.staff
    staff.set_password(password)
    staff.is_active = True
    staff.save(update_fields=["password", "is_active"])
    found.used_at = now
    found.save(update_fields=["used_at"])
    _note(staff, "staff.came", staff.actor, now, {})
    return staff


def open_link(staff: Staff, now: datetime) -> Invitation | None:
    """The link that this person holds and has not used."""
    return _open(staff, now).first()


# -- how


def _issue(staff: Staff, actor: Actor, now: datetime) -> str:
    Invitation.objects.filter(staff=staff, used_at=None, revoked_at=None).update(revoked_at=now)
    token = secrets.token_urlsafe(BYTES)
    Invitation.objects.create(
        staff=staff, digest=_digest(token), made_at=now, until_at=now + LASTS, by=str(actor)
    )
    return token


def _standing(now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at=None, revoked_at=None, until_at__gt=now)


def _open(staff: Staff, now: datetime) -> QuerySet[Invitation]:
    return _standing(now).filter(staff=staff)


def _digest(token: str) -> str:
    """The token is random enough that its digest needs no salt."""
    return sha256(token.encode()).hexdigest()


def _note(staff: Staff, kind: str, actor: Actor, now: datetime, data: dict[str, object]) -> None:
    StaffEvent.objects.create(staff=staff, at=now, kind=kind, by=str(actor), data=data)
