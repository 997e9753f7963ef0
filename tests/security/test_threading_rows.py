"""Mail that claims to be somebody or to belong somewhere; rows of SECURITY.md."""

import pytest
from django.conf import settings

from channels_ingest.actions.claiming import Claimed
from channels_ingest.adapters.email.signed_ids import (
    sign_message_id,
    sign_reply_address,
)
from channels_ingest.base import RawInput
from channels_ingest.fingerprint import mail_key
from channels_ingest.intake import take_in, with_files
from channels_ingest.registry import adapter_for
from customers.models import Identity
from inbox.models import (
    Conversation,
    Delivery,
    Direction,
    Participant,
    ThreadReference,
    TimelineItem,
)
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    InboundEventFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db

MAYA = "maya@people.example"
MALLORY = "mallory@evil.example"
MX = "mx.shop.example"


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def channel():
    return ChannelFactory(
        address="support@shop.example", config={"trusted_servers": [MX]}
    )


@pytest.fixture
def conversation(channel):
    """Maya's topic, with a question of hers and an answer of ours."""
    topic = ConversationFactory(
        channel=channel, identity__value=MAYA, subject="My parcel"
    )
    TimelineItemFactory(conversation=topic)
    TimelineItemFactory(conversation=topic, outbound=True, text="It is on its way.")
    ThreadReference.objects.create(conversation=topic, key="question@people.example")
    Participant.objects.create(
        conversation=topic, identity=topic.identity, role=ParticipantRole.CUSTOMER
    )
    return topic


def verdict(result, sender):
    domain = sender.rpartition("@")[2]
    return (
        "Authentication-Results",
        f"{MX}; dmarc={result} header.from={domain}",
    )


def arrive(channel, raw, *, rcpt_to=None):
    """Take one mail in as the drain does; return the item it became."""
    event = InboundEventFactory(channel=channel, raw=raw, dedupe_key=mail_key(raw))
    claimed = Claimed(
        event_id=event.pk,
        source="smtp",
        raw=raw,
        headers={"rcpt_to": [rcpt_to or channel.address], "mail_from": "x@y.example"},
        dedupe_key=event.dedupe_key,
        attempts=1,
        received_at=event.received_at,
    )
    events = adapter_for(channel).parse(
        RawInput(
            raw=raw,
            source="smtp",
            headers=claimed.headers,
            external_id=claimed.dedupe_key,
            received_at=claimed.received_at,
        )
    )
    take_in(
        channel=channel,
        readings=[with_files(claimed, events)],
        now=event.received_at,
    )
    event.refresh_from_db()
    return TimelineItem.objects.filter(pk=event.item_id).first()


def signed_id(conversation):
    item = conversation.items.order_by("-seq").first()
    return sign_message_id(
        secret=settings.MAIL_TOKEN_KEYS[0],
        conversation=conversation.pk,
        item=item.pk,
        domain="shop.example",
    )


def reply_to(key, *, sender, **more):
    return mail_source(
        sender=sender,
        message_id=f"reply-of-{sender}",
        headers=[("In-Reply-To", key), ("References", key), *more.pop("headers", [])],
        **more,
    )


def forged_ids(conversation):
    """Ids close to one of ours that only we could have made."""
    real = signed_id(conversation)
    other = ConversationFactory(channel=conversation.channel)
    TimelineItemFactory(conversation=other, outbound=True)
    token, _, domain = real.strip("<>").partition("@")
    changed = "b" if token[0] != "b" else "c"
    swapped = signed_id(other).strip("<>").partition("@")[0]
    return {
        "another secret": sign_message_id(
            secret="some other secret of theirs",
            conversation=conversation.pk,
            item=1,
            domain="shop.example",
        ),
        "cut": f"<{token[:-1]}@{domain}>",
        "one letter changed": f"<{changed}{token[1:]}@{domain}>",
        "signature of another": f"<{token[:20]}{swapped[20:]}@{domain}>",
        "another domain": f"<{token}@evil.example>",
        "longer": f"<{token}a@{domain}>",
    }


