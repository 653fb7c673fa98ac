"""Who was told of a person, what became of it there, and what remains on which basis (GDPR Art. 19), in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.cases.models import Case
from pridvor.connectors import blueprint, contract, forgetting
from pridvor.connectors.forgetting import Recipient
from pridvor.connectors.models import Forgetting
from pridvor.privacy.models import Request
from pridvor.ui import dates

MEANS: dict[str, Promise] = {
    contract.Forgetting.ANONYMISES: gettext_lazy("the record stays and names nobody any more"),
    contract.Forgetting.BLOCKS: gettext_lazy("the record is kept by law and out of use"),
    contract.Forgetting.CANNOT: gettext_lazy("somebody of the company sees to it there"),
}


@dataclass(frozen=True)
class Told:
    """One recipient, in the reader's words; `is_settled`: nobody has to see to it any more.

    `means` and `remains` are of an erasure there: empty while the data is kept there as long as here.
    """

    peer: str
    name: str
    means: str
    state: str
    remains: str
    is_settled: bool


def of(request: Request) -> list[Told]:
    """Every system that received data of the person, as it stands now."""
    found = {one.peer: one for one in forgetting.recipients(Case.objects.filter(person=request.person))}
    named = [peer for peer in request.facts.get("outside", []) if peer not in found]
    unknown = [Recipient(peer, peer, contract.Forgetting.CANNOT, "", "", None) for peer in named]
    return [_told(request, one) for one in sorted([*found.values(), *unknown], key=lambda one: one.peer)]


def _told(request: Request, one: Recipient) -> Told:
    by_hand = one.peer in request.facts.get("told", [])
    role = blueprint.title(one.peer)
    is_kept = not by_hand and _is_kept(request, one)
    return Told(
        peer=one.peer,
        name=role if one.name == one.peer else f"{role} ({one.name})",
        means="" if is_kept else str(MEANS[one.means]),
        state=_("done") if by_hand else _state(request, one),
        remains="" if is_kept else _(one.remains) if one.remains else "–",
        is_settled=by_hand or one.state == Forgetting.State.DONE,
    )


def _is_kept(request: Request, one: Recipient) -> bool:
    return not one.state and request.outcome not in ("", Request.Outcome.WHOLE)


def _state(request: Request, one: Recipient) -> str:
    if one.state == Forgetting.State.DONE and one.at:
        return _("done on %(day)s") % {"day": dates.said(one.at, "year")}
    if one.state == Forgetting.State.WAITING:
        return _("asked; it has not answered yet")
    if one.state == Forgetting.State.BY_HAND:
        return _("with somebody of the company")
    if _is_kept(request, one):
        return _("is kept there as long as here")
    return _("is asked when the erasure is carried out")
