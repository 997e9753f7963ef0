"""Files that agents put into what they write: stored before they are named."""

from typing import TYPE_CHECKING

from django.conf import settings

from helpdesk.accounts.http import AgentRequest
from helpdesk.core.files import delete_file, safe_name, store_file
from inbox.actions.drafts import TooManyFiles, add_upload
from inbox.actions.receiving import StoredAttachment
from inbox.models import Conversation, Upload

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

GENERIC = "application/octet-stream"


class FileTooLarge(Exception):
    """No mail server would take it."""


def keep_file(
    request: AgentRequest,
    topic: Conversation,
    file: "UploadedFile[bytes]",
    *,
    is_inline: bool,
) -> Upload:
    """Store one file of the agent's draft.

    A picture is shown inside the text only if its bytes say that it is one.

    :raises FileTooLarge: if it could not be sent
    :raises TooManyFiles: if the draft is full
    """
    if (file.size or 0) > settings.MAIL_MAX_BYTES * 3 // 4:
        raise FileTooLarge
    stored = store_file(file.chunks())
    try:
        return add_upload(
            conversation=topic,
            agent=request.user,
            file=StoredAttachment(
                name=safe_name(file.name or ""),
                content_type=stored.image_type or _kept_type(file),
                size=stored.size,
                sha256=stored.sha256,
                stored_name=stored.stored_name,
                is_inline=is_inline and bool(stored.image_type),
            ),
        )
    except TooManyFiles:
        delete_file(stored.stored_name)
        raise


def _kept_type(file: "UploadedFile[bytes]") -> str:
    given = (file.content_type or GENERIC).partition(";")[0].strip().lower()
    is_plausible = len(given) < 100 and given.isascii() and given.count("/") == 1
    # The bytes said that it is no picture, whatever the browser calls it.
    return given if is_plausible and not given.startswith("image/") else GENERIC


def keep_posted_files(request: AgentRequest, topic: Conversation) -> list[Upload]:
    """Store what a form without a script sent along with the words."""
    return [
        keep_file(request, topic, file, is_inline=False)
        for file in request.FILES.getlist("files")
        if file.size
    ]
