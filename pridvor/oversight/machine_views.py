"""The administrator's pages about machines: make a key, see what it asked and why it failed, revoke it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts import machines
from pridvor.accounts.access import me, staff_may
from pridvor.accounts.machines import CannotMake
from pridvor.accounts.models import Machine
from pridvor.accounts.proof import proven
from pridvor.lib import clock
from pridvor.oversight import machine_pages
from pridvor.oversight.machine_pages import REFUSALS, MachineForm


@staff_may("machine.manage")
@require_GET
def all_machines(request: HttpRequest) -> HttpResponse:
    context = {"rows": machine_pages.rows(clock.now()), "section": "administration"}
    return render(request, "oversight/machines.html", context)


@staff_may("machine.manage")
@proven()
@require_http_methods(["GET", "POST"])
def new_machine(request: HttpRequest) -> HttpResponse:
    """Makes a machine and shows its secret, once."""
    form = MachineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = machines.make(
                said["name"],
                said["scopes"],
                expires_at=form.until(),
                regions=said.get("regions", []),
                is_test=said["mode"] == "test",
                oauth=said["way"] == "oauth",
                actor=me(request).actor,
                now=clock.now(),
            )
        except CannotMake as refused:
            form.add_error("until_on" if refused.code == "expiry" else None, str(REFUSALS[refused.code]))
        else:
            return render(
                request, "oversight/machine_secret.html", {"made": made, "section": "administration"}
            )
    context = {"form": form, "section": "administration"}
    return render(request, "oversight/machine_new.html", context, status=422 if form.errors else 200)


@staff_may("machine.manage")
@require_GET
def machine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What it may do, and what it asked for in the last thirty days."""
    found, now = get_object_or_404(Machine, public_id=public_id), clock.now()
    words, kind = machine_pages.state(found, now)
    context = {
        "machine": found,
        "state": words,
        "kind": kind,
        "scopes": machine_pages.scopes(found),
        "made_by": machine_pages.who_made(found),
        "requests": machine_pages.requests(found),
        "section": "administration",
    }
    return render(request, "oversight/machine.html", context)


@staff_may("machine.manage")
@proven()
@require_POST
def revoke_machine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Machine, public_id=public_id)
    machines.revoke(found, actor=me(request).actor, now=clock.now())
    messages.success(request, _("Revoked. Its next request is refused."))
    return redirect("oversight:machine", public_id)
