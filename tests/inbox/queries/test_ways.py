import pytest

from customers.models import IdentityKind
from inbox.models import Participant
from inbox.models.conversation import ParticipantRole
from inbox.queries.ways import ways_of
from inbox.queries.writing import correspondence_of, parts_in
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    IdentityFactory,
    TimelineItemFactory,
    VisitorFactory,
    WebchatChannelFactory,
)

pytestmark = pytest.mark.django_db


def chat_of(visitor, **fields):
    """A conversation that a visitor began by chat."""
    conversation = ConversationFactory(
        channel=visitor.channel, identity=visitor.identity, is_chat=True, **fields
    )
    Participant.objects.create(
        conversation=conversation,
        identity=visitor.identity,
        role=ParticipantRole.CUSTOMER,
    )
    return conversation


def ways(conversation):
    parts = parts_in(conversation)
    topic = correspondence_of(conversation, parts=parts)
    return ways_of(conversation, topic=topic, parts=parts)


def handles(found):
    return [[person["handle"] for person in mail.to] for mail in found.mails]


class TestWaysOf:
    def test_answers_mail_by_mail_alone(self):
        conversation = ConversationFactory()
        TimelineItemFactory(conversation=conversation)

        found = ways(conversation)

        assert not found.is_chat
        assert found.mailbox == conversation.channel
        assert handles(found) == [[conversation.identity.value]]

    def test_answers_a_chat_by_chat_and_at_the_customers_addresses(self):
        visitor = VisitorFactory()
        mailbox = ChannelFactory(brand=visitor.channel.brand)
        address = IdentityFactory(customer=visitor.identity.customer)

        found = ways(chat_of(visitor))

        assert [chat.value for chat in found.chats] == ["chat"]
        assert found.chats[0].channel == visitor.channel
        assert found.chats[0].to["handle"] == visitor.identity.value
        assert [mail.value for mail in found.mails] == ["reply"]
        assert handles(found) == [[address.value]]
        assert found.mailbox == mailbox

    def test_never_mails_a_visitor(self):
        visitor = VisitorFactory()
        conversation = chat_of(visitor)
        TimelineItemFactory(
            conversation=conversation,
            channel=visitor.channel,
            identity=visitor.identity,
        )
        TimelineItemFactory(
            conversation=conversation, channel=visitor.channel, outbound=True
        )

        assert ways(conversation).mails == []

    def test_offers_a_claimed_address_last_and_says_so(self):
        visitor = VisitorFactory()
        own = IdentityFactory(customer=visitor.identity.customer)
        claims = {"name": "Maya", "email": "maya@rivera.example"}

        found = ways(chat_of(visitor, claims=claims))

        assert handles(found) == [[own.value], ["maya@rivera.example"]]
        assert [mail.is_claimed for mail in found.mails] == [False, True]
        assert found.mails[1].to[0]["name"] == "Maya"

    def test_goes_on_calling_an_address_claimed_that_we_wrote_to(self):
        visitor = VisitorFactory()
        ChannelFactory(brand=visitor.channel.brand)
        conversation = chat_of(visitor, claims={"email": "maya@rivera.example"})
        mail = TimelineItemFactory(conversation=conversation, outbound=True)
        mail.channel = ChannelFactory()
        mail.save()
        mail.detail.to = [{"name": "", "handle": "maya@rivera.example"}]
        mail.detail.save()

        found = ways(conversation)

        assert handles(found) == [["maya@rivera.example"]]
        assert found.mails[0].is_claimed

    def test_shows_nothing_of_whom_a_claimed_address_belongs_to(self):
        owner = IdentityFactory(display_name="Maya Rivera of Lyon")
        visitor = VisitorFactory()

        found = ways(chat_of(visitor, claims={"email": owner.value}))

        assert found.mails[0].to == ({"name": "", "handle": owner.value},)

    def test_claims_no_address_of_ours(self):
        visitor = VisitorFactory()
        mailbox = ChannelFactory(brand=visitor.channel.brand)

        found = ways(chat_of(visitor, claims={"email": mailbox.address}))

        assert found.mails == []

    def test_puts_what_does_not_arrive_last(self):
        visitor = VisitorFactory()
        customer = visitor.identity.customer
        broken = IdentityFactory(customer=customer, undeliverable_reason="Full.")
        working = IdentityFactory(customer=customer)

        found = ways(chat_of(visitor))

        assert handles(found) == [[working.value], [broken.value]]
        assert found.mails[1].value == f"reply-{broken.pk}"
        assert found.mails[1].undeliverable_reason == "Full."

    def test_still_offers_the_chat_once_mail_came(self):
        visitor = VisitorFactory()
        conversation = chat_of(visitor)
        mailbox = ChannelFactory()
        address = IdentityFactory(customer=visitor.identity.customer)
        conversation.channel, conversation.identity = mailbox, address
        conversation.is_chat = False
        conversation.save()
        TimelineItemFactory(
            conversation=conversation, channel=mailbox, identity=address
        )

        found = ways(conversation)

        assert [chat.channel for chat in found.chats] == [visitor.channel]
        assert found.mailbox == mailbox
        assert handles(found) == [[address.value]]

    def test_uses_the_mailbox_that_was_chosen_for_the_chat(self):
        visitor = VisitorFactory()
        first = ChannelFactory(brand=visitor.channel.brand)
        chosen = ChannelFactory()
        visitor.channel.capabilities["mailbox_id"] = chosen.pk

        assert ways(chat_of(visitor)).mailbox == chosen

        chosen.is_active = False
        chosen.save()
        assert ways(chat_of(visitor)).mailbox == first

    def test_uses_the_mailbox_that_the_conversation_went_over(self):
        visitor = VisitorFactory()
        ChannelFactory(brand=visitor.channel.brand)
        used = ChannelFactory(brand=visitor.channel.brand)
        conversation = chat_of(visitor)
        TimelineItemFactory(conversation=conversation, channel=used, outbound=True)

        assert ways(conversation).mailbox == used

    def test_has_one_chat_for_each_channel(self):
        visitor = VisitorFactory()
        conversation = chat_of(visitor)
        other = WebchatChannelFactory()
        for channel in (visitor.channel, other):
            identity = IdentityFactory(
                customer=conversation.customer,
                kind=IdentityKind.CHAT,
                scope=f"channel:{channel.pk}",
                value="user:42",
                mailbox="",
            )
            Participant.objects.create(
                conversation=conversation,
                identity=identity,
                role=ParticipantRole.CUSTOMER,
            )

        found = ways(conversation)

        assert [(it.value, it.channel) for it in found.chats] == [
            ("chat", visitor.channel),
            (f"chat-{other.pk}", other),
        ]
        assert found.chats[0].to["handle"] == visitor.identity.value

    def test_shuts_a_chat_whose_channel_is_switched_off(self):
        visitor = VisitorFactory()
        visitor.channel.is_active = False
        visitor.channel.save()

        assert not ways(chat_of(visitor)).chats[0].is_open

    def test_does_not_chat_with_a_stranger(self):
        conversation = ConversationFactory()
        stranger = VisitorFactory()
        Participant.objects.create(
            conversation=conversation,
            identity=stranger.identity,
            role=ParticipantRole.STRANGER,
        )

        assert not ways(conversation).is_chat
