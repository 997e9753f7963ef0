import uuid
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from channels_ingest.delivering import deliver_due
from customers.models import Identity, Proof
from helpdesk.chat.actions.transcripts import (
    OF_VISITOR,
    TO_ADDRESS,
    NothingToSend,
    NowhereToSend,
    send_transcript,
)
from helpdesk.core.limits import LimitReached
from inbox.models import Channel, Participant, TimelineItem
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.factories import (
    CustomerFactory,
    IdentityFactory,
    TimelineItemFactory,
    VisitorFactory,
)
from tests.helpdesk.chat.chats import answer, chat, visitor_of

pytestmark = pytest.mark.django_db
MAYA = "maya@rivera.example"


@pytest.fixture(autouse=True)
def _own_counters(settings):
    settings.SECRET_KEY = uuid.uuid4().hex


def send(conversation, email="", visitor=None):
    return send_transcript(
        visitor=visitor or visitor_of(conversation),
        conversation=conversation,
        email=email,
    )


class TestSendTranscript:
    def test_mails_what_was_written_in_its_order(self):
        with mail_server() as server:
            conversation = chat(server=server)
            answer(conversation, "It is on its way.")
            item = send(conversation, MAYA.upper())
            deliver_due(now=timezone.now() + timedelta(minutes=1))

        mail = message_from_bytes(server.mails[0].content, policy=default)
        text = mail.get_body(("plain",)).get_content()
        assert server.mails[0].rcpt_tos == [MAYA]
        assert text.index("Where is my tent?") < text.index("It is on its way.")
        assert "Noor Okafor" in text
        assert item.payload == {"name": "transcript", "to": MAYA}
        assert item.visibility == "internal"

    def test_goes_to_the_address_that_is_known_if_none_is_given(self):
        assert send(chat(claimed=MAYA)).payload["to"] == MAYA

    def test_holds_nothing_that_the_visitor_is_not_shown(self):
        conversation = chat()
        stranger = IdentityFactory()
        TimelineItemFactory(conversation=conversation, note=True, text="Our secret")
        TimelineItemFactory(
            conversation=conversation, identity=stranger, text="By somebody else"
        )

        item = send(conversation)

        assert "Our secret" not in item.text + item.html
        assert "By somebody else" not in item.text + item.html

    def test_makes_no_markup_and_no_links_of_what_a_visitor_typed(self):
        conversation = chat()
        TimelineItemFactory(
            conversation=conversation, text="<b>Look</b> https://evil.example"
        )

        item = send(conversation)

        assert "<b>Look" not in item.html
        assert "<a " not in item.html

    def test_makes_nobody_part_of_the_conversation(self):
        conversation = chat(claimed="")
        before = set(Participant.objects.values_list("identity_id", flat=True))

        send(conversation, MAYA)

        assert set(Participant.objects.values_list("identity_id", flat=True)) == before
        assert not Identity.objects.filter(value=MAYA).exists()

    @pytest.mark.parametrize("email", ["", "no address", "support@shop.example"])
    def test_goes_nowhere_without_an_address_that_is_not_ours(self, email):
        with pytest.raises(NowhereToSend):
            send(chat(claimed=""), email)

    def test_needs_a_mailbox(self):
        conversation = chat()
        Channel.objects.filter(kind="email").update(is_active=False)

        with pytest.raises(NothingToSend):
            send(conversation)

    def test_is_sent_only_a_few_times_for_one_visitor(self):
        conversation = chat()
        for number in range(OF_VISITOR.count):
            send(conversation, f"address{number}@rivera.example")

        with pytest.raises(LimitReached):
            send(conversation, "one-more@rivera.example")

    def test_fills_nobodys_mailbox_whoever_asks(self):
        conversations = [
            chat(address=f"support{number}@shop.example")
            for number in range(TO_ADDRESS.count + 1)
        ]
        for conversation in conversations[1:]:
            send(conversation, "victim@rivera.example")

        with pytest.raises(LimitReached):
            send(conversations[0], "victim@rivera.example")
        assert TimelineItem.objects.filter(payload__name="transcript").count() == 4

    def test_to_an_address_that_is_proven_counts_for_the_visitor_alone(self):
        customer = CustomerFactory()
        IdentityFactory(
            customer=customer, value="own@rivera.example", proof=Proof.AUTHENTICATED
        )
        for number in range(TO_ADDRESS.count):
            send(chat(address=f"b{number}@shop.example"), "own@rivera.example")
        conversation = chat(proven="42", customer=customer, claimed="")

        assert send(conversation).payload["to"] == "own@rivera.example"

    def test_shows_another_visitor_nothing(self):
        conversation = chat()
        other = VisitorFactory(channel=conversation.channel)

        with pytest.raises(NothingToSend):
            send(conversation, MAYA, visitor=other)
