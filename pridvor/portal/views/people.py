"""People of a company who work on one of its cases: inviting them, their roles, single steps, and putting them out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from pridvor.cases import colleagues
from pridvor.cases.models import Case, Delegation, Membership
from pridvor.cases.rights import Right
from pridvor.clients import actions as clients
from pridvor.clients.models import Person
from pridvor.portal import door
from pridvor.portal.forms import JOINING, DelegateForm, InviteForm
from pridvor.portal.proof import proven

WHY_NOT = {
    "is-applicant": gettext_lazy("This is the address of whoever registered the company."),
    "is-member": gettext_lazy("This colleague is let in already. Change the role in the list."),
    "not-open": gettext_lazy("This registration has ended; nobody can be invited any more."),
    "step-not-open": gettext_lazy("This step is not open any more."),
    "delegated-already": gettext_lazy("A colleague was asked to do this step already."),
}


@require_safe
@door.case_with(Right.PEOPLE)
def people(request: HttpRequest, case: Case) -> HttpResponse:
    """Who works on the case, in which role, and who was asked to do what."""
    return _page(request, case, InviteForm(), DelegateForm(case=case, language=door.language()))


@require_POST
@door.case_with(Right.PEOPLE)
@proven()
def invite(request: HttpRequest, case: Case) -> HttpResponse:
    """Lets a colleague in, and has them told by mail."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form, DelegateForm(case=case, language=door.language()))
    said, me = form.cleaned_data, door.doer(request, case)
    done = _("Invited. We have written to them.")
    act = lambda: colleagues.invite(case, said["email"], said["role"], actor=me, now=timezone.now())  # noqa: E731
    return _tried(request, case, act, done)


@require_POST
@door.case_with(Right.PEOPLE)
@proven()
def role(request: HttpRequest, case: Case, person: UUID) -> HttpResponse:
    """Another role for a colleague, from their next page on."""
    row, me, wanted = _member(request, case, person), door.doer(request, case), request.POST.get("role", "")
    if wanted not in dict(JOINING):
        raise Http404
    act = lambda: colleagues.give_role(row, wanted, actor=me, now=timezone.now())  # noqa: E731
    return _tried(request, case, act, _("Changed."))


@require_POST
@door.case_with(Right.PEOPLE)
@proven()
def remove(request: HttpRequest, case: Case, person: UUID) -> HttpResponse:
    """Out at the next request."""
    row, me = _member(request, case, person), door.doer(request, case)
    act = lambda: colleagues.remove(row, actor=me, now=timezone.now())  # noqa: E731
    return _tried(request, case, act, _("Removed. They see nothing of this registration any more."))


@require_POST
@door.case_with(Right.PEOPLE)
@proven()
def delegate(request: HttpRequest, case: Case) -> HttpResponse:
    """Asks a colleague to do one open step."""
    form = DelegateForm(request.POST, case=case, language=door.language())
    if not form.is_valid():
        return _page(request, case, InviteForm(), form)
    said, me = form.cleaned_data, door.doer(request, case)
    done = _("Asked. We have written to them.")
    act = lambda: colleagues.delegate(case, said["task"], said["to"], actor=me, now=timezone.now())  # noqa: E731
    return _tried(request, case, act, done)


@require_POST
@door.case_with(Right.PEOPLE)
def take_back(request: HttpRequest, case: Case, delegation: UUID) -> HttpResponse:
    """The step is one's own again."""
    row = next((one for one in colleagues.delegations(case) if one.public_id == delegation), None)
    if row is None:
        raise Http404
    found, me = row, door.doer(request, case)
    act = lambda: colleagues.take_back(found, actor=me, now=timezone.now())  # noqa: E731
    return _tried(request, case, act, _("Taken back. The step is yours again."))


# -- how


def _page(request: HttpRequest, case: Case, invite: InviteForm, delegate: DelegateForm) -> HttpResponse:
    members, given = colleagues.members(case), colleagues.delegations(case)
    addresses = _addresses(request, case, [*(row.person for row in members), *(row.person for row in given)])
    context: dict[str, Any] = {
        "case": case,
        "members": [_member_row(row, addresses) for row in members],
        "given": [_given_row(case, row, addresses) for row in given],
        "roles": JOINING,
        "invite": invite,
        "delegate": delegate,
        "form": invite if invite.errors else delegate,
        "back": reverse("portal:case", args=[case.public_id]),
    }
    return door.page(request, "people", context)


def _addresses(request: HttpRequest, case: Case, people: list[Person]) -> dict[str, str]:
    refs = {str(person.pk): person.email_ref for person in people}
    me, purpose = door.doer(request, case), "see who works on the case"
    return clients.reveal_refs(refs, actor=me, purpose=purpose, now=timezone.now(), case=case.reference)


def _member_row(row: Membership, addresses: dict[str, str]) -> dict[str, Any]:
    return {
        "subject": row.person.subject,
        "address": addresses.get(str(row.person_id), _("erased")),
        "role": row.role,
        "at": row.at,
        "has_come": row.person.confirmed_at is not None,
    }


def _given_row(case: Case, row: Delegation, addresses: dict[str, str]) -> dict[str, Any]:
    title = case.journey.text(case.journey.steps[row.step].title, door.language())
    address = addresses.get(str(row.person_id), _("erased"))
    return {"public_id": row.public_id, "title": title, "address": address, "at": row.at}


def _member(request: HttpRequest, case: Case, person: UUID) -> Membership:
    """A colleague; nobody changes or removes themselves."""
    row, me = colleagues.member(case, person), door.person_of(request)
    if row is None or (me is not None and row.person_id == me.pk):
        raise Http404
    return row


def _tried(request: HttpRequest, case: Case, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
        messages.success(request, done)
    except colleagues.CannotInvite as wrong:
        messages.error(request, str(WHY_NOT.get(wrong.code) or _("That is not possible now.")))
    return redirect("portal:people", case.public_id)
