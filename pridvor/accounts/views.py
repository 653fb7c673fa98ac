"""Pages of one's own account that allauth does not bring."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pridvor.accounts import sessions
from pridvor.accounts.access import declares
from pridvor.accounts.models import Staff


@declares("account:own sessions")
@login_required
@require_POST
def end_session(request: HttpRequest, key: int) -> HttpResponse:
    """Signs one's own session out somewhere else."""
    assert isinstance(request.user, Staff)
    if not sessions.end(request.user, key):
        raise Http404
    messages.success(request, _("That session has ended. Whoever used it has to sign in again."))
    return redirect("usersessions_list")
