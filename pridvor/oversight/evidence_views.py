"""Evidence: whether the ledgers are whole, and one case's sealed file for others to verify."""

import io

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pridvor.accounts.access import me, staff_may
from pridvor.accounts.proof import proven
from pridvor.cases import queries as cases
from pridvor.cases.models import Case
from pridvor.evidence import exporting
from pridvor.lib import clock
from pridvor.oversight import evidence as pages


class ExportForm(forms.Form):
    """Which case, and why personal values are needed, if they are."""

    reference = forms.CharField(label=gettext_lazy("Reference of the case"), max_length=24)
    personal = forms.BooleanField(
        label=gettext_lazy("With personal values, for the reason given"), required=False
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=180,
        help_text=gettext_lazy("The client can read it in the list of who looked at their data."),
    )

    def clean_reference(self) -> Case:
        case = cases.by_exact_reference(self.cleaned_data["reference"])
        if case is None:
            raise ValidationError(_("There is no case of this reference."))
        return case

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("personal") and not said.get("reason", "").strip():
            self.add_error("reason", _("Say why personal values are needed."))


@staff_may("evidence.export")
@require_http_methods(["GET", "POST"])
@proven()
def evidence(request: HttpRequest) -> HttpResponse:
    form = ExportForm(request.POST) if request.method == "POST" else ExportForm()
    if request.method == "POST" and form.is_valid():
        return _export(form, request)
    context = {"page": pages.page(), "form": form, "section": "oversight"}
    return render(request, "oversight/evidence.html", context, status=422 if form.is_bound else 200)


def _export(form: ExportForm, request: HttpRequest) -> HttpResponse:
    """Made in memory: personal values do not pass through a file of this machine."""
    case, now, target = form.cleaned_data["reference"], clock.now(), io.BytesIO()
    wanted = {"personal": form.cleaned_data["personal"], "reason": form.cleaned_data["reason"]}
    exporting.export(case, target, actor=me(request).actor, now=now, **wanted)
    name = pages.file_name(case.reference, now)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(target.getvalue(), content_type="application/zip", headers=headers)
