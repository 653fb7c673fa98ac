"""The administrator's page of the company: its name, whom to turn to, how its mails and pages look."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from pridvor.accounts.access import me, staff_may
from pridvor.accounts.proof import proven
from pridvor.company import accent, actions
from pridvor.company.fields import HOUSE
from pridvor.company.reading import company
from pridvor.documents import sandbox
from pridvor.lib import clock

LARGEST = 1_000_000  # bytes of a logo
SECONDS = 10.0


class CompanyForm(forms.Form):
    """What every page, letter and paper says of the company."""

    name = forms.CharField(label=HOUSE["name"], max_length=120)
    contact = forms.CharField(label=HOUSE["contact"], max_length=120)
    phone = forms.CharField(label=HOUSE["phone"], max_length=40)
    email = forms.EmailField(label=HOUSE["email"], max_length=254)
    sender_name = forms.CharField(label=HOUSE["sender_name"], max_length=120)
    sender_address = forms.EmailField(
        label=HOUSE["sender_address"],
        max_length=254,
        help_text=gettext_lazy(
            "Of a domain whose mail server sends for you, else mails are taken for forged."
        ),
    )
    language = forms.ChoiceField(label=HOUSE["language"], choices=[("ro", "Română"), ("en", "English")])
    zone = forms.ChoiceField(label=HOUSE["zone"])
    accent = forms.CharField(
        label=HOUSE["accent"],
        required=False,
        max_length=7,
        help_text=gettext_lazy("As #rrggbb, for what is to be done next. Empty: the house's own."),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone]
        self.fields["zone"].choices = zones  # type: ignore[attr-defined]

    def clean_accent(self) -> str:
        said = str(self.cleaned_data["accent"]).strip().lower()
        try:
            if said:
                accent.check(said)
        except accent.Unreadable as refused:
            raise forms.ValidationError(
                _("Words in this colour could not be read. The nearest that can: %(nearest)s")
                % {"nearest": refused.nearest}
            ) from None
        except ValueError:
            raise forms.ValidationError(_("Write it as # and six digits, for example #a14b2e.")) from None
        return said


@staff_may("company.manage")
@proven()
@require_http_methods(["GET", "POST"])
def our_company(request: HttpRequest) -> HttpResponse:
    ours = company()
    form = CompanyForm(
        request.POST or None, initial={name: getattr(ours, name) for name in HOUSE if name != "logo"}
    )
    if request.method == "POST" and form.is_valid():
        actions.change(
            {name: form.cleaned_data[name] for name in form.changed_data},
            actor=me(request).actor,
            now=clock.now(),
        )
        messages.success(request, _("Kept. It is shown from now on."))
        return redirect("oversight:company")
    return _page(request, form)


@csrf_exempt  # the check reads the form, which may happen only once the handler below stands: see documents.intake
@staff_may("company.manage")
@require_POST
def logo(request: HttpRequest) -> HttpResponseBase:
    """Takes a picture, which is drawn anew from its pixels; nothing of the file itself is kept."""
    request.upload_handlers = [
        MemoryFileUploadHandler(request)
    ]  # of what is larger than memory allows, nothing
    return _take_logo(request)


# -- how


@csrf_protect
@proven()
def _take_logo(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("logo")
    content = file.read() if file else b""
    if "remove" not in request.POST and not 0 < len(content) <= LARGEST:
        messages.error(request, _("Choose a PNG, JPEG or WebP picture of at most 1 MB."))
        return redirect("oversight:company")
    try:
        drawn = b"" if "remove" in request.POST else sandbox.run("logo", [content], seconds=SECONDS).made
    except sandbox.Failed:
        messages.error(request, _("This file is no picture that we can read. PNG, JPEG and WebP are."))
        return redirect("oversight:company")
    actions.set_logo(drawn, actor=me(request).actor, now=clock.now())
    messages.success(request, _("Kept. It is shown from now on."))
    return redirect("oversight:company")


def _page(request: HttpRequest, form: CompanyForm) -> HttpResponse:
    context = {"form": form, "section": "administration"}
    return render(request, "oversight/company.html", context, status=422 if form.errors else 200)
