import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from channels_ingest.models import InboundEvent
from channels_ingest.reading_pool import close_shared_pool
from inbox.models import Conversation
from tests.factories import ChannelFactory, ConversationFactory, UserFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db
URL = "channels:mail-lab"


@pytest.fixture(scope="module", autouse=True)
def _pool():
    yield
    close_shared_pool()


@pytest.fixture
def admin(client):
    agent = UserFactory(admin=True)
    client.force_login(agent)
    return agent


class TestMailLab:
    def test_shows_how_a_file_is_read_and_stores_nothing(self, client, admin):
        channel = ChannelFactory()
        file = SimpleUploadedFile("mail.eml", mail_source())

        page = client.post(reverse(URL), {"channel": channel.pk, "file": file})

        text = page.content.decode()
        assert page.status_code == 200
        assert "It should have come on Monday." in text
        assert "maya@people.example" in text
        assert not InboundEvent.objects.exists()
        assert not Conversation.objects.exists()

    def test_says_where_it_would_go_and_why(self, client, admin):
        conversation = ConversationFactory(
            identity__value="maya@people.example", subject="Where is my parcel?"
        )

        page = client.post(
            reverse(URL),
            {
                "channel": conversation.channel_id,
                "source": mail_source(subject="Re: Where is my parcel?").decode(),
            },
        )

        explanation = page.context["found"].explanation
        assert explanation.conversation_id == conversation.pk
        assert explanation.why == "continuity"
        assert explanation.customer_id == conversation.customer_id

    def test_says_why_something_would_not_be_shown(self, client, admin):
        channel = ChannelFactory()

        page = client.post(
            reverse(URL),
            {
                "channel": channel.pk,
                "source": mail_source(sender=channel.address).decode(),
            },
        )

        assert "one of our own addresses" in page.content.decode()

    def test_never_shows_markup_of_a_stranger_as_markup(self, client, admin):
        source = mail_source(text="<script>alert(1)</script>", subject="<b>x</b>")

        page = client.post(
            reverse(URL),
            {"channel": ChannelFactory().pk, "source": source.decode()},
        )

        assert b"<script>alert" not in page.content
        assert b"<b>x</b>" not in page.content

    def test_wants_a_mail(self, client, admin):
        page = client.post(reverse(URL), {"channel": ChannelFactory().pk})

        assert page.status_code == 422

    def test_is_for_admins(self, client):
        client.force_login(UserFactory(lead=True))

        assert client.get(reverse(URL)).status_code == 403
