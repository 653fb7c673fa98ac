"""Reads of staff."""

from pridvor.accounts.models import Staff


def names() -> dict[str, str]:
    """The name of each member of staff, those who left too, by the id that ledgers keep."""
    return {str(public_id): name for public_id, name in Staff.objects.values_list("public_id", "name")}


def active() -> list[Staff]:
    """Those who can sign in, by name."""
    return list(Staff.objects.filter(is_active=True).order_by("name"))
