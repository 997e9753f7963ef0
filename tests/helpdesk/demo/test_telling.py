import pytest
from django.urls import reverse

from channels_ingest.models import EventState, InboundEvent
from customers.models import Customer
from customers.queries import possible_duplicates
from helpdesk.accounts.models import User
from helpdesk.demo.models import DemoState, ReceivedMail
from helpdesk.demo.script import load_story
from helpdesk.demo.telling import tell_story
from inbox.models import Attachment, Conversation, Delivery, Status, TimelineItem
from inbox.queues import QUEUES, conversations_in
from tests.factories import CustomerFactory

pytestmark = pytest.mark.usefixtures("told")


class TestTellStory:
    def test_makes_each_topic_one_conversation(self):
        told = DemoState.objects.get().topics

        assert len(set(told.values())) == len(told) == Conversation.objects.count()
        assert set(load_story().topics) - set(told) == {"unreadable"}

    def test_tells_nothing_twice(self):
        before = (Conversation.objects.count(), TimelineItem.objects.count())

        assert not tell_story()

        assert (Conversation.objects.count(), TimelineItem.objects.count()) == before

    def test_leaves_no_queue_empty(self):
        noor = User.objects.get(email="noor@larchwood.example")

        empty = [
            slug for slug in QUEUES if not conversations_in(slug, agent=noor).exists()
        ]

        assert empty == []

    def test_knows_whose_address_a_visitor_claims(self):
        noor = User.objects.get(email="noor@larchwood.example")
        maya = Customer.objects.get(identities__value="maya@rivera.example")
        visitor = CustomerFactory(name="")

        found = possible_duplicates(
            customer=visitor, agent=noor, claimed=["maya@rivera.example"]
        )

        assert [match.pk for match in found] == [maya.pk]

    def test_gives_every_team_something_to_do(self):
        noor = User.objects.get(email="noor@larchwood.example")

        for team in noor.teams.all():
            assert conversations_in(f"team-{team.pk}", agent=noor).exists()

    def test_has_due_times_that_are_over_and_some_to_come(self):
        now = DemoState.objects.get().began_at

        open_ones = Conversation.objects.filter(status=Status.OPEN)

        assert open_ones.filter(due_at__lt=now).exists()
        assert open_ones.filter(due_at__gt=now).count() > 5

    def test_knows_thirty_customers_and_makes_nobody_of_our_own_addresses(self):
        names = {person.name for person in load_story().people.values()}

        assert len(names) == 30
        assert names <= set(Customer.objects.values_list("name", flat=True))
        assert not Customer.objects.filter(
            identities__value__endswith="@larchwood.example"
        ).exists()

    def test_dates_everything_in_the_past_and_in_order(self):
        now = DemoState.objects.get().began_at

        assert not TimelineItem.objects.filter(occurred_at__gt=now).exists()
        for conversation in Conversation.objects.all():
            times = conversation.items.order_by("seq").values_list("received_at")
            assert list(times) == sorted(times)

    def test_shows_a_bounce_at_the_message_that_came_back(self):
        topic = DemoState.objects.get().topics["tyler-bounce"]

        delivery = Delivery.objects.get(conversation_id=topic)

        assert delivery.state == "bounced"
        assert (
            delivery.failed_recipients[0]["handle"] == "accounts@bluemesa-old.example"
        )

    def test_sets_a_request_aside_that_was_cut_off(self):
        event = InboundEvent.objects.get(state=EventState.QUARANTINED)

        assert event.source == "webhook"
        assert event.reason

    @pytest.mark.parametrize(
        ("topic", "flag", "value"),
        [
            ("maya-stranger", "stranger", True),
            ("dmitri-spoof", "verdict", "fail"),
            ("kenji-away", "nature", "auto_reply"),
            ("lucia-forward", "forwarded_by", "lucia@larchwood.example"),
            ("newsletter", "remote_images", 2),
        ],
    )
    def test_tells_odd_mail_as_what_it_is(self, topic, flag, value):
        number = DemoState.objects.get().topics[topic]

        assert TimelineItem.objects.filter(
            conversation_id=number, **{f"payload__{flag}": value}
        ).exists()

    def test_carries_real_files(self):
        names = set(Attachment.objects.values_list("name", flat=True))

        assert any(name.endswith(".pdf") for name in names)
        assert any(name.endswith(".png") for name in names)

    def test_puts_what_we_sent_into_the_customers_mailbox(self):
        mail = ReceivedMail.objects.filter(address="maya@rivera.example").first()

        assert "+r" in mail.reply_to
        assert mail.message_id in set(
            Delivery.objects.values_list("provider_message_id", flat=True)
        )


class TestEveryPage:
    def test_draws_each_conversation_of_the_story(self, client):
        client.force_login(User.objects.get(email="priya@larchwood.example"))

        for number in Conversation.objects.values_list("pk", flat=True):
            response = client.get(reverse("inbox:conversation", args=[number]))
            assert response.status_code == 200, number

    @pytest.mark.parametrize("slug", QUEUES)
    def test_draws_each_queue(self, client, slug):
        client.force_login(User.objects.get(email="noor@larchwood.example"))

        assert client.get(reverse("inbox:queue", args=[slug])).status_code == 200
