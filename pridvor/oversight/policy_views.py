"""Who may do what, as people read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from pridvor.accounts import policy, regions
from pridvor.accounts.access import staff_may
from pridvor.accounts.models import Role
from pridvor.accounts.policy import SCOPES, Rule


@staff_may("policy.read")
@require_GET
def who_may_do_what(request: HttpRequest) -> HttpResponse:
    """The table of accounts.policy: a line for each thing that staff do, and how far it reaches for which roles."""
    language = get_language() or "en"
    context = {
        "scopes": SCOPES.values(),
        "rows": [{"words": rule.words, "reach": _reach(rule)} for rule in policy.RULES],
        "regions": [(one.named(language), ", ".join(one.covers)) for one in regions.all_regions()],
        "section": "oversight",
    }
    return render(request, "oversight/policy.html", context)


def _reach(rule: Rule) -> list[tuple[str, str]]:
    """For each scope, in words, the roles that have it."""
    return [
        (str(words), ", ".join(str(role.label) for role in Role if rule.reach.get(role) is scope))
        for scope, words in SCOPES.items()
    ]
