"""Differences to outside systems, for people: which field, what stands where, and what can be done about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.connectors import blueprint, failures, reconciling
from pridvor.connectors.customer import PERSONAL
from pridvor.connectors.models import Drift, DriftState, Mirrored
from pridvor.connectors.reconciling import HIDDEN

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
    system: str
    field: str
    ours: str
    theirs: str
    ways: Sequence[tuple[str, str]]
    note: str


def rows(found: Iterable[Drift]) -> list[Row]:
    return [_row(each) for each in found]


def owners() -> list[tuple[str, str]]:
    """Who is the master of which fields: we ourselves first, whose name is empty."""
    found: dict[str, list[str]] = {"": []}
    for name, role in reconciling.owners().items():
        found.setdefault(role, []).append(field(name))
    return [(blueprint.title(role), ", ".join(names)) for role, names in found.items() if names]


def unreadable(found: Iterable[Mirrored]) -> list[tuple[Mirrored, str, str]]:
    """Records that could not be read back: of which system, and why."""
    return [(one, blueprint.title(one.peer), failures.meaning(one.failed)) for one in found]


def field(name: str) -> str:
    return str(FIELDS.get(name, name))


def _row(drift: Drift) -> Row:
    under_way = drift.state in (DriftState.WRITING, DriftState.TAKING)
    ways = [] if under_way else [(way, str(WAYS[way])) for way in reconciling.ways(drift)]
    note = _("is being written there") if under_way else ""
    if drift.state == DriftState.TAKING:
        note = _("is being taken over")
    if drift.code:
        note = _("did not succeed: %(why)s") % {"why": failures.meaning(drift.code)}
    theirs = _said(drift.field, drift.theirs) if drift.theirs else _("is not there any more")
    ours = _said(drift.field, drift.ours)
    return Row(drift, blueprint.title(drift.record.peer), field(drift.field), ours, theirs, ways, note)


def _said(name: str, value: str) -> str:
    """Amounts as people write them; ours of a personal value is not opened, so that only its being another is said."""
    if name in PERSONAL and value == HIDDEN:
        return _("another one, not opened")
    if name != "credit_limit":
        return value
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    return formats.number_format(amount, 0 if amount == int(amount) else 2, force_grouping=True)
