"""Signing a contract: read it, say who you are, prove it with a fresh code, sign; or decline and say why."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.cases.models import Case
from pridvor.cases.rights import Right
from pridvor.clients import passkeys
from pridvor.clients.models import Person
from pridvor.documents import agreements
from pridvor.documents.agreements import Proof, Visit
from pridvor.documents.models import Agreement
from pridvor.portal import agreeing, door, keys
from pridvor.portal.agreeing import DeclineForm, SignForm
from pridvor.portal.forms import CodeForm
from pridvor.portal.proof import CREDENTIAL, mail_code_for
from pridvor.portal.views import sign_in

WHY_NOT = {
    "no-longer-open": gettext_lazy("This has been decided already. Here is where it stands."),
    "not-your-turn": gettext_lazy("It is not your turn to sign. We write to you when it is."),
    "not-shown": gettext_lazy("This is not the contract that the page showed. Read it again, then sign."),
    "no-reason": gettext_lazy("Say why you do not sign."),
}


def open_contract(
    request: HttpRequest,
    case: Case,
    step: str,
    *,
    sign: SignForm | None = None,
    refuse: DeclineForm | None = None,
) -> HttpResponse:
    """The contract with everything that belongs to it; also after the step has ended."""
    agreement = agreements.of_step(case, step)
    title = case.journey.text(case.journey.steps[step].title, door.language())
    if agreement is None:
        return door.page(request, "agree_wait", {"case": case, "title": title})
    person, actor, now = _signatory(request, agreement), door.doer(request, case), timezone.now()
    if not door.visit_of(request):  # somebody of the staff who helps is no signatory
        agreements.look(agreement, person, actor=actor, now=now)
    page = agreeing.page(agreement, person, actor=actor, now=now)
    context = {
        "case": case,
        "step": step,
        "title": title,
        "page": page,
        "form": sign or SignForm(initial={"sha256": agreement.presented.sha256}),
        "decline": refuse or DeclineForm(),
        "wrong": sign if sign and sign.errors else refuse,
    }
    return door.page(request, "agree", context)


@require_POST
@door.own_or_asked_case
def sign(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Takes the name and the consent, and sends the code with which the signature is confirmed."""
    agreement, form = _agreement(case, step), SignForm(request.POST)
    if not form.is_valid():
        return open_contract(request, case, step, sign=form)
    person, actor = _signatory(request, agreement), door.doer(request, case)
    if form.cleaned_data["sha256"] != agreement.presented.sha256:
        messages.error(request, str(WHY_NOT["not-shown"]))
        return redirect("portal:step", case.public_id, step)
    asked = door.tried(
        request,
        WHY_NOT,
        lambda: agreements.ask_proof(
            agreement, person, visit=_visit(request), actor=actor, now=timezone.now()
        ),
    )
    if not asked or not mail_code_for(request, person, _purpose(agreement)):
        return redirect("portal:step", case.public_id, step)
    request.session["signing"] = {"agreement": agreement.pk, **form.cleaned_data}
    return redirect("portal:sign-confirm", case.public_id, step)


@require_http_methods(["GET", "HEAD", "POST"])
@door.own_or_asked_case
def confirm(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """The words of signing once more, and the code: with it the contract is signed."""
    agreement, form = _agreement(case, step), CodeForm(door.posted(request))
    person, typed = _signatory(request, agreement), request.session.get("signing", {})
    if typed.get("agreement") != agreement.pk:
        return redirect("portal:step", case.public_id, step)
    proof = confirm_identity(request, agreement, person, form)
    if proof is None:
        said = agreeing.statement(agreement, typed["name"])
        asked = keys.ask_proof(request, person) if passkeys.of(person) else None
        context = {
            "case": case,
            "step": step,
            "form": form,
            "said": said,
            "asked": asked,
            "demo": settings.DEMO,
        }
        return door.page(request, "agree_confirm", context)
    request.session.pop("signing")
    signed = door.tried(
        request,
        WHY_NOT,
        lambda: agreements.sign(
            agreement,
            person,
            typed["name"],
            typed["sha256"],
            consents=typed["consent"],
            proof=proof,
            visit=_visit(request),
            actor=door.doer(request, case),
            now=timezone.now(),
        ),
    )
    if signed:
        messages.success(request, _("Thank you: you have signed the contract."))
    return redirect("portal:step", case.public_id, step)


@require_POST
@door.own_or_asked_case
def again(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Another code, when the first did not come."""
    agreement = _agreement(case, step)
    _signatory(request, agreement)
    if _pending(request, agreement):
        sign_in.send_again(request)
    return redirect("portal:sign-confirm", case.public_id, step)


@require_POST
@door.own_or_asked_case
def decline(request: HttpRequest, case: Case, step: str) -> HttpResponse:
    """Says no, and why."""
    agreement, form = _agreement(case, step), DeclineForm(request.POST)
    person = _signatory(request, agreement)
    if not form.is_valid():
        return open_contract(request, case, step, refuse=form)
    declined = door.tried(
        request,
        WHY_NOT,
        lambda: agreements.decline(
            agreement,
            person,
            form.cleaned_data["reason"],
            visit=_visit(request),
            actor=door.doer(request, case),
            now=timezone.now(),
        ),
    )
    if declined:
        messages.success(request, _("You have declined. We read your reason and write to you."))
    return redirect("portal:case", case.public_id)


def confirm_identity(
    request: HttpRequest, agreement: Agreement, person: Person, form: CodeForm
) -> Proof | None:
    """How the person proved, for this signature alone, that it is them; None while they have not.

    The one place that knows the ways there are: the one-time code sent to their address, or a passkey of theirs.
    """
    pending = _pending(request, agreement)
    if not pending or request.method != "POST":
        return None
    way = "passkey" if request.POST.get(CREDENTIAL) else "code-by-mail"
    proved = _by_passkey(request) if way == "passkey" else form.is_valid() and sign_in.prove(request, form)
    if not proved or proved.pk != person.pk:
        return None
    request.session.pop("sign_in")
    return Proof(way, pending["id"], timezone.now())


# -- how


def _by_passkey(request: HttpRequest) -> Person | None:
    try:
        return keys.answered(request, request.POST[CREDENTIAL])
    except passkeys.Refused:
        messages.error(request, _("This passkey was not accepted. Try again, or use a code."))
        return None


def _agreement(case: Case, step: str) -> Agreement:
    known = case.journey.steps.get(step)
    agreement = agreements.of_step(case, step) if known and known.kind == "sign" else None
    if agreement is None:
        raise Http404
    return agreement


def _signatory(request: HttpRequest, agreement: Agreement) -> Person:
    """Who reads it: one of its signatories, or somebody who may read the case."""
    person = door.person_of(request)
    if person is None:
        raise Http404
    reads = door.standing(request, agreement.attempt.case).may(Right.READ)
    if not reads and not agreements.may_see(agreement, person):
        raise Http404
    return person


def _visit(request: HttpRequest) -> Visit:
    address = str(get_adapter(request).get_client_ip(request))
    return Visit(address, request.headers.get("User-Agent", "")[:300])


def _purpose(agreement: Agreement) -> str:
    return f"sign:{agreement.pk}"


def _pending(request: HttpRequest, agreement: Agreement) -> dict[str, str]:
    """The code that was asked for this signature, and for nothing else."""
    pending = request.session.get("sign_in", {})
    return dict(pending) if pending.get("confirms") == _purpose(agreement) else {}
