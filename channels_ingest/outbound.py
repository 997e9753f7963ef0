"""From a queued row to the message an adapter sends: words, history, files."""

from collections.abc import Iterable

from django.utils.translation import gettext

from channels_ingest.history import history_of
from helpdesk.core.files import open_file
from helpdesk.core.html import linkify, place_inline_images, plain_text_of
from inbox import contract
from inbox.models import (
    Attachment,
    Channel,
    Conversation,
    Delivery,
    MessageDetail,
    TimelineItem,
)

MAX_THREAD_KEYS = 30


def outbound_message(delivery: Delivery) -> contract.OutboundMessage:
    """Return everything an adapter needs to send the message of `delivery`."""
    item = delivery.item
    signature = _signature_of(item, channel=delivery.channel)
    quoted_text, quoted_html = history_of(item)
    return contract.OutboundMessage(
        item_id=item.pk,
        conversation_id=item.conversation_id,
        idempotency_key=str(delivery.idempotency_key),
        sender_name=_sender_name(item, channel=delivery.channel),
        recipients=tuple(_recipients(item.detail)),
        subject=item.subject or _subject_of(item.conversation),
        text=_with_signature_text(item.text, signature),
        html=_with_signature_html(item, signature),
        quoted_text=quoted_text,
        quoted_html=quoted_html,
        thread_keys=_thread_keys(item),
        attachments=tuple(_files(item)),
        is_automatic=bool(item.payload.get("automatic")),
        created_at=item.received_at,
        attempt=delivery.attempts,
    )


def _sender_name(item: TimelineItem, *, channel: Channel) -> str:
    if item.agent is None:
        return channel.from_name
    return f"{item.agent.name} ({channel.from_name})"


def _subject_of(conversation: Conversation) -> str:
    subject = conversation.subject.strip()
    if not subject:
        return gettext("Your message")
    return subject if subject[:3].casefold() == "re:" else f"Re: {subject}"


def _recipients(detail: MessageDetail) -> Iterable[contract.Recipient]:
    for role in ("to", "cc", "bcc"):
        for person in getattr(detail, role):
            yield contract.Recipient(
                handle=person["handle"], name=person.get("name", ""), role=role
            )


def _signature_of(item: TimelineItem, *, channel: Channel) -> str:
    """Return the HTML of the agent's and the brand's signature."""
    if item.payload.get("automatic"):
        return channel.brand.signature
    parts = (item.agent.signature if item.agent else "", channel.brand.signature)
    return "<br>".join(part for part in parts if part)


def _with_signature_text(text: str, signature: str) -> str:
    if not signature:
        return text
    return f"{text.rstrip()}\n\n-- \n{plain_text_of(signature)}"


def _with_signature_html(item: TimelineItem, signature: str) -> str:
    cids = item.attachments.filter(is_inline=True).values_list("content_id", flat=True)
    html = place_inline_images(
        item.html or f"<p>{linkify(item.text)}</p>", {cid: f"cid:{cid}" for cid in cids}
    )
    if not signature:
        return html
    return f'{html}<div class="tributary_signature"><br>-- <br>{signature}</div>'


def _thread_keys(item: TimelineItem) -> tuple[str, ...]:
    """Return the ids of the messages before this one, oldest first."""
    if item.payload.get("mode") == "forward":
        return ()
    ids = (
        MessageDetail.objects.filter(
            item__conversation_id=item.conversation_id, item__seq__lt=item.seq
        )
        .exclude(message_id="")
        .exclude(item__payload__has_key="stranger")
        .order_by("-item__seq")
        .values_list("message_id", flat=True)[:MAX_THREAD_KEYS]
    )
    return tuple(reversed(ids))


def _files(item: TimelineItem) -> Iterable[contract.Attachment]:
    for file in item.attachments.order_by("id"):
        yield contract.Attachment(
            name=file.name,
            content_type=file.content_type,
            content=_content_of(file),
            content_id=file.content_id,
            is_inline=file.is_inline,
        )


def _content_of(file: Attachment) -> bytes:
    with open_file(file.stored_name) as handle:
        return handle.read()
