"""A client's service at the desk: tests of the interface, measures, readings from a file, the key, the credentials."""

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import staff_may
from pridvor.cases import secrets
from pridvor.cases.models import Case, Secret
from pridvor.connectors import measures, suites
from pridvor.connectors.measures import BadReading
from pridvor.desk import door, words
from pridvor.desk.door import case_or_404, language, me
from pridvor.insights import service as insights
from pridvor.lib import clock

LARGEST = 2_000_000  # bytes of a file with readings


@staff_may("case.read")
@require_GET
def service(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, case_or_404(public_id))


@staff_may("case.service")
@require_POST
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks for the tests to be run again; a worker does it within moments."""
    try:
        suites.ask(case_or_404(public_id), actor=me(request).actor, now=clock.now())
        messages.success(request, _("The tests are running. Load this page again in a moment."))
    except suites.NotNow:
        messages.info(request, _("The tests ran a moment ago. Wait half a minute before the next run."))
    return redirect("desk:service", public_id)


@csrf_exempt  # the check reads the form, which may happen only once the handler below stands: see documents.intake
@staff_may("case.service")
@require_POST
def readings(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Takes readings from a CSV file; all of them, or none with the row that is wrong."""
    request.upload_handlers = [
        MemoryFileUploadHandler(request)
    ]  # of what is larger than memory allows, nothing
    return _taken(request, case_or_404(public_id))


@staff_may("case.service")
@require_POST
def new_key(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Makes the key of the client's own system, and shows it this once."""
    found = case_or_404(public_id)
    if not found.journey.measures or found.state != "open":
        raise Http404
    key = measures.make_key(found, actor=me(request).actor, now=clock.now())
    return _page(request, found, key=key)


# -- how


@csrf_protect
def _taken(request: HttpRequest, found: Case) -> HttpResponse:
    public_id, file = found.public_id, request.FILES.get("file")
    if file is None or not file.size or file.size > LARGEST:
        messages.error(request, _("Choose a CSV file of at most 2 MB."))
        return redirect("desk:service", public_id)
    try:
        given = list(measures.of_file(file.read()))
        kept = measures.take(found, given, source="file", actor=me(request).actor, now=clock.now())
        said = {"kept": kept, "known": len(given) - kept}
        messages.success(request, _("%(kept)d readings kept, %(known)d known already.") % said)
    except BadReading as bad:
        messages.error(request, words.bad_reading(bad.code) % {"row": bad.row})
    return redirect("desk:service", public_id)


def _page(request: HttpRequest, found: Case, key: str = "") -> HttpResponse:
    kept = secrets.history(found)
    if not insights.is_kept(found) and not kept:
        raise Http404
    context = {
        "case": found,
        "service": insights.standing(found, language(), now=clock.now()),
        "credentials": [_credential(found, row) for row in kept],
        "is_open": found.state == "open",
        "acts": policy.may(me(request), "case.service"),
        "key": key,
        "address": request.build_absolute_uri("/api/v1/measures/"),
    }
    return door.page(request, "service", context)


def _credential(case: Case, row: Secret) -> dict[str, object]:
    """That there is one, since when, and what became of it; what it is, nobody sees."""
    field = secrets.asked(case, row.step).get(row.field)
    title = case.journey.text(field.label, language()) if field else row.field
    text, kind = words.fate(row.fate)
    return {"title": title, "row": row, "text": text, "kind": kind}
