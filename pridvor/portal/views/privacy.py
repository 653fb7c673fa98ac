"""What people may ask for about their data: who looked, a copy, erasure, what they agreed to. Grave things take a code."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pridvor.clients.models import Person
from pridvor.portal import door
from pridvor.portal.forms import CodeForm
from pridvor.portal.proof import mail_code_for
from pridvor.portal.views import sign_in
from pridvor.privacy import erasing, exporting, letters, looking, requests, texts
from pridvor.privacy.categories import NAMES
from pridvor.privacy.models import LegalText, Request

A_PAGE = 50  # lines of the access ledger


@require_safe
@door.public
def about(request: HttpRequest) -> HttpResponse:
    """What is done with data, and the ways to everything that can be asked for."""
    notice = texts.current(LegalText.Kind.PRIVACY)
    return door.page(request, "privacy", {"notice": _said(notice), "is_known": door.person_of(request)})


@require_safe
@door.signed_in
def looks(request: HttpRequest, person: Person) -> HttpResponse:
    """Who looked at one's data: roles, what, why, when."""
    page = Paginator(looking.seen(person, door.language()), A_PAGE).get_page(request.GET.get("page"))
    return door.page(request, "looks", {"page": page, "back": reverse("portal:privacy")})


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
def copy(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Asks for a copy of everything; when it is ready, asks for the code that opens it."""
    latest = requests.latest(person, Request.Kind.EXPORT)
    ready = latest is not None and latest.state == Request.State.READY
    if request.method == "POST" and ready and "fetch" in request.POST:
        return _ask_code(request, person, "copy")
    if request.method == "POST":
        try:
            requests.ask_copy(
                person, language=door.language(), actor=door.actor_of(person), now=timezone.now()
            )
            messages.success(request, _("We are making your copy, and write to you when it is ready."))
        except requests.Already:
            messages.info(request, _("Your copy is being made. We write to you when it is ready."))
        return redirect("portal:copy-of-data")
    context = {"latest": latest, "ready": ready, "back": reverse("portal:privacy")}
    return door.page(request, "copy_of_data", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
def copy_code(request: HttpRequest, person: Person) -> HttpResponseBase:
    """The code, and then the copy itself."""
    form = CodeForm(door.posted(request))
    if _confirmed(request, person, form, "copy"):
        latest = requests.latest(person, Request.Kind.EXPORT)
        if latest is None:
            raise Http404
        return _hand_out(request, person, latest)
    return _code_page(request, form, "portal:copy-of-data")


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
def erasure(request: HttpRequest, person: Person) -> HttpResponseBase:
    """What would go, what a law keeps; asked for with a code."""
    latest = requests.latest(person, Request.Kind.ERASURE)
    under_way = latest if latest and latest.state in ("asked", "decided") else None
    if request.method == "POST" and not under_way:
        return _ask_code(request, person, "erasure")
    found = erasing.assess(person, today=timezone.localdate())
    context = {
        "latest": latest,
        "under_way": under_way,
        "going": [NAMES[category] for category in sorted(found.going)],
        "kept": [_kept(kept) for kept in found.kept],
        "back": reverse("portal:privacy"),
    }
    return door.page(request, "erasure", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
def erasure_code(request: HttpRequest, person: Person) -> HttpResponseBase:
    """The code, and with it the request counts."""
    form = CodeForm(door.posted(request))
    if not _confirmed(request, person, form, "erasure"):
        return _code_page(request, form, "portal:erasure")
    try:
        requests.ask_erasure(
            person, language=door.language(), actor=door.actor_of(person), now=timezone.now()
        )
        messages.success(request, _("We have your request, and answer within a month."))
    except requests.Already:
        messages.info(request, _("You have asked for this already."))
    return redirect("portal:erasure")


@require_POST
@door.signed_in
def keep_after_all(request: HttpRequest, person: Person) -> HttpResponse:
    """Takes a request back that nobody has decided yet."""
    latest = requests.latest(person, Request.Kind.ERASURE)
    try:
        if latest is not None:
            requests.withdraw(latest, actor=door.actor_of(person), now=timezone.now())
            messages.success(request, _("Nothing is erased. You can ask again at any time."))
    except requests.NotNow:
        messages.warning(request, _("It has been decided already."))
    return redirect("portal:erasure")


@require_POST
@door.signed_in
def code_again(request: HttpRequest, person: Person) -> HttpResponse:
    pending = request.session.get("sign_in") or {}
    sign_in.send_again(request)
    wanted = "portal:erasure-code" if pending.get("confirms") == "erasure" else "portal:copy-code"
    return redirect(wanted)


@require_http_methods(["GET", "HEAD", "POST"])
@door.signed_in
def consents(request: HttpRequest, person: Person) -> HttpResponse:
    """What one agreed to, in which version, and taking it back."""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        given = request.POST.get("given") == "1"
        if kind not in LegalText.Kind.values or (kind in texts.NEEDED and not given):
            raise Http404
        me, now = door.actor_of(person), timezone.now()
        texts.answer(person, texts.current(kind), given, language=door.language(), actor=me, now=now)
        messages.success(request, _("Kept."))
        return redirect("portal:consents")
    rows = [
        {"text": _said(one.text), "is_needed": one.text.kind in texts.NEEDED, "standing": one}
        for one in texts.standing(person)
    ]
    history = [{"text": _said(row.text), "row": row} for row in texts.history(person)]
    context = {"rows": rows, "history": history, "back": reverse("portal:privacy")}
    return door.page(request, "consents", context)


@require_safe
@door.public
def text(request: HttpRequest, kind: str) -> HttpResponse:
    """A legal text as it stands, or an earlier version of it."""
    if kind not in LegalText.Kind.values:
        raise Http404
    versions = texts.versions(kind)
    wanted = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.number) == wanted), versions[0])
    context = {"text": _said(shown), "versions": versions, "back": reverse("portal:privacy")}
    return door.page(request, "legal_text", context)


@require_safe
@door.public
def letter(request: HttpRequest, letter: UUID) -> HttpResponse:
    """The decision on an erasure, for whoever has its address: it names nobody."""
    decided = requests.by_letter(letter)
    if decided is None:
        raise Http404
    language = request.GET.get("language", "")
    made = letters.decision_pdf(decided, language if language in texts.LANGUAGES else decided.language)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="decision.pdf"'
    return answer


# -- how


def _said(text: LegalText) -> dict[str, Any]:
    language = door.language()
    return {
        "kind": text.kind,
        "number": text.number,
        "title": text.said("title", language),
        "body": text.said("body", language).split("\n\n"),
        "published_at": text.published_at,
    }


def _kept(kept: erasing.Kept) -> dict[str, Any]:
    language = door.language()
    return {
        "name": NAMES[kept.category],
        "until": kept.until,
        "laws": [hold.rule.said("law", language) for hold in kept.holds],
    }


def _ask_code(request: HttpRequest, person: Person, purpose: str) -> HttpResponse:
    """A code to the person's address, for this purpose only."""
    if not mail_code_for(request, person, purpose):
        return redirect("portal:copy-of-data" if purpose == "copy" else "portal:erasure")
    return redirect("portal:copy-code" if purpose == "copy" else "portal:erasure-code")


def _confirmed(request: HttpRequest, person: Person, form: CodeForm, purpose: str) -> bool:
    """Whether the right code came for this purpose. Without one that was asked for, the page does not exist."""
    pending = request.session.get("sign_in", {})
    if pending.get("person") != person.pk or pending.get("confirms") != purpose:
        raise Http404
    if request.method != "POST" or not form.is_valid() or sign_in.prove(request, form) is None:
        return False
    request.session.pop("sign_in")
    return True


def _code_page(request: HttpRequest, form: CodeForm, back: str) -> HttpResponse:
    return sign_in.code_page(request, form, again=reverse("portal:privacy-code-again"), back=reverse(back))


def _hand_out(request: HttpRequest, person: Person, wanted: Request) -> HttpResponseBase:
    try:
        requests.fetched(wanted, actor=door.actor_of(person), now=timezone.now())
    except requests.NotNow:
        messages.warning(request, _("This copy is no longer there. Ask for a new one."))
        return redirect("portal:copy-of-data")
    answer = StreamingHttpResponse(exporting.chunks(wanted), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    answer["Content-Length"] = str(wanted.size)
    answer["Cache-Control"] = "no-store"
    return answer
