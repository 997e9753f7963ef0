"""A visitor reads their conversations, and says how far, and how they went."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from helpdesk.api.v1.chat.refusals import refusals
from helpdesk.api.v1.chat.shapes import (
    LONGEST_SEQ,
    ConversationShown,
    ConversationsShown,
    MessagesShown,
    NewsShown,
    RatingSent,
    Sent,
    TranscriptSent,
    TypingSent,
    UpToSent,
)
from helpdesk.api.v1.chat.showing import (
    conversation_as_json,
    message_as_json,
    moment,
)
from helpdesk.api.v1.chat.throttling import ADDRESS_TRANSCRIPTS
from helpdesk.api.v1.chat.views import ChatView
from helpdesk.chat.actions.ending import end_chat, rate_chat
from helpdesk.chat.actions.reading import mark_delivered, mark_seen
from helpdesk.chat.actions.transcripts import send_transcript
from helpdesk.chat.events import VisitorTyping
from helpdesk.chat.listing import (
    MESSAGES,
    MOST_MESSAGES,
    Chat,
    Place,
    chat_of,
    list_chats,
    messages_of,
    news_for,
)
from helpdesk.chat.queries import conversation_of
from helpdesk.core.events import emit
from helpdesk.core.limits import take
from inbox.models import Conversation

OVERLAP: Final = timedelta(seconds=5)
"""What is being written as somebody asks for news comes with the next answer."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE: Final = re.compile(r"([0-9]{1,17})_([0-9a-f]{32})", re.ASCII)
_DONE: Final = status.HTTP_204_NO_CONTENT


class ConversationsView(ChatView):
    """`conversations/`"""

    @extend_schema(
        operation_id="listConversations",
        parameters=[OpenApiParameter("before", str, description="`next` of a page.")],
        responses=ConversationsShown,
    )
    def get(self, request: Request) -> Response:
        page = list_chats(self.visitor, before=_place(request))
        return Response(
            {
                "results": [conversation_as_json(chat) for chat in page.chats],
                "next": _token(page.next) if page.next else None,
            }
        )


class OwnConversationView(ChatView):
    """For an address below `conversations/<id>/`."""

    def conversation(self) -> Conversation:
        """:raises Http404: if it is none of the visitor's"""
        with refusals():
            return conversation_of(self.visitor, self.kwargs["public_id"])

    def chat(self) -> Chat:
        """:raises Http404: if it is none of the visitor's"""
        with refusals():
            return chat_of(self.visitor, self.kwargs["public_id"])


class ConversationView(OwnConversationView):
    """`conversations/<id>/`"""

    @extend_schema(operation_id="readConversation", responses=ConversationShown)
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        return Response(conversation_as_json(self.chat()))