class TestRow1AgentImpersonation:
    @pytest.mark.parametrize(
        "name",
        [
            "another secret",
            "cut",
            "one letter changed",
            "signature of another",
            "another domain",
            "longer",
        ],
    )
    def test_mail_from_an_agents_address_with_a_forged_id_joins_nothing(
        self, channel, conversation, name
    ):
        agent = UserFactory(email="agent@shop.example")
        forged = forged_ids(conversation)[name]

        item = arrive(channel, reply_to(forged, sender=agent.email))

        assert item.conversation != conversation
        assert item.direction == Direction.INBOUND
        assert item.agent is None

    def test_even_with_a_real_id_it_is_a_marked_message_and_never_an_answer(
        self, channel, conversation
    ):
        agent = UserFactory(email="agent@shop.example")

        item = arrive(channel, reply_to(signed_id(conversation), sender=agent.email))

        assert item.direction == Direction.INBOUND
        assert item.agent is None
        assert item.payload["stranger"] is True
        assert not Delivery.objects.exists()


class TestRow2GuessedIds:
    def test_no_form_that_counts_through_numbers_joins_a_conversation(
        self, channel, conversation
    ):
        forms = [
            "<reply-{n}-x@shop.example>",
            "<notify-{n}-1-x@shop.example>",
            "<{n}@shop.example>",
            "<ticket-{n}@shop.example>",
            "<conversation.{n}@shop.example>",
            "{n}",
        ]
        numbers = range(max(1, conversation.pk - 3), conversation.pk + 3)

        for number in numbers:
            for place, form in enumerate(forms):
                key = form.format(n=number)
                raw = mail_source(
                    sender=MALLORY,
                    message_id=f"guess-{number}-{place}@evil.example",
                    headers=[("In-Reply-To", key), ("References", key)],
                )
                item = arrive(channel, raw)
                assert item.conversation != conversation

        assert conversation.items.count() == 2


class TestRow3StrangerWithReferences:
    def test_does_not_join_by_an_id_of_somebody_elses(self, channel, conversation):
        item = arrive(channel, reply_to("<question@people.example>", sender=MALLORY))

        assert item.conversation != conversation

    def test_with_a_signed_id_is_a_marked_participant_and_changes_nobody(
        self, channel, conversation
    ):
        item = arrive(channel, reply_to(signed_id(conversation), sender=MALLORY))

        conversation.refresh_from_db()
        assert item.conversation == conversation
        assert item.payload["stranger"] is True
        assert conversation.identity.value == MAYA
        role = Participant.objects.get(identity__value=MALLORY).role
        assert role == ParticipantRole.STRANGER

    def test_does_not_take_over_whose_conversation_it_is(self, channel, conversation):
        arrive(channel, reply_to(signed_id(conversation), sender=MALLORY))
        again = arrive(
            channel,
            mail_source(
                sender=MALLORY,
                message_id="second",
                headers=[("References", "<question@people.example>")],
            ),
        )

        assert again.conversation != conversation
        assert Identity.objects.get(value=MALLORY).customer != conversation.customer

    def test_cannot_draw_the_customer_into_a_topic_of_their_own(
        self, channel, conversation
    ):
        arrive(channel, reply_to("<question@people.example>", sender=MALLORY))

        item = arrive(channel, reply_to("<question@people.example>", sender=MAYA))

        assert item.conversation == conversation


class TestRow4StaleAuthority:
    def test_mail_of_somebody_who_left_is_a_strangers(self, channel, conversation):
        agent = UserFactory(email="left@shop.example", is_active=False)

        item = arrive(channel, reply_to(signed_id(conversation), sender=agent.email))

        assert item.direction == Direction.INBOUND
        assert item.payload["stranger"] is True


