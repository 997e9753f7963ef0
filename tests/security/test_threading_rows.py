"""Mail that claims to belong somewhere; rows of SECURITY.md by number."""

import pytest

from channels_ingest.adapters.email.signed_ids import sign_message_id
from customers.models import Identity
from inbox.models import Delivery, Direction, Participant
from inbox.models.conversation import ParticipantRole
from tests.factories import ConversationFactory, TimelineItemFactory, UserFactory
from tests.factories.channels_ingest import mail_source
from tests.security.arriving import MALLORY, MAYA, arrive, reply_to, signed_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


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
