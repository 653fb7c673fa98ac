"""What a client reads of the credentials they gave: that one is kept, since when, until when. Never the value."""

from django.utils.translation import gettext as _

from pridvor.cases import secrets
from pridvor.cases.models import Case, Secret
from pridvor.ui import dates


def said(row: Secret) -> str:
    """One credential in a sentence."""
    return _("Kept sealed since %(since)s, until %(until)s at the latest; nobody can read it.") % {
        "since": dates.said(row.kept_at, "day"),
        "until": dates.said(row.expires_at, "day"),
    }


def kept(case: Case, step: str = "") -> dict[str, str]:
    """The sentences by field, of one form or of all."""
    return {row.field: said(row) for row in secrets.live(case, step)}