class TestRow62SpoofedRequesterWithCc:
    def test_a_spoofed_customer_lets_nobody_in(self, channel, conversation):
        raw = reply_to(
            "<question@people.example>",
            sender=MAYA,
            headers=[verdict("fail", MAYA), ("Cc", MALLORY)],
        )

        item = arrive(channel, raw)

        assert item.conversation != conversation
        assert item.payload["verdict"] == "fail"
        assert not Participant.objects.filter(identity__value=MALLORY).exists()

    def test_an_unproven_customer_lets_nobody_in(self, channel, conversation):
        raw = reply_to(
            "<question@people.example>", sender=MAYA, headers=[("Cc", MALLORY)]
        )

        arrive(channel, raw)

        assert not Identity.objects.filter(value=MALLORY).exists()

    def test_the_senders_own_verdict_is_worth_nothing(self, channel, conversation):
        own = ("Authentication-Results", "evil.example; dmarc=pass header.from=x")
        raw = reply_to(
            "<question@people.example>", sender=MAYA, headers=[own, ("Cc", MALLORY)]
        )

        item = arrive(channel, raw)

        assert item.detail.authentication["verdict"] == "none"
        assert not Identity.objects.filter(value=MALLORY).exists()

    @pytest.mark.parametrize(
        "tag", ["{n}", "id{n}", "r{n}", "c{n}", "t{n}", "r0{n}aaaaaaaaaaaaaaaaaaaaaaa"]
    )
    def test_a_plus_address_with_a_number_authorises_nothing(
        self, channel, conversation, tag
    ):
        address = f"support+{tag.format(n=conversation.pk)}@shop.example"

        item = arrive(channel, mail_source(sender=MALLORY, to=address), rcpt_to=address)

        assert item.conversation != conversation

    def test_the_failed_check_is_kept_for_agents_to_see(self, channel):
        item = arrive(
            channel, mail_source(sender=MAYA, headers=[verdict("fail", MAYA)])
        )

        assert item.payload["verdict"] == "fail"
        assert "does not come from" in item.detail.authentication["explanation"]


class TestRow63TicketTrick:
    def address(self, channel, conversation):
        return sign_reply_address(
            secret=settings.MAIL_TOKEN_KEYS[0],
            address=channel.address,
            conversation=conversation.pk,
            channel=channel.pk,
        )

    def test_mail_of_another_sender_to_a_customers_address_is_marked(
        self, channel, conversation
    ):
        address = self.address(channel, conversation)

        item = arrive(
            channel,
            mail_source(
                sender="feedback@slack.example",
                to=address,
                subject="Confirm your address",
                headers=[("Auto-Submitted", "auto-generated")],
            ),
            rcpt_to=address,
        )

        conversation.refresh_from_db()
        assert item.payload["stranger"] is True
        assert conversation.identity.value == MAYA
        assert not Delivery.objects.exists()

    def test_a_programs_mail_does_not_even_wake_the_conversation(
        self, channel, conversation
    ):
        Conversation.objects.update(status=4, is_unread=False)
        address = self.address(channel, conversation)

        arrive(
            channel,
            mail_source(sender="no-reply@slack.example", to=address),
            rcpt_to=address,
        )

        conversation.refresh_from_db()
        assert conversation.status == 4
        assert not conversation.is_unread


class TestRow69SubjectNumber:
    @pytest.mark.parametrize(
        "subject",
        [
            "RE: My parcel - #{n}",
            "Re: [#{n}] My parcel",
            "[Ticket {n}] My parcel",
            "My parcel",
            "#{n}",
        ],
    )
    def test_never_joins_a_conversation(self, channel, conversation, subject):
        item = arrive(
            channel,
            mail_source(sender=MALLORY, subject=subject.format(n=conversation.pk)),
        )

        assert item.conversation != conversation


class TestRow79ReplyTo:
    def test_sets_where_an_answer_goes_and_never_who_somebody_is(self, channel):
        maya = ConversationFactory(identity__value=MAYA).identity
        raw = mail_source(
            sender=MALLORY,
            headers=[("Reply-To", MAYA), verdict("pass", MALLORY)],
        )

        item = arrive(channel, raw)

        assert item.identity.value == MALLORY
        assert item.customer != maya.customer
        assert item.detail.reply_to == [{"name": "", "handle": MAYA}]
        maya.refresh_from_db()
        assert not maya.is_verified

    def test_of_an_agent_gives_no_authority(self, channel, conversation):
        agent = UserFactory(email="agent@shop.example")

        item = arrive(
            channel, mail_source(sender=MALLORY, headers=[("Reply-To", agent.email)])
        )

        assert item.direction == Direction.INBOUND
        assert item.agent is None
