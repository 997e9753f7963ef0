"""What a view may expect of a request, and the few answers they all share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.middleware import HtmxDetails

from helpdesk.accounts.models import User

FRAGMENT_HEADERS = ("HX-Request", "HX-Request-Type", "HX-Target")


class AgentRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails


def wants_fragment(request: HttpRequest) -> bool:
    """Whether the page asks for a part of itself.

    Going back in history and replacing the whole body need the whole page.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if not htmx or htmx.history_restore_request or htmx.boosted:
        return False
    return htmx.request_type != "full"


def private(response: HttpResponse) -> HttpResponse:
    """Keep what agents see out of every cache; parts and pages share addresses."""
    patch_vary_headers(response, FRAGMENT_HEADERS)
    patch_cache_control(response, private=True, no_store=True)
    return response


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page or a part of one that only this agent may see."""
    return private(render(request, template, context, status=status))


P = ParamSpec("P")
View = Callable[Concatenate[AgentRequest, P], HttpResponseBase]


def needs(capability: str) -> Callable[[View[P]], View[P]]:
    """Refuse with 403 whoever's role does not grant `capability`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: AgentRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.can(capability):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
