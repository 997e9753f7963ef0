"""Who asks: a visitor, known by the token in the `Authorization` header alone.

No session and no cookie says anything here, so there is nothing that another site
could make a browser send for somebody.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from helpdesk.chat.models import Visitor
from helpdesk.chat.tokens import TokenInvalid, visitor_of


class VisitorAuthentication(BaseAuthentication):
    """`Authorization: Bearer <visitor token>`; the visitor is then `request.auth`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Visitor] | None:
        token = bearer_of(request)
        if token is None:
            return None
        try:
            return AnonymousUser(), visitor_of(token)
        except TokenInvalid:
            raise AuthenticationFailed from None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsVisitor(BasePermission):
    """A valid token was shown."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Visitor)


def bearer_of(request: Any) -> str | None:
    """Return the token that a request carries; None if it carries none at all."""
    scheme, _, token = get_authorization_header(request).partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    return str(token.strip().decode("ascii", errors="replace"))
