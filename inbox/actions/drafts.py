"""What is kept of an answer while it is being written: words and files."""

import uuid
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from helpdesk.accounts.models import User
from helpdesk.core.files import delete_file
from inbox.actions.receiving import StoredAttachment
from inbox.models import Attachment, Conversation, Draft, TimelineItem, Upload
from inbox.recipients import Person

MOST_UPLOADS = 50


class TooManyFiles(Exception):
    """A draft holds only so many files."""


class AlreadySent(Exception):
    """The message left while its last words were on the way to the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A draft as the browser knows it; `html` is sanitised already."""

    mode: str = "reply"
    way: str = ""
    html: str = ""
    text: str = ""
    subject: str = ""
    to: tuple[Person, ...] = field(default=())
    cc: tuple[Person, ...] = field(default=())
    bcc: tuple[Person, ...] = field(default=())
    seen_seq: int = 0


@transaction.atomic
def save_draft(
    *,
    conversation: Conversation,
    agent: User,
    wording: Wording,
    client_id: uuid.UUID | None = None,
) -> Draft:
    """Keep what `agent` has written so far; one draft for each conversation.

    :raises AlreadySent: if the message with this `client_id` has left the composer
    """
    if client_id is not None and _is_sent(conversation, client_id):
        raise AlreadySent
    draft, _ = Draft.objects.update_or_create(
        conversation=conversation,
        agent=agent,
        defaults={
            "mode": wording.mode,
            "way": wording.way,
            "html": wording.html,
            "text": wording.text,
            "subject": wording.subject,
            "to": list(wording.to),
            "cc": list(wording.cc),
            "bcc": list(wording.bcc),
            "seen_seq": wording.seen_seq,
        },
    )
    return draft


def _is_sent(conversation: Conversation, client_id: uuid.UUID) -> bool:
    return TimelineItem.objects.filter(
        conversation=conversation, client_id=client_id
    ).exists()


@transaction.atomic
def discard_draft(*, conversation: Conversation, agent: User) -> None:
    """Forget the agent's words and files in this conversation."""
    Draft.objects.filter(conversation=conversation, agent=agent).delete()
    for upload in Upload.objects.filter(conversation=conversation, agent=agent):
        remove_upload(
            conversation=conversation, public_id=upload.public_id, agent=agent
        )


@transaction.atomic
def add_upload(
    *, conversation: Conversation, agent: User, file: StoredAttachment
) -> Upload:
    """Put a file that is on disk into the agent's draft.

    :raises TooManyFiles: if the draft is full
    """
    held = Upload.objects.filter(conversation=conversation, agent=agent)
    if held.count() >= MOST_UPLOADS:
        raise TooManyFiles
    upload = Upload(
        conversation=conversation,
        agent=agent,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        stored_name=file.stored_name,
        is_inline=file.is_inline,
    )
    if file.is_inline:
        upload.content_id = f"{upload.public_id.hex}@inline"
    upload.save()
    return upload


@transaction.atomic
def remove_upload(
    *, conversation: Conversation, public_id: uuid.UUID, agent: User
) -> None:
    """Take a file out of the agent's draft; its bytes go if nothing else has them.

    :raises Upload.DoesNotExist: if there is none, or it is somebody else's
    """
    upload = Upload.objects.select_for_update().get(
        public_id=public_id, agent=agent, conversation=conversation
    )
    upload.delete()
    if not _is_needed(upload.stored_name):
        transaction.on_commit(partial(delete_file, upload.stored_name))


def _is_needed(stored_name: str) -> bool:
    return (
        Upload.objects.filter(stored_name=stored_name).exists()
        or Attachment.objects.filter(stored_name=stored_name).exists()
    )


@transaction.atomic
def take_along(*, item: TimelineItem, agent: User) -> list[Upload]:
    """Put the files of a message into the agent's draft, for forwarding it.

    A file that is in the draft already is not put there twice.
    """
    held = Upload.objects.filter(conversation_id=item.conversation_id, agent=agent)
    present = set(held.values_list("stored_name", flat=True))
    return Upload.objects.bulk_create(
        Upload(
            conversation_id=item.conversation_id,
            agent=agent,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            stored_name=file.stored_name,
        )
        for file in item.attachments.filter(is_inline=False).order_by("id")
        if file.stored_name not in present
    )
