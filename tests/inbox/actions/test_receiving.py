from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.actions import undo_merge
from customers.models import Customer, Identity, Merge
from inbox.actions.receiving import (
    Arrival,
    StoredAttachment,
    receive_message,
    receive_messages,
)
from inbox.contract import Authentication, Nature, Recipient, Sender, Verdict
from inbox.models import Conversation, Participant, Status, TimelineItem
from inbox.models.conversation import ParticipantRole
from tests.factories import (
    ChannelFactory,
    ConversationFactory,
    IdentityFactory,
    InboundMessageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAYA = Sender(kind="email", handle="maya@people.example", name="Maya")
SAM = Sender(kind="email", handle="sam@people.example", name="Sam")
PROVEN = Authentication(verdict=Verdict.PASS)
FORGED = Authentication(verdict=Verdict.FAIL)


def arrivals(*messages):
    return [Arrival(inbound=message) for message in messages]


class TestReceiveMessage:
    def test_stores_a_redelivered_message_once(self):
        channel, inbound = ChannelFactory(), InboundMessageFactory()

        first = receive_message(channel=channel, inbound=inbound)
        second = receive_message(channel=channel, inbound=inbound)

        assert first.item == second.item
        assert (first.is_new, second.is_new) == (True, False)
        assert TimelineItem.objects.count() == 1

    def test_opens_a_conversation_that_waits_for_an_answer(self):
        channel = ChannelFactory(reply_within_minutes=60)
        now = timezone.now()

        item = receive_message(
            channel=channel, inbound=InboundMessageFactory(text="Hello\nthere"), now=now
        ).item

        conversation = Conversation.objects.get()
        assert item.conversation == conversation
        assert conversation.status == Status.OPEN
        assert conversation.waiting_since == now
        assert conversation.due_at == now + timedelta(hours=1)
        assert conversation.preview == "Hello there"
        assert conversation.is_unread
        assert (conversation.message_count, conversation.last_seq) == (1, 1)

    def test_names_a_message_without_words_by_its_file(self):
        sound = StoredAttachment(
            name="Voice note.webm",
            content_type="audio/webm",
            size=1,
            sha256="0" * 64,
            stored_name="aa/bb/sound",
        )
        logo = replace(sound, name="logo.png", is_inline=True)

        receive_message(
            channel=ChannelFactory(),
            inbound=InboundMessageFactory(text=" "),
            attachments=(logo, sound),
        )

        assert Conversation.objects.get().preview == "Voice note.webm"

    def test_keeps_files_and_counts_those_shown_as_files(self):
        files = tuple(
            StoredAttachment(
                name=name,
                content_type="image/png",
                size=1,
                sha256="0" * 64,
                stored_name=f"aa/bb/{name}",
                is_inline=name == "logo.png",
            )
            for name in ("logo.png", "scan.png")
        )

        item = receive_message(
            channel=ChannelFactory(),
            inbound=InboundMessageFactory(),
            attachments=files,
            journal_id=7,
        ).item

        assert item.attachments.count() == 2
        assert item.conversation.attachment_count == 1
        assert item.detail.journal_id == 7

    def test_reopens_a_closed_conversation_that_it_refers_to(self):
        channel = ChannelFactory()
        first = receive_message(
            channel=channel, inbound=InboundMessageFactory(sender=MAYA)
        )
        Conversation.objects.update(status=Status.CLOSED, closed_at=timezone.now())

        again = receive_message(
            channel=channel,
            inbound=InboundMessageFactory(
                sender=MAYA, thread_keys=(f"{first.item.external_id}@mua",)
            ),
        )

        assert again.item.conversation_id == first.item.conversation_id
        assert again.why == "reference"
        assert Conversation.objects.get().status == Status.OPEN

    @pytest.mark.parametrize(
        "nature", [Nature.AUTO_REPLY, Nature.BOUNCE, Nature.NOTIFICATION]
    )
    def test_does_not_wake_a_conversation_for_a_machine(self, nature):
        channel = ChannelFactory()
        first = receive_message(
            channel=channel, inbound=InboundMessageFactory(sender=MAYA)
        )
        Conversation.objects.update(
            status=Status.SNOOZED, waiting_since=None, is_unread=False
        )

        receive_message(
            channel=channel,
            inbound=InboundMessageFactory(
                sender=MAYA,
                nature=nature,
                thread_keys=(f"{first.item.external_id}@mua",),
            ),
        )

        conversation = Conversation.objects.get()
        assert conversation.status == Status.SNOOZED
        assert conversation.waiting_since is None
        assert not conversation.is_unread
        assert conversation.last_seq == 2

    def test_lets_people_in_whom_a_proven_sender_copies(self):
        UserFactory(email="colleague@shop.example")
        channel = ChannelFactory(address="support@shop.example", aliases=["help@s.ex"])
        copied = tuple(
            Recipient(handle=handle, role="cc")
            for handle in (
                SAM.handle,
                "support@shop.example",
                "help@s.ex",
                "colleague@shop.example",
            )
        )

        receive_message(
            channel=channel,
            inbound=InboundMessageFactory(
                sender=MAYA, recipients=copied, authentication=PROVEN
            ),
        )

        roles = dict(Participant.objects.values_list("identity__value", "role"))
        assert roles == {
            MAYA.handle: ParticipantRole.CUSTOMER,
            SAM.handle: ParticipantRole.COPIED,
        }

    @pytest.mark.parametrize("authentication", [Authentication(), FORGED])
    def test_lets_nobody_in_for_a_sender_who_is_not_proven(self, authentication):
        receive_message(
            channel=ChannelFactory(),
            inbound=InboundMessageFactory(
                sender=MAYA,
                recipients=(Recipient(handle=SAM.handle, role="cc"),),
                authentication=authentication,
            ),
        )

        assert not Identity.objects.filter(value=SAM.handle).exists()

    def test_flags_a_stranger_who_holds_a_signed_id(self):
        conversation = ConversationFactory()

        item = receive_message(
            channel=conversation.channel,
            inbound=InboundMessageFactory(
                sender=SAM, proven_conversation_id=conversation.pk
            ),
        ).item

        conversation.refresh_from_db()
        assert item.conversation == conversation
        assert item.payload["stranger"] is True
        assert Participant.objects.get().role == ParticipantRole.STRANGER
        assert conversation.identity.value != SAM.handle

    def test_remembers_that_the_handle_was_proven(self):
        receive_message(
            channel=ChannelFactory(),
            inbound=InboundMessageFactory(sender=MAYA, authentication=PROVEN),
        )

        assert Identity.objects.get().is_verified


class TestReceiveMessages:
    def test_gives_what_one_by_one_would(self):
        channel = ChannelFactory()
        first = InboundMessageFactory(sender=MAYA, subject="Parcel")
        messages = (
            first,
            InboundMessageFactory(sender=SAM, subject="Invoice"),
            InboundMessageFactory(sender=MAYA, thread_keys=first.own_keys),
            InboundMessageFactory(sender=MAYA, subject="Re: Parcel"),
            replace(first),
        )

        received = receive_messages(channel=channel, arrivals=arrivals(*messages))

        assert [one.is_new for one in received] == [True, True, True, True, False]
        assert [one.why for one in received[:4]] == [
            "new",
            "new",
            "reference",
            "continuity",
        ]
        assert [one.item.seq for one in received] == [1, 1, 2, 3, 1]
        parcel = Conversation.objects.get(subject="Parcel")
        assert (parcel.message_count, parcel.last_seq) == (3, 3)
        assert Customer.objects.count() == 2

    def test_finds_a_conversation_that_the_same_batch_woke(self):
        channel = ChannelFactory()
        old = receive_message(
            channel=channel,
            inbound=InboundMessageFactory(sender=MAYA, subject="Parcel"),
        )
        Conversation.objects.update(status=Status.CLOSED)

        received = receive_messages(
            channel=channel,
            arrivals=arrivals(
                InboundMessageFactory(
                    sender=MAYA, thread_keys=(f"{old.item.external_id}@mua",)
                ),
                InboundMessageFactory(sender=MAYA, subject="Parcel"),
            ),
        )

        assert {one.item.conversation_id for one in received} == {
            old.item.conversation_id
        }
        assert [one.item.seq for one in received] == [2, 3]

    @pytest.mark.django_db(transaction=True)
    def test_leaves_nothing_behind_when_one_fails(self):
        impossible = InboundMessageFactory(text="NUL \0 cannot be stored")

        with pytest.raises(ValueError, match="NUL"):
            receive_messages(
                channel=ChannelFactory(),
                arrivals=arrivals(InboundMessageFactory(), impossible),
            )

        assert not TimelineItem.objects.exists()
        assert not Customer.objects.exists()

    def test_needs_few_queries_for_many_messages(self):
        channel = ChannelFactory()
        messages = arrivals(*InboundMessageFactory.create_batch(20))

        with CaptureQueriesContext(
            connection,
        ) as queries:
            receive_messages(channel=channel, arrivals=messages)

        # For all of them together: none of these is for one message.
        assert len(queries) <= 20

    def test_needs_few_queries_for_many_conversations_that_exist(self):
        channel = ChannelFactory()
        first = InboundMessageFactory.create_batch(20)
        receive_messages(channel=channel, arrivals=arrivals(*first))
        replies = [
            InboundMessageFactory(sender=one.sender, thread_keys=one.own_keys)
            for one in first
        ]

        with CaptureQueriesContext(connection) as queries:
            received = receive_messages(channel=channel, arrivals=arrivals(*replies))

        assert {one.why for one in received} == {"reference"}
        assert {one.item.seq for one in received} == {2}
        counts = Conversation.objects.values_list("message_count", "last_seq")
        assert set(counts) == {(2, 2)}
        assert len(queries) <= 20

    def test_locks_what_it_changes_in_the_order_of_the_ids(self):
        channel = ChannelFactory()
        first = InboundMessageFactory.create_batch(3)
        receive_messages(channel=channel, arrivals=arrivals(*first))
        replies = [
            InboundMessageFactory(sender=one.sender, thread_keys=one.own_keys)
            for one in reversed(first)
        ]

        with CaptureQueriesContext(connection) as queries:
            receive_messages(channel=channel, arrivals=arrivals(*replies))

        [lock] = [one["sql"] for one in queries if "FOR UPDATE" in one["sql"]]
        assert 'ORDER BY "inbox_conversation"."id" ASC FOR UPDATE' in lock

    def test_attaches_to_the_customer_of_a_known_handle(self):
        identity = IdentityFactory(value=MAYA.handle)

        receive_messages(
            channel=ChannelFactory(),
            arrivals=arrivals(InboundMessageFactory(sender=MAYA)),
        )

        assert TimelineItem.objects.get().customer == identity.customer


def mail_of(handle, *, authentication=PROVEN):
    sender = Sender(kind="email", handle=handle, name="Maya Rivera")
    return InboundMessageFactory(sender=sender, authentication=authentication)


class TestOneMailbox:
    """Proven addresses of one mailbox are one person, whatever is in front of the @."""

    def test_makes_one_person_of_two(self):
        channel = ChannelFactory()
        first = receive_message(channel=channel, inbound=mail_of("m.rivera@gmail.com"))
        second = receive_message(
            channel=channel, inbound=mail_of("mrivera+shop@googlemail.com")
        )

        assert second.item.customer == first.item.customer
        assert second.item.conversation.customer == first.item.customer
        merge = Merge.objects.get()
        assert (merge.actor, merge.reasons) == (None, ["same_mailbox"])

    def test_makes_one_person_of_two_who_write_at_once(self):
        channel = ChannelFactory()
        received = receive_messages(
            channel=channel,
            arrivals=arrivals(
                mail_of("mrivera@gmail.com"), mail_of("m.rivera@gmail.com")
            ),
        )

        assert len({each.item.customer for each in received}) == 1
        assert Customer.objects.filter(merged_into=None).count() == 1

    @pytest.mark.parametrize("authentication", [FORGED, Authentication()])
    def test_is_nothing_without_proof(self, authentication):
        channel = ChannelFactory()
        receive_message(channel=channel, inbound=mail_of("m.rivera@gmail.com"))

        forged = mail_of("mrivera@gmail.com", authentication=authentication)
        receive_message(channel=channel, inbound=forged)

        assert not Merge.objects.exists()

    def test_is_nothing_where_the_provider_is_unknown(self):
        channel = ChannelFactory()
        receive_message(channel=channel, inbound=mail_of("maya@fjord.example"))
        receive_message(channel=channel, inbound=mail_of("maya+x@fjord.example"))

        assert not Merge.objects.exists()

    def test_stays_apart_once_an_agent_took_it_apart(self):
        channel = ChannelFactory()
        receive_message(channel=channel, inbound=mail_of("m.rivera@gmail.com"))
        receive_message(channel=channel, inbound=mail_of("mrivera@gmail.com"))
        undo_merge(merge_id=Merge.objects.get().pk, actor=UserFactory())

        receive_message(channel=channel, inbound=mail_of("mrivera+more@gmail.com"))
        receive_message(channel=channel, inbound=mail_of("mrivera@gmail.com"))

        assert Customer.objects.filter(merged_into=None).count() == 3
