"""Channels, conversations, and messages on their way in."""

from datetime import UTC, datetime

import factory

from inbox.contract import InboundMessage, Sender
from inbox.models import (
    Brand,
    Channel,
    Conversation,
    Direction,
    Kind,
    MessageDetail,
    TimelineItem,
)
from tests.factories.customers import IdentityFactory


class BrandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Brand {n}")


class ChannelFactory(factory.django.DjangoModelFactory):
    """A mailbox that sends nowhere until `config` says where."""

    class Meta:
        model = Channel

    kind = "email"
    name = factory.Sequence(lambda n: f"Support {n}")
    address = factory.Sequence(lambda n: f"support{n}@shop.example")
    brand = factory.SubFactory(BrandFactory)


class ConversationFactory(factory.django.DjangoModelFactory):
    """An open topic of one customer; it holds no message yet."""

    class Meta:
        model = Conversation

    channel = factory.SubFactory(ChannelFactory)
    identity = factory.SubFactory(IdentityFactory)
    customer = factory.LazyAttribute(
        lambda conversation: conversation.identity.customer
    )
    subject = factory.Sequence(lambda n: f"Question {n}")


class TimelineItemFactory(factory.django.DjangoModelFactory):
    """A message from the customer; `outbound=True` makes it an answer."""

    class Meta:
        model = TimelineItem
        skip_postgeneration_save = True

    class Params:
        outbound = factory.Trait(direction=Direction.OUTBOUND, identity=None)
        note = factory.Trait(
            kind=Kind.NOTE,
            direction=Direction.NONE,
            visibility="internal",
            identity=None,
        )

    conversation = factory.SubFactory(ConversationFactory)
    customer = factory.LazyAttribute(lambda item: item.conversation.customer)
    channel = factory.LazyAttribute(lambda item: item.conversation.channel)
    identity = factory.LazyAttribute(lambda item: item.conversation.identity)
    kind = Kind.MESSAGE
    direction = Direction.INBOUND
    text = "Where is my parcel?"
    occurred_at = factory.LazyFunction(lambda: datetime.now(tz=UTC))

    @factory.lazy_attribute
    def seq(self):
        # As appending does it: the number comes from the conversation.
        self.conversation.last_seq += 1
        Conversation.objects.filter(pk=self.conversation.pk).update(
            last_seq=self.conversation.last_seq
        )
        return self.conversation.last_seq

    @factory.post_generation
    def detail(self, create, _extracted, **fields):
        if create and self.kind == Kind.MESSAGE:
            MessageDetail.objects.create(item=self, **fields)


class InboundMessageFactory(factory.Factory):
    """A message as an adapter hands it over; not a row."""

    class Meta:
        model = InboundMessage

    external_id = factory.Sequence(lambda n: f"message-{n}")
    sender = factory.Sequence(
        lambda n: Sender(
            kind="email", handle=f"person{n}@people.example", name=f"Person {n}"
        )
    )
    subject = factory.Sequence(lambda n: f"Subject {n}")
    text = "Where is my parcel?"
    sent_at = factory.LazyFunction(lambda: datetime.now(tz=UTC))
    own_keys = factory.LazyAttribute(lambda message: (f"{message.external_id}@mua",))