class ConversationMessagesView(OwnConversationView):
    """`conversations/<id>/messages/`"""

    @extend_schema(
        operation_id="readMessages",
        parameters=[
            OpenApiParameter("after", int, description="Only those after this seq."),
            OpenApiParameter("before", int, description="The newest before this seq."),
            OpenApiParameter("limit", int, description="50, and 100 at most."),
        ],
        responses=MessagesShown,
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        chat = self.chat()
        limit = _number(request, "limit")
        page = messages_of(
            self.visitor,
            conversation=chat.conversation,
            after=_number(request, "after"),
            before=_number(request, "before"),
            limit=min(max(1, MESSAGES if limit is None else limit), MOST_MESSAGES),
        )
        results = [
            message_as_json(item, visitor=self.visitor, state=chat.state)
            for item in page.items
        ]
        return Response(
            {
                "results": results,
                "has_more": page.has_more,
                "conversation": conversation_as_json(chat),
            }
        )


class SeenView(OwnConversationView):
    """`conversations/<id>/seen/`"""

    @extend_schema(operation_id="markSeen", request=UpToSent, responses={204: None})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        seq = _valid(UpToSent(data=request.data))["seq"]
        mark_seen(visitor=self.visitor, conversation=self.conversation(), seq=seq)
        return Response(status=_DONE)


class DeliveredView(OwnConversationView):
    """`conversations/<id>/delivered/`"""

    @extend_schema(
        operation_id="markDelivered", request=UpToSent, responses={204: None}
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        seq = _valid(UpToSent(data=request.data))["seq"]
        mark_delivered(visitor=self.visitor, conversation=self.conversation(), seq=seq)
        return Response(status=_DONE)


class TypingView(OwnConversationView):
    """`conversations/<id>/typing/`: for clients without a socket."""

    @extend_schema(operation_id="typing", request=TypingSent, responses={204: None})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        is_on = _valid(TypingSent(data=request.data))["on"]
        emit(
            VisitorTyping(
                conversation_id=self.conversation().pk,
                visitor_id=self.visitor.pk,
                is_on=is_on,
            )
        )
        return Response(status=_DONE)


class EndView(OwnConversationView):
    """`conversations/<id>/end/`"""

    @extend_schema(operation_id="endConversation", request=None, responses={204: None})
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        end_chat(conversation=self.conversation())
        return Response(status=_DONE)


class RatingView(OwnConversationView):
    """`conversations/<id>/rating/`"""

    @extend_schema(
        operation_id="rateConversation", request=RatingSent, responses={204: None}
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        sent = _valid(RatingSent(data=request.data))
        rate_chat(
            conversation=self.conversation(),
            score=sent["score"],
            comment=sent["comment"],
        )
        return Response(status=_DONE)


class TranscriptView(OwnConversationView):
    """`conversations/<id>/transcript/`"""

    @extend_schema(
        operation_id="mailTranscript", request=TranscriptSent, responses={202: None}
    )
    def post(self, request: Request, public_id: uuid.UUID) -> Response:
        email = _valid(TranscriptSent(data=request.data)).get("email") or ""
        conversation = self.conversation()
        take(ADDRESS_TRANSCRIPTS, self.network)
        with refusals():
            send_transcript(
                visitor=self.visitor, conversation=conversation, email=email
            )
        return Response({}, status=status.HTTP_202_ACCEPTED)


BELOW: Final = {
    "messages": ConversationMessagesView,
    "seen": SeenView,
    "delivered": DeliveredView,
    "typing": TypingView,
    "end": EndView,
    "rating": RatingView,
    "transcript": TranscriptView,
}
"""The addresses below `conversations/<id>/`."""


class NewsView(ChatView):
    """`news/`: for clients without a socket."""

    @extend_schema(
        operation_id="readNews",
        parameters=[OpenApiParameter("since", str, description="`at` of the last.")],
        responses=NewsShown,
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        news = news_for(self.visitor, since=_since(request))
        return Response(
            {
                "conversations": [
                    {"id": str(each.public_id), "last_seq": each.last_seq}
                    for each in news
                ],
                "at": moment(now - OVERLAP),
            }
        )


def _valid(shape: Sent) -> dict[str, Any]:
    shape.is_valid(raise_exception=True)
    known: dict[str, Any] = shape.validated_data
    return known


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise _not_valid(name, serializers.IntegerField)
    return min(int(text[:12]), LONGEST_SEQ)


def _since(request: Request) -> datetime | None:
    text = request.query_params.get("since", "").replace(" ", "+")
    if not text:
        return None
    try:
        since = datetime.fromisoformat(text)
        return since.astimezone(UTC) if since.tzinfo else since.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _not_valid("since", serializers.RegexField) from None


def _not_valid(
    name: str, kind: type[serializers.IntegerField | serializers.RegexField]
) -> ValidationError:
    """Name the part of the address that cannot be understood."""
    return ValidationError({name: [kind.default_error_messages["invalid"]]})


def _token(place: Place) -> str:
    number = (place.at - _EPOCH) // timedelta(microseconds=1)
    return f"{number}_{place.public_id.hex}"


def _place(request: Request) -> Place | None:
    text = request.query_params.get("before", "")
    if not text:
        return None
    match = _PLACE.fullmatch(text)
    if match is None:
        raise _not_valid("before", serializers.RegexField)
    at = _EPOCH + timedelta(microseconds=int(match[1]))
    return Place(at=at, public_id=uuid.UUID(match[2]))
