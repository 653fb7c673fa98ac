"""One's own case: where it stands, what happened, what was sent; correct, withdraw, change the address."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases import rights, support
from pridvor.cases.models import Case
from pridvor.cases.rights import Right
from pridvor.clients import sign_in as codes
from pridvor.documents import agreements
from pridvor.journeys import queries as journeys
from pridvor.notifications import actions as notifications
from pridvor.portal import answering, approving, door, given, progress, story
from pridvor.portal.forms import CodeForm, NewEmailForm
from pridvor.portal.proof import proven
from pridvor.portal.views import sign_in
from pridvor.privacy import texts


@require_safe
@door.own_or_asked_case
def home(request: HttpRequest, case: Case) -> HttpResponse:
    """The tracker, and everything that belongs to the case; for who is only asked to approve, what waits for them."""
    if door.is_only_asked(request, case):
        return _what_is_asked(request, case)
    language, mine = door.language(), door.standing(request, case)
    here = progress.standing(case, language, mine)
    return door.page(
        request,
        "case",
        {
            "case": case,
            "title": case.journey.text(case.journey.title, language),
            "here": here,
            "kept_until": progress.kept_until(case) if here.first else None,
            "promised": progress.promised(case, language),
            "result": progress.result(case, language) if case.state != "open" else None,
            "reads": mine.may(Right.READ),
            "leads": mine.may(Right.PEOPLE),
            "serves": mine.may(Right.SERVICE) and bool(case.journey.suites or case.journey.measures),
            **(_read(request, case) if mine.may(Right.READ) else {}),
            **(_own(request, case) if mine.role == rights.APPLICANT else {}),
        },
    )


@require_POST
@door.case_with(Right.ANSWER)
def another(request: HttpRequest, case: Case, name: str) -> HttpResponse:
    """Begins another journey of the same client: a change of data, a return. One that is on its way is shown."""
    version = next(
        (version for version, journey in journeys.opened_by("client") if journey.name == name), None
    )
    if version is None or not case.goal:
        raise Http404
    open_one = case_queries.open_on(case.client, name)
    if open_one:
        messages.info(request, _("This is on its way already. Here is where it stands."))
        mine = case_queries.mine(case.person, open_one.public_id)
        return redirect("portal:case", mine.public_id if mine else case.public_id)
    begun = cases.open_case(
        version,
        case.client,
        case.person,
        language=door.language(),
        actor=door.doer(request, case),
        now=timezone.now(),
    )
    return redirect("portal:case", begun.public_id)


@require_safe
@door.case_with(Right.STATUS)
def status(request: HttpRequest, case: Case) -> HttpResponse:
    """The part of the page that changes by itself; nothing when it has not changed."""
    here = progress.standing(case, door.language(), door.standing(request, case))
    if request.GET.get("seen") == here.seen:
        return HttpResponse(status=204)
    return render(request, "portal/_status.html", {"case": case, "here": here})


@require_safe
@door.own_case
def sent(request: HttpRequest, case: Case) -> HttpResponse:
    """Everything that was given: answers and copies of documents."""
    papers = given.papers(case, door.language())
    mine = door.standing(request, case)
    answers = given.answers(case, door.language(), mine, actor=door.doer(request, case), now=timezone.now())
    can_change = answering.can_change(case) and mine.may(Right.ANSWER)
    context = {"case": case, "papers": papers, "answers": answers, "can_change": can_change}
    return door.page(request, "sent", context)


@require_http_methods(["GET", "HEAD", "POST"])
@door.applicants_case
def withdraw(request: HttpRequest, case: Case) -> HttpResponse:
    """End it, after a question."""
    if request.method == "POST":
        try:
            cases.withdraw(case, actor=door.doer(request, case), now=timezone.now())
        except cases.Refused:
            messages.warning(request, _("This registration has already ended."))
        return redirect("portal:case", case.public_id)
    return door.page(request, "withdraw", {"case": case})


@require_http_methods(["GET", "HEAD", "POST"])
@door.applicants_case
@proven()
def address(request: HttpRequest, case: Case) -> HttpResponse:
    """A new e-mail address: its code goes to the new one."""
    form = NewEmailForm(door.posted(request))
    if request.method == "POST" and form.is_valid() and _ask_change(request, case, form):
        return redirect("portal:address-code", case.public_id)
    return door.page(
        request,
        "email",
        {"form": form, "back": reverse("portal:case", args=[case.public_id]), "for_change": True},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@door.applicants_case
def address_code(request: HttpRequest, case: Case) -> HttpResponse:
    """The code from the new mailbox; with it the address counts."""
    if request.session.get("sign_in", {}).get("person") != case.person_id:
        raise Http404
    form = CodeForm(door.posted(request))
    if request.method == "POST" and form.is_valid() and sign_in.prove(request, form):
        request.session.pop("sign_in")
        request.session.cycle_key()
        cases.record(case, "address.changed", actor=door.doer(request, case), now=timezone.now())
        messages.success(request, _("From now on we write to your new address."))
        return redirect("portal:case", case.public_id)
    here = reverse("portal:address", args=[case.public_id])
    return sign_in.code_page(
        request, form, again=reverse("portal:address-again", args=[case.public_id]), back=here
    )


@require_http_methods(["POST"])
@door.applicants_case
def address_again(request: HttpRequest, case: Case) -> HttpResponse:
    sign_in.send_again(request)
    return redirect("portal:address-code", case.public_id)


def _read(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What stands on the page for whoever may read the case."""
    language = door.language()
    reader, now, purpose = door.doer(request, case), timezone.now(), "read what was written to me"
    events = story.told(case, case_queries.timeline(case), language, reader)
    reasons = [*case_queries.reasons_now(case), *support.reasons(case, now=now)]
    notes = cases.read_notes(case, reasons, actor=reader, purpose=purpose, now=now)
    may_change = answering.can_change(case) and door.standing(request, case).may(Right.ANSWER)
    others = progress.others(case, language) if door.standing(request, case).may(Right.ANSWER) else []
    told = {"recent": events[:4], "earlier": events[4:], "notes": notes}
    return {**told, "can_change": may_change, "others": others}


def _own(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What only the applicant finds on it."""
    return {
        "is_applicant": True,
        "can_withdraw": case.state == "open",
        "outdated": texts.outdated(case.person),
    }


def _what_is_asked(request: HttpRequest, case: Case) -> HttpResponse:
    given = sorted(door.standing(request, case).delegated)
    step = next((one for one in given if case_queries.open_attempt(case, one)), "")
    person = door.person_of(request)
    step = step or approving.waits_for(case, person) or agreements.waits_for(case, person)
    if step:
        return redirect("portal:step", case.public_id, step)
    return door.page(request, "asked", {"case": case})


def _ask_change(request: HttpRequest, case: Case, form: NewEmailForm) -> bool:
    now = timezone.now()
    try:
        with transaction.atomic():
            row = codes.ask_change(case.person, form.cleaned_data["email"], now=now)
            notifications.send_code(row, now=now)
    except codes.TooManyCodes:
        form.add_error(
            "email",
            _("We have sent five codes within the hour. Use the newest one, or try again in an hour."),
        )
        return False
    request.session["sign_in"] = {"id": str(row.public_id), "then": "", "person": case.person_id}
    return True
