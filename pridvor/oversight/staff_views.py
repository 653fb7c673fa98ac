"""The administrator's pages about staff: invite, give roles, cut off, bring back, note who is away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts import actions, invitations
from pridvor.accounts.access import me, staff_may
from pridvor.accounts.actions import CannotChange
from pridvor.accounts.models import Absence, Staff
from pridvor.accounts.proof import proven
from pridvor.lib import clock
from pridvor.notifications import staff_links
from pridvor.oversight import staff_pages
from pridvor.oversight.staff_pages import REFUSALS, AbsenceForm, InviteForm, RightsForm


@staff_may("staff.manage")
@require_GET
def all_staff(request: HttpRequest) -> HttpResponse:
    context = {"rows": staff_pages.rows(clock.now()), "section": "administration"}
    return render(request, "oversight/staff.html", context)


@staff_may("staff.manage")
@proven()
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Makes an account and mails the link that opens it; without a mail server the link is shown, once."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, clock.now()
        who = {"name": said["name"], "language": said["language"], **form.rights()}
        try:
            staff, token = invitations.invite(said["email"], **who, actor=me(request).actor, now=now)
        except CannotChange as refused:
            form.add_error("email" if refused.code == "address-taken" else None, str(REFUSALS[refused.code]))
        else:
            return _handed(request, staff, "staff-invited", token)
    context = {"form": form, "section": "administration"}
    return render(request, "oversight/staff_invite.html", context, status=422 if form.errors else 200)


@staff_may("staff.manage")
@require_GET
def member(request: HttpRequest, public_id: UUID) -> HttpResponse:
    staff = get_object_or_404(Staff, public_id=public_id)
    given = {"role": staff.role, "regions": staff.regions, "lead": staff.is_lead}
    return _page(request, staff, RightsForm(initial=given), AbsenceForm(staff=staff))


@staff_may("staff.manage")
@proven()
@require_POST
def change_rights(request: HttpRequest, public_id: UUID) -> HttpResponse:
    staff = get_object_or_404(Staff, public_id=public_id)
    form = RightsForm(request.POST)
    if not form.is_valid():
        return _page(request, staff, form, AbsenceForm(staff=staff), status=422)
    return _done(
        request,
        staff,
        lambda: actions.set_role(staff, **form.rights(), actor=me(request).actor, now=clock.now()),
    )


@staff_may("staff.manage")
@proven()
@require_POST
def change_access(request: HttpRequest, public_id: UUID, verb: str) -> HttpResponse:
    """`disable`, `enable`, or `revoke` the open link."""
    staff = get_object_or_404(Staff, public_id=public_id)
    act = {"disable": actions.disable, "enable": actions.enable, "revoke": invitations.revoke}[verb]
    return _done(request, staff, lambda: act(staff, actor=me(request).actor, now=clock.now()))


@staff_may("staff.manage")
@proven()
@require_POST
def send_link(request: HttpRequest, public_id: UUID, verb: str) -> HttpResponse:
    """`renew` an invitation, or `reset` how somebody signs in: both end in a link."""
    staff = get_object_or_404(Staff, public_id=public_id)
    act, template = {
        "renew": (invitations.renew, "staff-invited"),
        "reset": (invitations.reset, "staff-reset"),
    }[verb]
    try:
        token = act(staff, actor=me(request).actor, now=clock.now())
    except CannotChange as refused:
        return _refused(request, staff, refused)
    return _handed(request, staff, template, token)


@staff_may("staff.manage")
@proven()
@require_POST
def note_absence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    staff = get_object_or_404(Staff, public_id=public_id)
    form = AbsenceForm(request.POST, staff=staff)
    if not form.is_valid():
        given = {"role": staff.role, "regions": staff.regions, "lead": staff.is_lead}
        return _page(request, staff, RightsForm(initial=given), form, status=422)
    said, now = form.cleaned_data, clock.now()
    actions.note_absence(
        staff,
        from_at=staff_pages.day(said["from_on"]),
        until_at=staff_pages.day(said["until_on"] + timedelta(days=1)) if said["until_on"] else None,
        reason=said["reason"],
        substitute=Staff.objects.filter(public_id=said["substitute"]).first() if said["substitute"] else None,
        actor=me(request).actor,
        now=now,
    )
    messages.success(request, _("Noted. No new work comes to them meanwhile, and what they hold moves on."))
    return redirect("oversight:staff_member", public_id)


@staff_may("staff.manage")
@proven()
@require_POST
def end_absence(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence, pk=pk, staff__public_id=public_id)
    actions.end_absence(absence, actor=me(request).actor, now=clock.now())
    messages.success(request, _("The absence has ended."))
    return redirect("oversight:staff_member", public_id)


# -- how


def _done(request: HttpRequest, staff: Staff, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except CannotChange as refused:
        return _refused(request, staff, refused)
    messages.success(request, _("Done. It counts from their next request on."))
    return redirect("oversight:staff_member", staff.public_id)


def _refused(request: HttpRequest, staff: Staff, refused: CannotChange) -> HttpResponse:
    messages.error(request, str(REFUSALS[refused.code]))
    return redirect("oversight:staff_member", staff.public_id)


def _handed(request: HttpRequest, staff: Staff, template: str, token: str) -> HttpResponse:
    """Says that the link is on its way; or shows it, because nobody else will."""
    if staff_links.send(staff, template, token, now=clock.now()):
        messages.success(request, _("The link was mailed to %(email)s.") % {"email": staff.email})
        return redirect("oversight:staff_member", staff.public_id)
    context = {"staff": staff, "link": staff_links.address(token), "section": "administration"}
    page = render(request, "oversight/staff_link.html", context)
    page.headers["Cache-Control"] = "no-store"
    return page


def _page(
    request: HttpRequest, staff: Staff, form: RightsForm, absence: AbsenceForm, status: int = 200
) -> HttpResponse:
    now = clock.now()
    person = staff_pages.one(staff, now)
    context = {
        "person": person,
        "form": form,
        "absence_form": absence,
        "absences": staff_pages.absences(staff, now),
        "link": invitations.open_link(staff, now),
        "is_awaited": person.kind == "wait",
        "is_me": request.user == staff,
        "section": "administration",
    }
    return render(request, "oversight/staff_member.html", context, status=status)
