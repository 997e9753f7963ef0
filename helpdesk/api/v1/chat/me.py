"""A visitor reads, corrects and deletes what is known of them."""

from typing import Any

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.providers.chat.settings import Rules, chat_settings
from helpdesk.api.v1.chat.claims import claims_in, object_in
from helpdesk.api.v1.chat.views import ChatView
from helpdesk.chat.actions.forgetting import forget_visitor
from helpdesk.chat.actions.sessions import update_visitor
from helpdesk.chat.models import Visitor
from helpdesk.chat.rules import rules_for
from helpdesk.chat.tokens import TokenInvalid


class MeView(ChatView):
    """`me/`"""

    def get(self, request: Request) -> Response:
        return Response(me_as_json(self.visitor))

    def patch(self, request: Request) -> Response:
        claims = claims_in(object_in(request))
        try:
            with_claims = update_visitor(visitor_id=self.visitor.pk, claims=claims)
        except TokenInvalid:
            raise AuthenticationFailed from None
        return Response(me_as_json(with_claims))

    def delete(self, request: Request) -> Response:
        forget_visitor(visitor_id=self.visitor.pk, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def me_as_json(visitor: Visitor) -> dict[str, Any]:
    """Return a visitor as they may see themselves; an address is never a proven one."""
    settings = chat_settings(visitor.channel.config)
    return {
        "id": str(visitor.public_id),
        "name": visitor.claimed_name,
        "email": visitor.claimed_email,
        "is_known": visitor.is_proven,
        "user_id": _user_id(visitor),
        "language": visitor.locale,
        "attributes": visitor.attributes,
        "rules": rules_as_json(rules_for(visitor, settings)),
    }


def rules_as_json(rules: Rules) -> dict[str, bool]:
    return {
        "may_start": rules.may_start,
        "may_reply_to_closed": rules.may_reply_to_closed,
        "may_have_several": rules.may_have_several,
    }


def _user_id(visitor: Visitor) -> str | None:
    if not visitor.is_proven:
        return None
    return visitor.identity.value.removeprefix("user:")
