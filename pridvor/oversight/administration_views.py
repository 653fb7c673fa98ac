"""The administrator's first page, what was changed by whom, and the regions."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from pridvor.accounts import actions, regions
from pridvor.accounts.access import me, staff_may
from pridvor.accounts.actions import CannotChange
from pridvor.accounts.models import Region
from pridvor.accounts.proof import proven
from pridvor.lib import clock, text
from pridvor.oversight import administration as shown
from pridvor.oversight.staff_pages import REFUSALS

PLACE = re.compile(r"([A-Za-z]{2})(?:\s*:\s*(.{1,100}))?")


class RegionForm(forms.Form):
    """A region: its code for ever, its name in each language, and the places of which it is."""

    code = forms.SlugField(
        label=gettext_lazy("Code"), max_length=20, help_text=gettext_lazy("Small letters; it never changes.")
    )
    name_ro = forms.CharField(label=gettext_lazy("Name in Romanian"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    covers = forms.CharField(
        label=gettext_lazy("Places"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "One on each line: RO a whole country, RO: Brașov one county of it; the county counts."
        ),
    )

    def clean_covers(self) -> list[str]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["covers"].splitlines())):
            match = PLACE.fullmatch(line)
            if match is None:
                raise forms.ValidationError(_("This line is no place: %(line)s") % {"line": line})
            county = f":{text.fold(match[2])}" if match[2] else ""
            found.append(f"{match[1].upper()}{county}")
        return found


@staff_may("company.manage")
@require_GET
def administration(request: HttpRequest) -> HttpResponse:
    tasks = shown.tasks(clock.now())
    context = {"tasks": tasks, "left": sum(not task.done for task in tasks), "section": "administration"}
    return render(request, "oversight/administration.html", context)


@staff_may("company.manage")
@require_GET
def all_changes(request: HttpRequest) -> HttpResponse:
    context = {"changes": shown.changes(), "section": "administration"}
    return render(request, "oversight/changes.html", context)


@staff_may("company.manage")
@require_GET
def all_regions(request: HttpRequest) -> HttpResponse:
    language = get_language() or "en"
    rows = [
        {
            "url": reverse("oversight:region", args=[one.code]),
            "title": one.named(language),
            "note": ", ".join(one.covers) or _("no place of its own"),
            "aside": one.code,
        }
        for one in regions.all_regions()
    ]
    return render(request, "oversight/regions.html", {"rows": rows, "section": "administration"})


@staff_may("company.manage")
@proven()
@require_http_methods(["GET", "POST"])
def region(request: HttpRequest, code: str) -> HttpResponse:
    """One region, or with the code `new` another one."""
    found = None if code == "new" else get_object_or_404(Region, pk=code)
    form = RegionForm(request.POST or None, initial=_initial(found))
    if found:
        form.fields["code"].disabled = True
    if request.method == "POST" and form.is_valid() and _drawn(request, form, found):
        messages.success(request, _("Kept. It holds for cases that are opened from now on."))
        return redirect("oversight:regions")
    context = {"form": form, "region": found, "section": "administration"}
    return render(request, "oversight/region.html", context, status=422 if form.errors else 200)


# -- how


def _initial(found: Region | None) -> dict[str, Any]:
    if found is None:
        return {}
    names = {f"name_{language}": found.name.get(language, "") for language in ("ro", "en")}
    return {"code": found.code, **names, "covers": "\n".join(found.covers)}


def _drawn(request: HttpRequest, form: RegionForm, found: Region | None) -> bool:
    said = form.cleaned_data
    if found is None and (said["code"] == "new" or Region.objects.filter(pk=said["code"]).exists()):
        form.add_error("code", _("This code is taken."))
        return False
    names = {language: said[f"name_{language}"] for language in ("ro", "en")}
    try:
        actions.draw_region(said["code"], names, said["covers"], actor=me(request).actor, now=clock.now())
    except CannotChange as refused:
        form.add_error("covers", str(REFUSALS[refused.code]))
        return False
    return True
