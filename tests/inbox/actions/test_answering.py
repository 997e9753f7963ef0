"""One conversation by chat and by mail, over the real ways of both."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from channels_ingest.delivering import deliver_due
from channels_ingest.drain import drain_all
from channels_ingest.reading_pool import ReadingPool
from customers.models import IdentityKind
from helpdesk.chat.queries import items_shown_to
from helpdesk.core.outbox import relay_all
from inbox.actions.answering import Reply, answer
from inbox.actions.messages import Recipients, Writing
from inbox.models import Participant, TimelineItem
from inbox.queries.ways import ways_of
from inbox.queries.writing import correspondence_of, parts_in
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.channels_ingest.journaling import journal
from tests.factories import (
    IdentityFactory,
    UserFactory,
    VisitorFactory,
    WebchatChannelFactory,
)
from tests.helpdesk.chat.chats import mailbox
from tests.helpdesk.chat.visiting import Browser

MAYA = "maya@rivera.example"


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=1) as pool:
        yield pool


@pytest.fixture
def server():
    with mail_server() as server:
        yield server


def ways(conversation):
    parts = parts_in(conversation)
    topic = correspondence_of(conversation, parts=parts)
    return ways_of(conversation, topic=topic, parts=parts)


def by_mail(conversation, *, to=MAYA, text="Have a look at the tracking."):
    """Answer by mail, and let it leave."""
    item = answer(
        conversation_id=conversation.pk,
        author=UserFactory(name="Noor Okafor"),
        reply=Reply(
            writing=Writing(text=text),
            recipients=Recipients(to=[{"name": "", "handle": to}]),
            channel=ways(conversation).mailbox,
        ),
    )
    relay_all()
    deliver_due(now=timezone.now() + timedelta(minutes=1))
    return item


def by_chat(conversation, *, text="It left on Friday."):
    chat = ways(conversation).chats[0]
    item = answer(
        conversation_id=conversation.pk,
        author=UserFactory(name="Noor Okafor"),
        reply=Reply(
            writing=Writing(text=text),
            recipients=Recipients(to=[chat.to]),
            channel=chat.channel,
            mode="chat",
        ),
    )
    relay_all()
    return item


def answer_to(mail, *, text, sender=MAYA):
    return {
        "sender": sender,
        "to": mail["Reply-To"].addresses[0].addr_spec,
        "subject": f"Re: {mail['Subject']}",
        "message_id": f"{abs(hash(text))}@rivera.example",
        "text": text,
        "headers": [("In-Reply-To", mail["Message-ID"])],
    }


@pytest.mark.django_db(transaction=True)
class TestAnswer:
    def begin(self, server, **visitor):
        box = mailbox(server)
        channel = WebchatChannelFactory(brand=box.brand)
        browser = Browser(VisitorFactory(channel=channel, **visitor))
        return box, browser, browser.begin("Where is my tent?")

    def test_moves_between_chat_and_mail_in_one_conversation(self, server, pool):
        box, browser, conversation = self.begin(server)
        address = IdentityFactory(
            customer=browser.visitor.identity.customer, value=MAYA
        )

        by_mail(conversation)
        sent = message_from_bytes(server.mails[-1].content, policy=default)
        journal(box, **answer_to(sent, text="I see it now."))
        drain_all(pool=pool)

        mailed = TimelineItem.objects.get(text="I see it now.")
        conversation.refresh_from_db()
        assert mailed.conversation == conversation
        assert "stranger" not in mailed.payload
        assert (conversation.channel, conversation.identity) == (box, address)
        assert not conversation.is_chat

        by_chat(conversation)
        browser.write("Thank you.", conversation=str(conversation.public_id))
        drain_all(pool=pool)

        chatted = TimelineItem.objects.get(text="Thank you.")
        conversation.refresh_from_db()
        assert chatted.conversation == conversation
        assert conversation.channel == browser.visitor.channel
        assert conversation.is_chat

    def test_by_mail_is_not_shown_in_the_chat_nor_the_other_way_round(self, server):
        _box, browser, conversation = self.begin(server)

        by_mail(conversation)
        by_chat(conversation)

        shown = items_shown_to(browser.visitor, conversation=conversation)
        assert [item.text for item in shown.order_by("seq")] == [
            "Where is my tent?",
            "It left on Friday.",
        ]
        assert len(server.mails) == 1

    def test_to_a_claimed_address_comes_back_and_proves_nothing(self, server, pool):
        box, browser, conversation = self.begin(server)
        conversation.claims = {"email": MAYA}
        conversation.save()
        owner = IdentityFactory(value=MAYA, display_name="Maya of Lyon").customer

        item = by_mail(conversation)
        sent = message_from_bytes(server.mails[-1].content, policy=default)
        journal(box, **answer_to(sent, text="Who are you?"))
        drain_all(pool=pool)

        returned = TimelineItem.objects.get(text="Who are you?")
        visitor = browser.visitor.identity.customer
        assert "Maya of Lyon" not in server.mails[-1].content.decode()
        assert item.detail.to == [{"name": "", "handle": MAYA}]
        assert returned.conversation == conversation
        assert returned.identity.customer == owner
        assert not visitor.identities.filter(kind=IdentityKind.EMAIL).exists()
        conversation.refresh_from_db()
        assert conversation.customer == visitor
        assert conversation.is_chat

    def test_by_chat_makes_nobody_a_reader(self, server):
        _box, _browser, conversation = self.begin(server)
        before = Participant.objects.count()

        by_chat(conversation)

        assert Participant.objects.count() == before
