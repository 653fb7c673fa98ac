"""The staff's way on to a client's pages: a reason and a fresh proof first; and the way off them."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.accounts.proof import proven
from pridvor.cases import queries as cases
from pridvor.cases import support
from pridvor.lib import clock
from pridvor.portal import door
from pridvor.portal.forms import NEEDED


class WhyForm(forms.Form):
    why = forms.CharField(
        label=gettext_lazy("Why do you look?"),
        help_text=gettext_lazy("The client reads this sentence."),
        min_length=10,
        max_length=300,
        error_messages=NEEDED,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_may(support.ABILITY)
@proven()
def begin(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks for the reason; then the client's own page, to read."""
    case = cases.case(public_id)
    if case is None:
        raise Http404
    form = WhyForm(door.posted(request))
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, Staff)
        visit = support.begin(case, form.cleaned_data["why"], actor=request.user.actor, now=clock.now())
        request.session[support.KEY] = support.kept(visit)
        return redirect("portal:case", case.public_id)
    return door.page(request, "support", {"case": case, "form": form})


@require_POST
@staff_may(support.ABILITY)
def end(request: HttpRequest) -> HttpResponse:
    """Off the client's pages."""
    request.session.pop(support.KEY, None)
    messages.success(request, _("You look at the client's pages no more."))
    return redirect("portal:porch")
