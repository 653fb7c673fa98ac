"""Differences to outside systems, for people: which field, what stands where, and what can be done about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.connectors import reconciling
from pridvor.connectors.models import Drift, DriftState

FIELDS: dict[str, Promise] = {
    "": gettext_lazy("the whole record"),
    "name": gettext_lazy("Name"),
    "vat": gettext_lazy("VAT number"),
    "street": gettext_lazy("Street"),
    "city": gettext_lazy("Town"),
    "postal_code": gettext_lazy("Postal code"),
    "country": gettext_lazy("Country"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Telephone"),
    "iban": gettext_lazy("IBAN"),
    "payment_days": gettext_lazy("Days of payment"),
    "credit_limit": gettext_lazy("Credit limit"),
    "price_group": gettext_lazy("Price list"),
}
WAYS: dict[str, Promise] = {
    "take": gettext_lazy("Take theirs"),
    "write": gettext_lazy("Write ours"),
    "leave": gettext_lazy("Leave it"),
}


@dataclass(frozen=True)
class Row:
    """One difference; `ways`: what can be pressed, what the field's owner suggests first."""

    drift: Drift
    field: str
    theirs: str
    ways: Sequence[tuple[str, str]]
    note: str


def rows(found: Iterable[Drift]) -> list[Row]:
    return [_row(each) for each in found]


def owners() -> list[tuple[str, str]]:
    """Each field with who is its master."""
    return [(str(FIELDS[field]), role or _("we")) for field, role in reconciling.owners().items()]


def _row(drift: Drift) -> Row:
    under_way = drift.state == DriftState.WRITING
    ways = [] if under_way else [(way, str(WAYS[way])) for way in reconciling.ways(drift)]
    note = _("is being written there") if under_way else ""
    if drift.code:
        note = _("could not be written: %(code)s") % {"code": drift.code}
    theirs = drift.theirs or _("is not there any more")
    return Row(drift, str(FIELDS.get(drift.field, drift.field)), theirs, ways, note)
