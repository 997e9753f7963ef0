import pytest

from channels_ingest.acknowledging import PER_CHANNEL_AND_HOUR
from channels_ingest.models import AutomaticReply
from helpdesk.core.outbox import relay_all
from inbox.actions.receiving import receive_message
from inbox.contract import Authentication, Sender, Verdict
from inbox.models import Delivery, TimelineItem
from tests.factories.inbox import ChannelFactory, InboundMessageFactory

pytestmark = pytest.mark.django_db
MAYA = Sender(kind="email", handle="maya@rivera.example", name="Maya <b>")


def receive(channel, **fields):
    inbound = InboundMessageFactory(
        **{
            "sender": MAYA,
            "deserves_acknowledgement": True,
            "subject": "Buy cheap pills",
            **fields,
        }
    )
    receive_message(channel=channel, inbound=inbound)
    relay_all()


def acknowledgements():
    return TimelineItem.objects.filter(payload__automatic=True)


class TestAcknowledge:
    def test_is_off_by_default(self):
        receive(ChannelFactory())

        assert not acknowledgements().exists()

    def test_answers_the_first_message_without_the_senders_words(self):
        receive(ChannelFactory(acknowledges=True), text="Click evil.example")

        (answer,) = acknowledgements()
        words = f"{answer.subject} {answer.text} {answer.html} {answer.detail.to}"
        assert answer.detail.to == [{"name": "", "handle": MAYA.handle}]
        for theirs in ("pills", "evil", "Maya <b>"):
            assert theirs not in words

    def test_answers_a_machine_never(self):
        receive(ChannelFactory(acknowledges=True), deserves_acknowledgement=False)

        assert not acknowledgements().exists()

    def test_answers_a_forged_sender_never(self):
        receive(
            ChannelFactory(acknowledges=True),
            authentication=Authentication(verdict=Verdict.FAIL),
        )

        assert not acknowledgements().exists()

    def test_answers_an_address_once_a_day_over_all_channels(self):
        for _ in range(3):
            receive(ChannelFactory(acknowledges=True, continuity="never"))

        assert acknowledgements().count() == 1

    def test_stops_at_the_cap_of_the_channel(self):
        channel = ChannelFactory(acknowledges=True)
        AutomaticReply.objects.bulk_create(
            AutomaticReply(channel=channel, address=f"{n}@people.example")
            for n in range(PER_CHANNEL_AND_HOUR)
        )

        receive(channel)

        assert not acknowledgements().exists()

    def test_leaves_the_customer_waiting_for_a_person(self):
        receive(ChannelFactory(acknowledges=True))

        conversation = acknowledgements().get().conversation
        assert conversation.waiting_since is not None
        assert conversation.preview_agent is None
        assert Delivery.objects.get().state == "queued"
