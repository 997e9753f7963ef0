"""Tell the writer of a new conversation that their mail arrived, if so set.

An automatic answer goes to an address nobody has proven, so it carries none of the
sender's words, and an address and a channel get only so many.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from channels_ingest.models import AutomaticReply
from helpdesk.core.events import subscribe
from helpdesk.core.html import linkify
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.events import MessageReceived
from inbox.models import Channel, TimelineItem

PER_ADDRESS = timedelta(hours=24)
"""An address gets one automatic answer in this time, from all channels together."""
PER_CHANNEL_AND_HOUR = 120


def _is_due(event: MessageReceived) -> bool:
    return event.is_first and event.deserves_acknowledgement


@subscribe(MessageReceived, when=_is_due)
def acknowledge(event: MessageReceived) -> None:
    """Answer the first mail of a conversation automatically; twice does nothing."""
    item = TimelineItem.objects.select_related(
        "channel__brand", "identity", "conversation"
    ).get(pk=event.item_id)
    channel, identity = item.channel, item.identity
    if channel is None or identity is None or not channel.acknowledges:
        return
    if item.payload.get("verdict") == "fail" or item.payload.get("stranger"):
        return
    if _reserve(channel=channel, address=identity.value, now=timezone.now()):
        _send(item, channel=channel, address=identity.value)


@transaction.atomic
def _reserve(*, channel: Channel, address: str, now: datetime) -> bool:
    """Count this answer against the caps; return whether it may be sent."""
    Channel.objects.select_for_update().get(pk=channel.pk)
    hour = AutomaticReply.objects.filter(
        channel=channel, sent_at__gt=now - timedelta(hours=1)
    )
    if hour.count() >= PER_CHANNEL_AND_HOUR:
        return False
    if AutomaticReply.objects.filter(
        address=address, sent_at__gt=now - PER_ADDRESS
    ).exists():
        return False
    AutomaticReply.objects.create(channel=channel, address=address, sent_at=now)
    return True


def _send(item: TimelineItem, *, channel: Channel, address: str) -> None:
    text = channel.acknowledgement.strip() or gettext(
        "Thank you for writing to us. Your message has arrived, and one of us will "
        "answer you."
    )
    send_reply(
        conversation_id=item.conversation_id,
        author=None,
        writing=Writing(
            text=text,
            html=f"<p>{linkify(text)}</p>",
            subject=gettext("We have received your message"),
        ),
        recipients=Recipients(to=[{"name": "", "handle": address}]),
        channel=channel,
        is_automatic=True,
    )
