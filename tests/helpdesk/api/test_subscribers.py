import json
import uuid

import pytest
from django.conf import settings
from django.utils import timezone

from channels_ingest.providers.chat.payload import external_id_of
from helpdesk.api import subscribers
from helpdesk.api.models import WebhookDelivery
from helpdesk.chat.actions.ending import rate_chat
from helpdesk.chat.actions.forgetting import forget_visitor
from helpdesk.chat.actions.reading import mark_seen
from helpdesk.chat.events import VisitorAccessChanged
from helpdesk.core.files import store_file
from helpdesk.core.models import OutboxEvent
from helpdesk.core.outbox import relay_all
from inbox.actions.assignment import assign_conversation
from inbox.actions.conversations import (
    close_conversation,
    mark_as_spam,
    reopen_conversation,
    wait_for_customer,
)
from inbox.actions.delivery import claim_deliveries, record_sent
from inbox.actions.messages import Recipients, Writing, add_note, send_reply
from inbox.actions.receiving import receive_message
from inbox.actions.taking_back import take_back
from inbox.contract import InboundMessage, Sender, SendResult
from inbox.events import MessageReceived
from inbox.models import Attachment, Channel
from tests.factories import (
    ApiChannelFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.factories.inbox import InboundMessageFactory
from tests.helpdesk.api.hearing import endpoint_of
from tests.helpdesk.chat.chats import answer, chat, mailbox, visitor_of

pytestmark = pytest.mark.django_db
CREATED = ["message.created"]


def write(visitor, text="Where is my tent?", *, conversation=None):
    """A visitor's message, as it comes out of the journal."""
    received = receive_message(
        channel=visitor.channel,
        inbound=InboundMessage(
            external_id=external_id_of(
                visitor_id=str(visitor.public_id), client_id=str(uuid.uuid4())
            ),
            sender=Sender(
                kind="chat",
                handle=visitor.identity.value,
                scope=visitor.identity.scope,
            ),
            text=text,
            sent_at=timezone.now(),
            proven_conversation_id=conversation.pk if conversation else None,
            is_reply=conversation is not None,
        ),
    )
    relay_all()
    return received.item


def told(**wanted):
    rows = WebhookDelivery.objects.filter(**wanted).order_by("id")
    return [it.payload for it in rows]


def types():
    return [it["type"] for it in told()]


class TestMessageCreated:
    def test_tells_of_what_a_visitor_wrote_and_whose_it_is(self, site):
        channel = ApiChannelFactory()
        endpoint_of(site, channel=channel)
        visitor = VisitorFactory(channel=channel, proven="42")

        item = write(visitor)

        created, message = told()
        data = message["data"]
        assert created["type"] == "conversation.created"
        assert message["type"] == "message.created"
        assert data["message"]["id"] == str(item.public_id)
        assert data["message"]["by"] == "visitor"
        assert data["message"]["text"] == "Where is my tent?"
        assert data["visitor"] == {
            "id": str(visitor.public_id),
            "is_known": True,
            "user_id": "42",
        }
        assert data["customer"] == {"id": str(visitor.identity.customer.public_id)}
        assert data["channel"] == {"key": channel.address, "kind": "api"}
        assert data["conversation"]["id"] == str(item.conversation.public_id)
        assert data["conversation"]["status"] == "open"

    def test_tells_of_an_answer(self, site):
        conversation = chat()
        endpoint_of(site, events=CREATED)

        answer(conversation)

        (message,) = told()
        assert message["data"]["message"]["by"] == "agent"
        assert message["data"]["message"]["agent"]["name"] == "Noor Okafor"

    def test_tells_of_an_answer_only_when_it_cannot_be_taken_back(self, site):
        conversation = chat()
        Channel.objects.filter(pk=conversation.channel_id).update(undo_seconds=10)
        conversation.channel.refresh_from_db()
        endpoint_of(site, events=CREATED)
        author = UserFactory()
        for text in ("Wrong.", "Right."):
            item = send_reply(
                conversation_id=conversation.pk,
                author=author,
                writing=Writing(text=text),
                recipients=Recipients(to=[{"name": "", "handle": "visitor"}]),
            )
            relay_all()
            if text == "Wrong.":
                take_back(item_id=item.pk, actor=author)
                relay_all()
        while_held = types()
        due = item.delivery.send_after
        (claim,) = claim_deliveries(now=due)
        record_sent(claim=claim, result=SendResult(external_id=""), now=due)
        relay_all()

        assert while_held == []
        assert [it["data"]["message"]["text"] for it in told()] == ["Right."]

    def test_says_nothing_of_notes_and_of_what_goes_on_inside(self, site):
        conversation = chat()
        endpoint_of(site)
        endpoint_of(site, events=CREATED)

        add_note(
            conversation_id=conversation.pk,
            author=UserFactory(),
            writing=Writing(text="A secret of ours"),
        )
        relay_all()
        answer(conversation)

        assert "A secret of ours" not in json.dumps(told())
        assert [it["type"] for it in told(type="message.created")] == CREATED * 2

    def test_says_nothing_of_what_went_by_mail(self, site):
        conversation = chat()
        box = mailbox(address="other@shop.example", brand=conversation.channel.brand)
        endpoint_of(site, events=CREATED)

        item = send_reply(
            conversation_id=conversation.pk,
            author=UserFactory(),
            writing=Writing(text="By mail"),
            recipients=Recipients(to=[{"name": "", "handle": "maya@rivera.example"}]),
            channel=box,
        )
        due = item.delivery.send_after
        (claim,) = claim_deliveries(now=due)
        record_sent(claim=claim, result=SendResult(external_id=""), now=due)
        relay_all()

        assert told() == []

    def test_is_heard_by_nobody_elses_endpoint(self, site):
        conversation = chat()
        own = endpoint_of(site, channel=conversation.channel)
        other = endpoint_of(site, channel=WebchatChannelFactory())
        every = endpoint_of(site)
        endpoint_of(site, is_active=False)

        answer(conversation)

        assert set(WebhookDelivery.objects.values_list("endpoint", flat=True)) == {
            own.pk,
            every.pk,
        }
        assert not other.deliveries.exists()

    def test_is_heard_only_by_who_wants_to_hear_it(self, site):
        endpoint_of(site, events=["conversation.closed"])

        answer(chat())

        assert told() == []

    def test_is_told_once_however_often_it_is_heard(self, site):
        channel = ApiChannelFactory()
        endpoint_of(site, channel=channel)
        item = write(VisitorFactory(channel=channel))
        event = MessageReceived(
            conversation_id=item.conversation_id,
            item_id=item.pk,
            customer_id=item.customer_id,
            is_first=True,
            nature="person",
            is_fetched=True,
        )

        subscribers.tell_what_was_written(event)

        assert types() == ["conversation.created", "message.created"]

    def test_leads_to_files_by_links_that_are_made_as_it_is_sent(self, site):
        from helpdesk.api.payloads import with_links

        channel = ApiChannelFactory()
        endpoint_of(site, channel=channel, events=["message.created"])
        visitor = VisitorFactory(channel=channel)
        item = write(visitor)
        stored = store_file(b"picture")
        Attachment.objects.create(
            item=item, name="tent.png", stored_name=stored.stored_name, size=7
        )
        WebhookDelivery.objects.all().delete()
        subscribers.tell_of_message(item_id=item.pk)

        (payload,) = told()
        (file,) = with_links(payload)["data"]["message"]["files"]

        assert file["name"] == "tent.png"
        assert file["url"].startswith(f"{settings.PUBLIC_URL}/api/v1/chat/files/")
        assert "token=" in file["url"]


class TestConversation:
    def test_tells_each_time_it_is_closed_and_opened_again(self, site):
        conversation = chat()
        endpoint_of(site)

        for _ in range(2):
            close_conversation(conversation_id=conversation.pk, actor=None)
            reopen_conversation(conversation_id=conversation.pk, actor=None)
        relay_all()

        assert types() == ["conversation.closed", "conversation.reopened"] * 2

    def test_tells_that_what_waits_for_the_customer_is_open_again(self, site):
        conversation = chat()
        endpoint_of(site, events=["conversation.closed", "conversation.reopened"])

        for change in (wait_for_customer, close_conversation) * 2:
            change(conversation_id=conversation.pk, actor=None)
        relay_all()

        assert types() == [
            "conversation.closed",
            "conversation.reopened",
            "conversation.closed",
        ]

    def test_tells_that_what_was_taken_for_spam_is_open_again(self, site):
        conversation = chat()
        endpoint_of(site, events=["conversation.closed", "conversation.reopened"])

        for change in (close_conversation, mark_as_spam, reopen_conversation):
            change(conversation_id=conversation.pk, actor=None)
        relay_all()

        assert types() == ["conversation.closed", "conversation.reopened"]

    def test_tells_that_a_visitor_opened_it_again(self, site):
        conversation = chat()
        close_conversation(conversation_id=conversation.pk, actor=None)
        relay_all()
        endpoint_of(site, events=["conversation.reopened"])

        write(visitor_of(conversation), conversation=conversation)

        assert types() == ["conversation.reopened"]

    def test_tells_who_has_it(self, site):
        conversation = chat()
        endpoint_of(site)

        assign_conversation(
            conversation_id=conversation.pk,
            assignee=UserFactory(name="Sam Lee"),
            actor=None,
        )
        relay_all()

        (payload,) = told()
        assert payload["type"] == "conversation.assigned"
        assert payload["data"]["agent"]["name"] == "Sam Lee"
        assert "@" not in json.dumps(payload["data"]["agent"])

    def test_tells_who_took_it_by_answering(self, site):
        conversation = chat()
        endpoint_of(site, events=["conversation.assigned"])
        noor = UserFactory(name="Noor Okafor")

        answer(conversation, author=noor)
        answer(conversation, author=UserFactory(name="Sam Lee"))

        (payload,) = told()
        assert payload["data"]["agent"]["name"] == "Noor Okafor"

    def test_tells_that_an_answer_opened_it_again(self, site):
        conversation = chat()
        endpoint_of(site, events=["conversation.reopened"])
        for _ in range(2):
            close_conversation(conversation_id=conversation.pk, actor=None)
            answer(conversation)
            answer(conversation)

        assert types() == ["conversation.reopened"] * 2

    def test_of_mail_is_told_to_nobody(self, site):
        from tests.factories import ConversationFactory

        conversation = ConversationFactory()
        endpoint_of(site)

        close_conversation(conversation_id=conversation.pk, actor=None)
        relay_all()

        assert told() == []


class TestSeenAndRated:
    def test_tells_how_far_a_visitor_has_read(self, site):
        conversation = chat()
        item = answer(conversation)
        endpoint_of(site)

        mark_seen(
            visitor=visitor_of(conversation), conversation=conversation, seq=item.seq
        )
        relay_all()

        (payload,) = told()
        assert payload["type"] == "message.seen"
        assert (payload["data"]["by"], payload["data"]["seq"]) == ("visitor", item.seq)

    def test_tells_each_rating(self, site):
        conversation = chat()
        endpoint_of(site)

        for score in (2, 5):
            rate_chat(conversation=conversation, score=score, comment="Fine.")
            relay_all()

        ratings = [it["data"]["rating"] for it in told(type="rating.created")]
        assert ratings == [
            {"score": 2, "comment": "Fine."},
            {"score": 5, "comment": "Fine."},
        ]


class TestForgotten:
    def test_leaves_nothing_of_theirs_in_what_was_told(self, site):
        channel = ApiChannelFactory()
        endpoint_of(site, channel=channel)
        gone, kept = VisitorFactory(channel=channel), VisitorFactory(channel=channel)
        write(gone, "My secret")
        write(kept, "My question")

        forget_visitor(visitor_id=gone.pk, now=timezone.now())
        relay_all()

        assert "My secret" not in json.dumps(told())
        assert "My question" in json.dumps(told())

    def test_keeps_what_was_told_of_somebody_who_only_signed_out(self, site):
        channel = ApiChannelFactory()
        endpoint_of(site, channel=channel)
        visitor = VisitorFactory(channel=channel)
        write(visitor)

        subscribers.forget_what_was_told(VisitorAccessChanged(visitor_id=visitor.pk))

        assert types() == ["conversation.created", "message.created"]


class TestMail:
    def test_makes_no_work_as_it_arrives(self, site):
        endpoint_of(site)
        box = mailbox()

        receive_message(channel=box, inbound=InboundMessageFactory())

        heard = OutboxEvent.objects.filter(subscriber__startswith="helpdesk.api")
        assert not heard.exists()
