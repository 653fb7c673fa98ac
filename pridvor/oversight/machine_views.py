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
from pridvor.connectors import webhooks
from pridvor.connectors.models import Delivery, Hook
from pridvor.lib import clock
from pridvor.oversight import machine_pages
from pridvor.oversight.machine_pages import REFUSALS, HookForm, MachineForm

FIELDS = {"expiry": "until_on", "origin": "origins"}  # where a refusal is shown


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
                origins=said["origins"].split(),
                may_frame=said["may_frame"],
                actor=me(request).actor,
                now=clock.now(),
            )
        except CannotMake as refused:
            form.add_error(FIELDS.get(refused.code), str(REFUSALS[refused.code]))
        else:
            return render(
                request, "oversight/machine_secret.html", {"made": made, "section": "administration"}
            )
    context = {"form": form, "section": "administration"}
    return render(request, "oversight/machine_new.html", context, status=422 if form.errors else 200)


@staff_may("machine.manage")
@require_GET
def machine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What it may do, what it is told, and what it asked for in the last thirty days."""
    return _page(request, get_object_or_404(Machine, public_id=public_id), HookForm())


@staff_may("machine.manage")
@proven()
@require_POST
def revoke_machine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Machine, public_id=public_id)
    machines.revoke(found, actor=me(request).actor, now=clock.now())
    messages.success(request, _("Revoked. Its next request is refused."))
    return redirect("oversight:machine", public_id)


@staff_may("machine.manage")
@proven()
@require_POST
def new_hook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Has events sent to an address, and shows the secret that signs them, once."""
    found, form = get_object_or_404(Machine, public_id=public_id), HookForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    said, actor = form.cleaned_data, me(request).actor
    try:
        made = webhooks.subscribe(found, said["url"], said["kinds"], actor=actor, now=clock.now())
    except webhooks.CannotSubscribe as refused:
        form.add_error("url", refused.way_out)
        return _page(request, found, form, status=422)
    return _secret(request, made.hook, made.secret)


@staff_may("machine.manage")
@require_GET
def hook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was sent to an address lately, and how it answered."""
    found = get_object_or_404(Hook.objects.select_related("machine"), public_id=public_id)
    context = {"hook": found, "deliveries": webhooks.deliveries([found]), "section": "administration"}
    return render(request, "oversight/hook.html", context)


@staff_may("machine.manage")
@proven()
@require_POST
def act_on_hook(request: HttpRequest, public_id: UUID, verb: str) -> HttpResponse:
    """`test` sends an event that says nothing, `rotate` makes a new secret, `remove` sends nothing more."""
    found = get_object_or_404(Hook.objects.select_related("machine"), public_id=public_id, ended_at=None)
    if verb == "rotate":
        return _secret(request, found, webhooks.rotate(found, now=clock.now()))
    if verb == "remove":
        webhooks.end(found, "removed", now=clock.now())
        messages.success(request, _("Removed. Nothing more is sent there."))
        return redirect("oversight:machine", found.machine.public_id)
    webhooks.send_test(found, now=clock.now())
    messages.success(request, _("A test event is on its way. Load the page again to see the answer."))
    return redirect("oversight:hook", public_id)


@staff_may("machine.manage")
@require_POST
def resend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sends a message again, under the id that it had."""
    row = get_object_or_404(Delivery.objects.select_related("hook"), public_id=public_id)
    webhooks.resend(row, now=clock.now())
    messages.success(request, _("It is sent again. Load the page again to see the answer."))
    return redirect("oversight:hook", row.hook.public_id)


# -- how


def _page(request: HttpRequest, found: Machine, form: HookForm, status: int = 200) -> HttpResponse:
    now = clock.now()
    words, kind = machine_pages.state(found, now)
    context = {
        "machine": found,
        "state": words,
        "kind": kind,
        "scopes": machine_pages.scopes(found),
        "made_by": machine_pages.who_made(found),
        "requests": machine_pages.requests(found),
        "hooks": machine_pages.hooks(found),
        "form": form,
        "section": "administration",
    }
    return render(request, "oversight/machine.html", context, status=status)


def _secret(request: HttpRequest, found: Hook, secret: str) -> HttpResponse:
    return render(
        request, "oversight/hook_secret.html", {"hook": found, "secret": secret, "section": "administration"}
    )
