"""What every view of the chat API has in common.

Any page may call it: there are no cookies, so nothing is lent to that page. Limits are
taken before a token is looked at, so that guessing is slow as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.api.v1.chat.authentication import IsVisitor, VisitorAuthentication
from helpdesk.api.v1.chat.errors import answer_to
from helpdesk.api.v1.chat.parsers import JsonBody
from helpdesk.api.v1.chat.throttling import ADDRESS_REQUESTS, VISITOR_REQUESTS
from helpdesk.chat.models import Visitor
from helpdesk.core.limits import client_address, network_of, take

Answer = TypeVar("Answer", bound=HttpResponseBase)
CORS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept-Language",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "86400",
}


class PublicChatView(APIView):
    """For anybody; `max_body` is the most bytes that it reads."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[Any] = ()
    parser_classes: Sequence[type[BaseParser]] = (JsonBody,)
    renderer_classes = (JSONRenderer,)
    max_body = 64 * 1024

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.method == "OPTIONS":
            # A browser asks before it sends: the token is not there yet.
            return _open_to_every_page(HttpResponse(status=204))
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        take(ADDRESS_REQUESTS, self.network)
        _refuse_what_is_long(request, most=self.max_body)
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return _open_to_every_page(answer)

    def get_exception_handler(
        self,
    ) -> Callable[[Exception, Mapping[str, Any]], Response | None]:
        return answer_to

    @property
    def network(self) -> str:
        """Whose requests count together."""
        return network_of(client_address(self.request))


class ChatView(PublicChatView):
    """For a visitor who shows a valid token."""

    authentication_classes = (VisitorAuthentication,)
    permission_classes = (IsVisitor,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        take(VISITOR_REQUESTS, str(self.visitor.pk))

    @property
    def visitor(self) -> Visitor:
        """Whose token came with the request."""
        return cast("Visitor", self.request.auth)


def _refuse_what_is_long(request: Request, *, most: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > most:
        raise RequestDataTooBig


def _open_to_every_page(response: Answer) -> Answer:
    for name, value in CORS.items():
        response.headers[name] = value
    return response


class NothingHere(PublicChatView):
    """Any other address."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound
