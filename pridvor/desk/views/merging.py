"""Two clients that are one: compared side by side, merged, and parted again while nothing new stands between."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts.access import staff_may
from pridvor.cases import merging as joining
from pridvor.cases import queries as cases
from pridvor.clients import merging
from pridvor.desk import client_page, door
from pridvor.desk.door import language, me
from pridvor.desk.views.client import client_or_404
from pridvor.lib import clock

WHY_NOT = {
    "the-same": gettext_lazy("These are one client already."),
    "merged-already": gettext_lazy("One of the two was merged meanwhile."),
    "undone-already": gettext_lazy("This was taken back already."),
    "merged-further": gettext_lazy("Another client was merged since. Take that back first."),
    "new-person": gettext_lazy("Somebody new acts for the client since. The two stay one."),
    "data-changed": gettext_lazy("The client's data were changed since. The two stay one."),
    "new-case": gettext_lazy("A new case was opened since. The two stay one."),
    "case-moved": gettext_lazy("A case has moved on to another client since. The two stay one."),
}


@staff_may("client.merge")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, public_id: UUID, other: UUID) -> HttpResponse:
    """What would move, and what to choose where the two disagree; then one press."""
    kept, gone = client_or_404(public_id), client_or_404(other)
    if kept.pk == gone.pk:
        raise Http404
    if request.method == "POST":
        differing = merging.differences(kept, gone)
        take = [one.field for one in differing if request.POST.get(one.field) == "gone"]
        try:
            joining.merge(kept, gone, take=take, actor=me(request).actor, now=clock.now())
        except joining.CannotMerge as wrong:
            messages.error(request, str(WHY_NOT[wrong.code]))
        else:
            said = _("%(gone)s is now a part of %(kept)s.")
            messages.success(request, said % {"gone": gone.name, "kept": kept.name})
        return redirect("desk:client", public_id=kept.public_id)
    context = client_page.beside(kept, gone, me(request).actor, language=language(), now=clock.now())
    return door.page(request, "merge", context)


@staff_may("client.merge")
@require_POST
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Parts the two as they were, or says why that is not possible any more."""
    row = merging.merge(public_id)
    if row is None or not cases.sees_client(row.kept):
        raise Http404
    try:
        joining.undo(row, actor=me(request).actor, now=clock.now())
    except joining.CannotMerge as wrong:
        messages.error(request, str(WHY_NOT[wrong.code]))
    else:
        messages.success(request, _("The two are two again, as they were."))
    return redirect("desk:client", public_id=row.kept.public_id)
