import pytest
from django.urls import reverse

from channels_ingest.providers.chat.config import secret_fingerprint
from channels_ingest.providers.chat.settings import identity_secrets
from inbox.models import Channel
from tests.channels_ingest.chat_form import save
from tests.factories import ChannelFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestChannelSite:
    @pytest.fixture
    def channel(self, settings_client):
        save(settings_client)
        return Channel.objects.get()

    def page(self, client, channel):
        return client.get(reverse("admin:inbox_channel_site", args=[channel.pk]))

    def test_shows_the_one_line_and_what_a_policy_needs(
        self, settings_client, settings, channel
    ):
        page = self.page(settings_client, channel).content.decode()

        src = f"{settings.PUBLIC_URL}/chat/{channel.address}/widget.js"
        assert f"&lt;script async src=&quot;{src}&quot;&gt;" in page
        assert f"frame-src {settings.PUBLIC_URL}" in page

    def test_is_kept_by_no_cache(self, settings_client, channel):
        answer = self.page(settings_client, channel)

        assert "no-store" in answer["Cache-Control"]

    def test_is_for_admins_only(self, client, channel):
        client.force_login(UserFactory(role="lead"))

        for name in ("site", "try", "secrets"):
            url = reverse(f"admin:inbox_channel_{name}", args=[channel.pk])
            answer = client.post(url) if name == "secrets" else client.get(url)
            assert answer.status_code in (302, 403)

    def test_says_what_is_missing(self, settings_client, channel):
        save(settings_client, channel, domains="", is_active="")

        page = self.page(settings_client, channel).content.decode()

        assert "opens nowhere" in page
        assert "Nobody can write here" in page
        assert "no mailbox in use" in page

    def test_is_content_with_a_mailbox_of_the_brand(self, settings_client, channel):
        ChannelFactory(brand=channel.brand)

        page = self.page(settings_client, channel).content.decode()

        assert "no mailbox in use" not in page

    def test_belongs_to_chats_alone(self, settings_client):
        mailbox = ChannelFactory()

        assert self.page(settings_client, mailbox).status_code == 404

    def test_takes_the_place_of_the_test_of_mail(self, settings_client, channel):
        url = reverse("admin:inbox_channel_test", args=[channel.pk])

        assert settings_client.get(url).status_code == 404

    def test_shows_an_app_where_to_speak_to(self, settings_client, settings):
        save(settings_client, kind="api")
        channel = Channel.objects.get(kind="api")

        page = self.page(settings_client, channel).content.decode()

        assert f"{settings.PUBLIC_URL}/api/v1/chat/" in page
        assert channel.address in page
        assert "widget.js" not in page


class TestChannelSecrets:
    @pytest.fixture
    def channel(self, settings_client):
        save(settings_client)
        return Channel.objects.get()

    def secrets(self, channel):
        channel.refresh_from_db()
        return identity_secrets(channel.config)

    def post(self, client, channel, **sent):
        url = reverse("admin:inbox_channel_secrets", args=[channel.pk])
        return client.post(url, sent, follow=True)

    def test_a_new_one_leaves_the_old_one_valid(self, settings_client, channel):
        (old,) = self.secrets(channel)

        self.post(settings_client, channel)

        current, earlier = self.secrets(channel)
        assert earlier == old
        assert current != old

    def test_the_old_one_can_be_removed(self, settings_client, channel):
        (old,) = self.secrets(channel)
        self.post(settings_client, channel)

        self.post(settings_client, channel, remove=secret_fingerprint(old))

        (left,) = self.secrets(channel)
        assert left != old

    def test_the_last_one_stays(self, settings_client, channel):
        (only,) = self.secrets(channel)

        answer = self.post(settings_client, channel, remove=secret_fingerprint(only))

        assert self.secrets(channel) == (only,)
        assert "before you remove the last one" in answer.content.decode()
