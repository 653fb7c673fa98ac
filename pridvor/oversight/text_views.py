"""Legal texts: their versions, and publishing the next one in both languages, after looking at it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Staff
from pridvor.accounts.proof import proven
from pridvor.lib import clock
from pridvor.privacy import texts
from pridvor.privacy.models import LegalText
from pridvor.ui import reader


class TextForm(forms.Form):
    """The next version, in every language."""

    title_en = forms.CharField(label=gettext_lazy("Title in English"), max_length=120)
    body_en = forms.CharField(
        label=gettext_lazy("Text in English"), max_length=40_000, widget=forms.Textarea(attrs={"rows": 12})
    )
    title_ro = forms.CharField(label=gettext_lazy("Title in Romanian"), max_length=120)
    body_ro = forms.CharField(
        label=gettext_lazy("Text in Romanian"), max_length=40_000, widget=forms.Textarea(attrs={"rows": 12})
    )
    asks_again = forms.BooleanField(
        label=gettext_lazy("Whoever agreed to an earlier version is asked again"), required=False
    )


@staff_may("legal.publish")
@require_GET
def legal_texts(request: HttpRequest) -> HttpResponse:
    language = reader.language()
    rows = [
        {"text": text, "title": text.said("title", language)}
        for text in (texts.current(kind) for kind in LegalText.Kind.values)
    ]
    return render(request, "oversight/legal_texts.html", {"rows": rows, "section": "oversight"})


@staff_may("legal.publish")
@proven(lambda request, **named: request.method == "POST" and "preview" not in request.POST)
@require_http_methods(["GET", "POST"])
def legal_text(request: HttpRequest, kind: str) -> HttpResponse:
    """The versions of one text, and the next one: looked at first, then published."""
    if kind not in LegalText.Kind.values:
        raise Http404
    form = TextForm(request.POST) if request.method == "POST" else TextForm(initial=_initial(kind))
    if request.method == "GET" or not form.is_valid():
        return _page(request, kind, form, status=200 if request.method == "GET" else 422)
    if "preview" in request.POST:
        return _page(request, kind, form, preview=_preview(form.cleaned_data))
    assert isinstance(request.user, Staff)
    said = form.cleaned_data
    texts.publish(
        kind,
        {language: said[f"title_{language}"] for language in texts.LANGUAGES},
        {language: said[f"body_{language}"].replace("\r\n", "\n") for language in texts.LANGUAGES},
        asks_again=said["asks_again"],
        actor=request.user.actor,
        now=clock.now(),
    )
    messages.success(request, _("Published. It counts from now on."))
    return redirect("oversight:legal_texts")


# -- how


def _initial(kind: str) -> dict[str, Any]:
    text = texts.current(kind)
    words = {
        f"{column}_{language}": text.said(column, language)
        for column in ("title", "body")
        for language in texts.LANGUAGES
    }
    return {**words, "asks_again": True}


def _preview(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "language": language,
            "title": said[f"title_{language}"],
            "body": said[f"body_{language}"].replace("\r\n", "\n").split("\n\n"),
        }
        for language in texts.LANGUAGES
    ]


def _page(
    request: HttpRequest, kind: str, form: TextForm, *, preview: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "versions": texts.versions(kind),
        "title": texts.current(kind).said("title", reader.language()),
        "preview": preview,
        "section": "oversight",
    }
    return render(request, "oversight/legal_text.html", context, status=status)
