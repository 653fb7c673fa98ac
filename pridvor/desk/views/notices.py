"""What somebody is told: the list, and how they want to be told."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts.access import staff_may
from pridvor.desk import door
from pridvor.desk.door import me
from pridvor.lib import clock
from pridvor.notifications import notices as told
from pridvor.notifications import wording
from pridvor.notifications.models import How, Notice, NoticeKind


@staff_may("case.read")
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    reader = me(request)
    chosen = told.choices(reader)
    context = {
        "section": "notices",
        "rows": [{"notice": row, "text": wording.notice(row.what)} for row in told.inbox(reader)],
        "kinds": [{"key": kind.value, "label": kind.label, "how": chosen[kind]} for kind in NoticeKind],
        "ways": How.choices,
    }
    return door.page(request, "notices", context)


@staff_may("case.read")
@require_POST
def go(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Marks it as read, and leads to its case."""
    row = Notice.objects.filter(staff=me(request), public_id=public_id).select_related("case").first()
    if row is None:
        raise Http404
    told.read(me(request), [public_id], now=clock.now())
    return redirect("desk:case", public_id=row.case.public_id)


@staff_may("case.read")
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    told.read(me(request), now=clock.now())
    return redirect("desk:notices")


@staff_may("case.read")
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    wanted = {kind.value: request.POST[kind.value] for kind in NoticeKind if kind.value in request.POST}
    if any(how not in How.values for how in wanted.values()):
        raise Http404
    told.choose(me(request), wanted)
    messages.success(request, _("Kept."))
    return redirect("desk:notices")
