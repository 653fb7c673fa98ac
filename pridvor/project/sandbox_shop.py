"""The demonstration's shop: the page at which the last page of the porch arrives. Absent otherwise."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from pridvor.accounts.access import declares
from pridvor.connectors import entrance
from pridvor.connectors.products.vendure import STAND_IN_ENTRANCE
from pridvor.connectors.sandbox_store import DatabaseStore
from pridvor.connectors.stand_ins import shop_window

COOKIE, STAY = "sandbox_shopper", 3600  # seconds


@require_GET
@declares("machine:stand-ins of the demo")
def enter(request: HttpRequest) -> HttpResponse:
    """As the plugin of a real shop does it: the token is read, used up, and gone from the address."""
    try:
        reference, used = entrance.read(request.GET.get("token", ""), STAND_IN_ENTRANCE, now=timezone.now())
    except ValueError:
        return redirect("sandbox:shop")
    answer = redirect("sandbox:shop")
    if shop_window.use(DatabaseStore(), used):
        answer.set_signed_cookie(COOKIE, reference, max_age=STAY, httponly=True, samesite="Lax")
    return answer


@require_GET
@declares("machine:stand-ins of the demo")
def home(request: HttpRequest) -> HttpResponse:
    """Who is here, what things cost them, and how they may pay."""
    reference = request.get_signed_cookie(COOKIE, default="", max_age=STAY)
    known = shop_window.visitor(DatabaseStore(), reference) if reference else None
    return render(request, "sandbox/shop.html", {"visitor": known or shop_window.stranger()})


urlpatterns = [
    path("shop/", home, name="shop"),
    path("shop/enter/", enter, name="shop-enter"),
]
