"""Mail that claims to be somebody; rows of SECURITY.md by number."""

import pytest
from django.conf import settings

from channels_ingest.adapters.email.signed_ids import sign_reply_address
from customers.models import Identity
from inbox.models import Conversation, Delivery, Direction, Participant
from tests.factories import ConversationFactory, UserFactory
from tests.factories.channels_ingest import mail_source
from tests.security.arriving import MALLORY, MAYA, arrive, reply_to, verdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


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
