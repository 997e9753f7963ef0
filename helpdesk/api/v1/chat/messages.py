"""A visitor writes: it is kept first, and read from there like a mail."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

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
from helpdesk.chat.actions.writing import (
    MAX_BYTES,
    MAX_FILES,
    FileTooLarge,
    TooManyFiles,
    Written,
    accept_message,
)
from helpdesk.chat.listing import newest_of
from helpdesk.chat.models import ChatState, Visitor
from helpdesk.core.files import raster_type
from helpdesk.core.limits import take
from inbox.contract import Attachment

MAX_TITLE: Final = 300
UNKNOWN_TYPE: Final = "application/octet-stream"
MAX_URL: Final = 2000


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
            written = _written(request)
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


def _written(request: Request) -> Written:
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
        page=_page(known.get("page") or {}),
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


def _page(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the page somebody wrote from; only addresses of websites are kept."""
    title, url = sent.get("title", "")[:MAX_TITLE], sent.get("url", "")[:MAX_URL]
    page = {"title": " ".join(title.split()), "url": url if _is_web(url) else ""}
    return page if any(page.values()) else {}


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False
