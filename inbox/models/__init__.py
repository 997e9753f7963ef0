"""Conversations and everything that happens in them."""

from inbox.models.channel import Brand, Channel
from inbox.models.conversation import (
    Conversation,
    Mention,
    Participant,
    Priority,
    SavedView,
    Status,
    Tag,
    ThreadReference,
)
from inbox.models.delivery import Delivery, DeliveryState
from inbox.models.draft import Draft, Upload
from inbox.models.search import SearchDocument, SearchPending
from inbox.models.timeline import (
    Attachment,
    Direction,
    Kind,
    MessageDetail,
    TimelineItem,
    Visibility,
)

__all__ = [
    "Attachment",
    "Brand",
    "Channel",
    "Conversation",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Draft",
    "Kind",
    "Mention",
    "MessageDetail",
    "Participant",
    "Priority",
    "SavedView",
    "SearchDocument",
    "SearchPending",
    "Status",
    "Tag",
    "ThreadReference",
    "TimelineItem",
    "Upload",
    "Visibility",
]
