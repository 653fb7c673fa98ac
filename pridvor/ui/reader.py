"""Who reads the page that is being made."""

from django.utils.translation import get_language


def language() -> str:
    """The reader's language without its region: `ro`, `en`."""
    return (get_language() or "en").partition("-")[0]
