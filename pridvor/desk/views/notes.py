"""Internal notes: written on a case, seen on the case and on its client's page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pridvor.accounts import queries as people
from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.cases import notes
from pridvor.cases.models import Case
from pridvor.desk import door
from pridvor.desk.door import case_or_404, me
from pridvor.desk.forms import NoteForm
from pridvor.lib import clock


@staff_may("case.note")
@require_POST
def write(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keeps a note. One that calls nobody we know is not kept: whoever wrote it relies on being heard."""
    found, form = case_or_404(public_id), NoteForm(request.POST)
    if not form.is_valid() or not _keep(found, form, me(request)):
        return door.page(request, "note", {"case": found, "form": form}, status=422)
    if request.POST.get("back") == "client":
        return redirect("desk:client", public_id=found.client.public_id)
    return redirect("desk:case", public_id=public_id)


def _keep(case: Case, form: NoteForm, author: Staff) -> bool:
    """Whether it was kept; if not, the form says whom nobody knows."""
    call = form.cleaned_data["call"].strip().removeprefix("@")
    also: list[Staff] = []
    try:
        also = [notes.resolve(call, people.active())] if call else []
        notes.write(case, form.cleaned_data["note"], author=author, also=also, now=clock.now())
    except notes.NobodyCalled as wrong:
        said = _("“%(name)s” is nobody here, or more than one: use the e-mail address.")
        form.add_error("call" if call and not also else "note", said % {"name": wrong.called})
        return False
    return True
