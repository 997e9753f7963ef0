"""Put a mail of a chat on the timeline: the sending machinery takes it from there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.chat.letters import Letter
from helpdesk.core.bells import DELIVER
from helpdesk.core.doorbell import ring_after_commit
from inbox.actions.appending import append_item
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    Kind,
    MessageDetail,
    TimelineItem,
    Visibility,
)

GIVE_UP_AFTER = timedelta(hours=24)


def append_mail(
    conversation: Conversation,
    *,
    name: str,
    to: str,
    letter: Letter,
    mailbox: Channel,
    now: datetime,
    files: Sequence[Attachment] = (),
    **details: object,
) -> TimelineItem:
    """Append the event `name` to a locked conversation, with its mail on the way."""
    item = append_item(
        conversation,
        kind=Kind.EVENT,
        direction=Direction.OUTBOUND,
        visibility=Visibility.INTERNAL,
        channel=mailbox,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        payload={"name": name, "to": to, **details},
        received_at=now,
    )
    MessageDetail.objects.create(item=item, to=[{"name": "", "handle": to}])
    Attachment.objects.bulk_create(_copy(file, item=item) for file in files)
    Delivery.objects.create(
        item=item,
        conversation_id=conversation.pk,
        channel=mailbox,
        state=DeliveryState.QUEUED,
        send_after=now,
        give_up_at=now + GIVE_UP_AFTER,
    )
    conversation.save()
    ring_after_commit(DELIVER)
    return item


def _copy(file: Attachment, *, item: TimelineItem) -> Attachment:
    return Attachment(
        item=item,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        stored_name=file.stored_name,
        content_id=file.content_id,
        is_inline=file.is_inline,
    )
