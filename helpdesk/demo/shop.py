"""The sample shop: a few pages with the chat of the desk on them. Sample desk only."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from helpdesk.demo.catalog import MOST_OF_ONE, Product, lines_of, products
from helpdesk.demo.script import Person, load_story
from helpdesk.demo.shop_identity import signed_identity
from helpdesk.demo.views import only_in_demo
from inbox.models import Channel

BASKET, CUSTOMER, LEAVING = "shop_basket", "shop_customer", "shop_is_leaving"
WHO_MAY_SIGN_IN = "maya"
"""The shop knows more customers, but one switch is enough to try it out."""


@only_in_demo
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The shelf."""
    return _page(request, "demo/shop/home.html", products=products().values())


@only_in_demo
@never_cache
@require_safe
def product(request: HttpRequest, key: str) -> HttpResponseBase:
    """One product."""
    return _page(request, "demo/shop/product.html", product=_product_or_404(key))


@only_in_demo
@never_cache
@require_safe
def check_out(request: HttpRequest) -> HttpResponseBase:
    """What is in the basket; nothing is ever bought."""
    lines = lines_of(_basket(request))
    total = sum((line.total for line in lines), Decimal())
    return _page(request, "demo/shop/check_out.html", lines=lines, total=total)


@only_in_demo
@require_POST
def put_in_basket(request: HttpRequest, key: str) -> HttpResponseBase:
    """One more of it."""
    chosen = _product_or_404(key)
    basket = _basket(request)
    basket[chosen.key] = min(int(basket.get(chosen.key, 0)) + 1, MOST_OF_ONE)
    request.session[BASKET] = basket
    return redirect("demo:shop-check-out")


@only_in_demo
@require_POST
def take_out(request: HttpRequest, key: str) -> HttpResponseBase:
    """None of it any more."""
    request.session[BASKET] = {k: n for k, n in _basket(request).items() if k != key}
    return redirect("demo:shop-check-out")


@only_in_demo
@require_POST
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Be the customer that the shop vouches for."""
    request.session[CUSTOMER] = WHO_MAY_SIGN_IN
    return redirect("demo:shop")


@only_in_demo
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Be nobody; the next page tells the chat to forget who it was."""
    request.session.pop(CUSTOMER, None)
    request.session[LEAVING] = True
    return redirect("demo:shop")


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    customer = load_story().people.get(request.session.get(CUSTOMER, ""))
    shared = {
        "brand": load_story().brand["name"],
        "customer": customer,
        "basket_count": sum(line.count for line in lines_of(_basket(request))),
        **_chat(request, customer),
    }
    return render(request, template, {**shared, **context})


def _chat(request: HttpRequest, customer: Person | None) -> dict[str, Any]:
    """Return what a page needs for the chat: its script, and who is signed in."""
    address = load_story().chat["key"]
    channel = Channel.objects.active().filter(kind="webchat", address=address).first()
    if channel is None:
        return {}
    identity = (
        signed_identity(customer, channel=channel, now=timezone.now())
        if customer
        else ""
    )
    return {
        "chat_source": request.build_absolute_uri(f"/chat/{address}/widget.js"),
        "identity": identity,
        "is_leaving": bool(request.session.pop(LEAVING, False)),
    }


def _basket(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(BASKET) or {})


def _product_or_404(key: str) -> Product:
    found = products().get(key)
    if found is None:
        raise Http404
    return found
