"""Links by which a visitor's browser reads one file, for a while."""

import hmac
import re
import time
import uuid
from typing import Final

from django.core.signing import Signer
from django.db.models import QuerySet

from helpdesk.chat.models import Visitor
from helpdesk.chat.queries import attachment_of
from helpdesk.core.files import LINK_SECONDS, LINK_STEP, FileLinkInvalid
from inbox.models import Attachment

_TOKEN: Final = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.([\w-]{20,100})", re.ASCII)


def file_token(
    visitor: Visitor, *, file_id: uuid.UUID, now: float | None = None
) -> str:
    """Return what lets this visitor, and nobody else, read this file for an hour.

    Tokens made shortly after each other are equal, so that browsers keep the file.
    """
    moment = time.time() if now is None else now
    expires = (int(moment) // LINK_STEP) * LINK_STEP + LINK_STEP + LINK_SECONDS
    reader = visitor.public_id.hex
    return f"{reader}.{expires}.{_signature(reader, file_id, expires)}"


def file_behind(
    token: str, *, file_id: uuid.UUID, now: float | None = None
) -> Attachment:
    """Return the file that a link leads to, if its visitor may still read it.

    :raises FileLinkInvalid: whatever is wrong with it
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise FileLinkInvalid
    reader, expires = match[1], int(match[2])
    if not hmac.compare_digest(_signature(reader, file_id, expires), match[3]):
        raise FileLinkInvalid
    if expires < (time.time() if now is None else now):
        raise FileLinkInvalid
    visitor = _active().filter(public_id=uuid.UUID(reader)).first()
    if visitor is None:
        raise FileLinkInvalid
    try:
        return attachment_of(visitor, file_id)
    except Attachment.DoesNotExist:
        raise FileLinkInvalid from None


def _active() -> QuerySet[Visitor]:
    return Visitor.objects.select_related("identity").filter(channel__is_active=True)


def _signature(reader: str, file_id: uuid.UUID, expires: int) -> str:
    signer = Signer(salt="helpdesk.chat.files")
    return signer.signature(f"{reader}:{file_id}:{expires}")
