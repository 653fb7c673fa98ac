"""Where somebody of the staff is signed in, and ending it from elsewhere."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from pridvor.accounts.models import Staff


def of(staff: Staff) -> list[UserSession]:
    """The sessions that still stand, the latest first."""
    return sorted(UserSession.objects.purge_and_list(staff), key=lambda row: row.created_at, reverse=True)


def end(staff: Staff, key: int) -> bool:
    """This will end one session of this person; whether there was such a one."""
    found = UserSession.objects.filter(user=staff, pk=key).first()
    if found is None:
        return False
    _end(found)
    return True


def end_others(staff: Staff, kept: str = "") -> int:
    """This will end all sessions of this person but the one with the kept key; how many."""
    others = UserSession.objects.filter(user=staff).exclude(session_key=kept)
    for row in others:
        _end(row)
    return len(others)


def _end(row: UserSession) -> None:
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()
