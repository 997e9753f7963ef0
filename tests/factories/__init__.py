"""Rows for tests, one module per app."""

from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.channels_ingest import InboundEventFactory
from tests.factories.chat import (
    ApiChannelFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.customers import CustomerFactory, IdentityFactory
from tests.factories.inbox import (
    BrandFactory,
    ChannelFactory,
    ConversationFactory,
    InboundMessageFactory,
    TimelineItemFactory,
)

__all__ = [
    "ApiChannelFactory",
    "BrandFactory",
    "ChannelFactory",
    "ConversationFactory",
    "CustomerFactory",
    "IdentityFactory",
    "InboundEventFactory",
    "InboundMessageFactory",
    "TeamFactory",
    "TimelineItemFactory",
    "UserFactory",
    "VisitorFactory",
    "WebchatChannelFactory",
]
