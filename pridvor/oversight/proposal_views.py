"""Proposing a version of a journey, and approving it as a second person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pridvor.accounts import policy
from pridvor.accounts.access import me, staff_may
from pridvor.accounts.proof import proven
from pridvor.cases import proposals
from pridvor.cases.commands import Refused
from pridvor.cases.models import Proposal
from pridvor.journeys import queries as journeys
from pridvor.journeys import vocabulary
from pridvor.journeys.actions import CannotPublish
from pridvor.journeys.language import Unsound
from pridvor.lib import clock
from pridvor.oversight import proposals as pages

REFUSED = {
    "nothing-new": gettext_lazy("This is the text that is published already."),
    "second-person-must": gettext_lazy("Somebody else must approve what you proposed."),
    "somebody-else-must": gettext_lazy("Only who proposed it chooses the cases that move."),
    "stale": gettext_lazy(
        "Another version was published since. Propose it anew, so that you see what changes."
    ),
    "no-longer-open": gettext_lazy("This has been decided already."),
}
LARGEST = 200_000  # bytes


class ProposalForm(forms.Form):
    """The text of a journey, pasted or as a file, and why it changes."""

    source = forms.CharField(
        label=gettext_lazy("Journey (YAML)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "field-code"}),
        strip=False,
    )
    file = forms.FileField(label=gettext_lazy("or a file"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Why it changes"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        if file:
            if file.size > LARGEST:
                raise ValidationError(_("This file is too long for a journey."))
            try:
                given["source"] = file.read().decode()
            except UnicodeDecodeError:
                raise ValidationError(_("This file is not text in UTF-8.")) from None
        if not given.get("source"):
            raise ValidationError(_("Paste the journey, or choose its file."))
        given["source"] = given["source"].replace("\r\n", "\n")
        return given


@staff_may("journey.publish")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """A new version to be looked at by two; what is wrong with it is told with line and remedy, and nothing is lost."""
    if request.method == "GET":
        form = ProposalForm(initial={"source": _source(request.GET.get("of", ""))})
        return render(request, "oversight/propose.html", _context(form, []))
    form, problems = ProposalForm(request.POST, request.FILES), list[str]()
    if form.is_valid():
        try:
            made = proposals.propose(
                form.cleaned_data["source"],
                vocabulary.known(),
                note=form.cleaned_data["note"],
                actor=me(request).actor,
                now=clock.now(),
            )
            return redirect("oversight:proposal", made.public_id)
        except CannotPublish as error:
            problems = error.problems
        except Unsound as error:
            problems = [str(error)]
        except Refused as refused:
            problems = [str(REFUSED[str(refused)])]
        form = ProposalForm(initial=form.cleaned_data)
    return render(request, "oversight/propose.html", _context(form, problems))


@staff_may("journey.read")
@require_GET
def proposal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    page = pages.page(_proposal(public_id), me(request), get_language() or "en")
    acts = policy.may(me(request), "journey.publish")
    return render(request, "oversight/proposal.html", {"page": page, "acts": acts, "section": "oversight"})


@staff_may("journey.publish")
@proven()
@require_POST
def decide_proposal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """choose, approve, withdraw, or take back the move of its cases."""
    found, actor, now = _proposal(public_id), me(request).actor, clock.now()
    verb = request.POST.get("verb", "")
    try:
        if verb == "choose":
            picked = [int(case) for case in request.POST.getlist("case") if case.isdigit()]
            proposals.choose(found, picked, actor=actor, now=now)
            messages.success(request, _("Kept. Now somebody else approves it."))
        elif verb == "approve":
            proposals.approve(found, vocabulary.known(), actor=actor, now=now)
            messages.success(request, _("Published. The chosen cases move now."))
        elif verb == "withdraw":
            proposals.withdraw(found, actor=actor, now=now)
            messages.success(request, _("Left without effect."))
        elif verb == "take-back":
            proposals.take_back(found, actor=actor, now=now)
            messages.success(request, _("Moved back, except those that have gone on."))
    except Refused as refused:
        messages.error(request, str(REFUSED.get(str(refused), refused)))
    except CannotPublish as error:
        messages.error(request, "\n".join(error.problems))
    return redirect("oversight:proposal", public_id)


def _context(form: ProposalForm, problems: list[str]) -> dict[str, Any]:
    return {"form": form, "problems": problems, "section": "oversight"}


def _source(name: str) -> str:
    version = journeys.latest(name) if name else None
    return version.source if version else ""


def _proposal(public_id: UUID) -> Proposal:
    found = Proposal.objects.select_related("base", "version").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
