"""A visitor writes: it is kept first, and read from there like a mail."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from channels_ingest.providers.chat.settings import chat_settings
from helpdesk.api.v1.chat.following import may_be_followed
from helpdesk.api.v1.chat.parsers import JsonBody, MultipartBody, json_in
from helpdesk.api.v1.chat.refusals import refusals
from helpdesk.api.v1.chat.shapes import (
    AcceptedShown,
    MessageSent,
    MultipartMessageSent,
)
from helpdesk.api.v1.chat.showing import message_as_json
from helpdesk.api.v1.chat.storable import storable
from helpdesk.api.v1.chat.throttling import (
    ADDRESS_FILES,
    VISITOR_FILES,
    VISITOR_MESSAGES,
)
from helpdesk.api.v1.chat.views import ChatView
from helpdesk.chat.actions.writing import Written, accept_message
from helpdesk.chat.file_rules import MAX_BYTES, MAX_FILES, FileTooLarge, TooManyFiles
from helpdesk.chat.listing import newest_of
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.chat.origins import is_allowed_origin
from helpdesk.chat.pages import bare_address
from helpdesk.core.files import raster_type
from helpdesk.core.limits import take
from inbox.contract import Attachment
from inbox.models import Channel

MAX_TITLE: Final = 300
UNKNOWN_TYPE: Final = "application/octet-stream"


class MessagesView(ChatView):
    """`messages/`"""

    parser_classes = (JsonBody, MultipartBody)
    max_body = MAX_BYTES + 1024 * 1024

    @extend_schema(
        operation_id="writeMessage",
        request={
            "application/json": MessageSent,
            "multipart/form-data": MultipartMessageSent,
        },
        responses={202: AcceptedShown},
    )
    def post(self, request: Request) -> Response:
        take(VISITOR_MESSAGES, str(self.visitor.pk))
        if not _is_json(request):
            take(VISITOR_FILES, str(self.visitor.pk))
            take(ADDRESS_FILES, self.network)
        with refusals():
            written = _written(request, channel=self.visitor.channel)
            kept = accept_message(visitor=self.visitor, written=written)
        answer = {
            "client_id": str(written.client_id),
            "state": "accepted",
            **_placed(
                written,
                visitor=self.visitor,
                have_files=bool(written.files) or not kept.is_new,
            ),
        }
        return Response(answer, status=status.HTTP_202_ACCEPTED)


def _placed(written: Written, *, visitor: Visitor, have_files: bool) -> dict[str, Any]:
    """Return the message as it can be fetched, if it has become the newest already.

    Only where the client named the conversation: of a new one it knows nothing yet.
    """
    nothing = {"message": None, "after": None}
    if written.conversation is None:
        return nothing
    newest = newest_of(visitor, written.conversation, limit=2, have_files=have_files)
    for last in newest[-1:]:
        shown = message_as_json(last, visitor=visitor, state=ChatState())
        if shown["client_id"] == str(written.client_id):
            return {"message": shown, "after": newest[0].seq if newest[1:] else 0}
    return nothing


def _is_json(request: Request) -> bool:
    """Whether there can be no files in it, told before any is read."""
    return str(request.content_type).partition(";")[0].strip().endswith("/json")


def _written(request: Request, *, channel: Channel) -> Written:
    files = request.FILES.getlist("files")
    sent: Any = request.data
    if isinstance(sent, QueryDict):
        sent = json_in(str(sent.get("message", "")))
    shape = MessageSent(data=sent)
    shape.is_valid(raise_exception=True)
    known = shape.validated_data
    return Written(
        client_id=known["client_id"],
        conversation=known.get("conversation"),
        topic=known.get("topic"),
        text=known["text"],
        files=_attachments(files),
        form={answer["name"]: answer["value"] for answer in known["form"]},
        page=_page(known.get("page") or {}, request=request, channel=channel),
        invitation=known["invitation"],
        sent_at=known.get("sent_at"),
    )


def _attachments(files: Sequence[Any]) -> tuple[Attachment, ...]:
    """Read what was sent along, unless it is too much to be looked at."""
    if len(files) > MAX_FILES:
        raise TooManyFiles
    if sum(file.size or 0 for file in files) > MAX_BYTES:
        raise FileTooLarge(MAX_BYTES)
    return tuple(map(_attachment, files))


def _attachment(file: Any) -> Attachment:
    """Read one file; what calls itself a picture and is none is no picture."""
    content = file.read()
    claimed = storable(file.content_type or "")
    raster = raster_type(content[:16])
    is_liar = claimed.lower().startswith("image/") and not raster
    return Attachment(
        name=storable(file.name or ""),
        content_type=raster or ("" if is_liar else claimed) or UNKNOWN_TYPE,
        content=content,
    )


def _page(
    sent: Mapping[str, str], *, request: Request, channel: Channel
) -> dict[str, str]:
    """Return the page somebody wrote from, if it may be known where they are."""
    settings = chat_settings(channel.config)
    if not sent or not may_be_followed(request, settings):
        return {}
    url = bare_address(sent.get("url"))
    is_elsewhere = not is_allowed_origin(url, domains=settings.domains)
    if channel.kind == "webchat" and is_elsewhere:
        url = ""
    page = {"title": " ".join(sent.get("title", "").split())[:MAX_TITLE], "url": url}
    return page if any(page.values()) else {}
