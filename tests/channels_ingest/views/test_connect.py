import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from channels_ingest.adapters.email.oauth_consent import challenge_of
from channels_ingest.channel_test import begin_test
from tests.factories import ChannelFactory, UserFactory
from tests.site import Site

pytestmark = pytest.mark.django_db

CLIENT_SECRET = "s3cret-Of-The-Client"
TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}


@pytest.fixture
def settings_client(client):
    client.force_login(UserFactory(admin=True))
    return client


@pytest.fixture
def provider(settings):
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    site = Site()
    yield site
    site.close()


@pytest.fixture
def channel(provider):
    return ChannelFactory(
        config={
            "incoming": {"transport": "imap", "username": "support@shop.example"},
            "outgoing": {"transport": "smtp", "host": "x", "uses_oauth": True},
            "oauth": {
                "provider": "other",
                "client_id": "desk",
                "client_secret": CLIENT_SECRET,
                "authorization_url": "https://login.example/authorize",
                "token_url": provider.url("/token"),
                "scope": "mail",
            },
        }
    )


def begin(client, channel):
    """Go to the provider; return what the browser takes along."""
    url = reverse("admin:inbox_channel_connect", args=[channel.pk])
    answer = client.post(url)
    assert answer.status_code == 302
    query = parse_qs(urlsplit(answer.url).query)
    return {name: values[0] for name, values in query.items()}


def come_back(client, **query):
    return client.get(reverse("admin:inbox_channel_connected"), query, follow=True)


def words(answer):
    return " ".join(str(message) for message in answer.context["messages"])


class TestOauthStart:
    def test_sends_the_admin_to_the_provider_with_a_challenge(
        self, settings_client, channel, settings
    ):
        sent = begin(settings_client, channel)

        assert sent["client_id"] == "desk"
        assert sent["code_challenge_method"] == "S256"
        assert sent["login_hint"] == "support@shop.example"
        assert sent["redirect_uri"].startswith(f"{settings.PUBLIC_URL}/admin/")
        assert CLIENT_SECRET not in str(sent)

    @pytest.mark.parametrize(
        ("name", "host"),
        [
            ("google", "accounts.google.com"),
            ("microsoft", "login.microsoftonline.com"),
        ],
    )
    def test_knows_google_and_microsoft(self, settings_client, name, host):
        oauth = {"provider": name, "client_id": "desk", "client_secret": "x"}
        channel = ChannelFactory(config={"oauth": oauth})
        url = reverse("admin:inbox_channel_connect", args=[channel.pk])

        page = settings_client.get(url)
        answer = settings_client.post(url)

        assert urlsplit(answer.url).hostname == host
        assert "offline" in answer.url
        assert "/admin/inbox/channel/connected/" in page.content.decode()
        policy = page.headers["Content-Security-Policy"]
        assert f"form-action 'self' https://{host};" in f"{policy};"

    def test_is_for_admins_only(self, client, channel):
        client.force_login(UserFactory(lead=True))

        answer = client.post(
            reverse("admin:inbox_channel_connect", args=[channel.pk]), follow=True
        )

        assert answer.status_code == 403


class TestOauthCallback:
    def test_keeps_what_the_provider_issues(self, settings_client, channel, provider):
        sent = begin(settings_client, channel)
        provider.answers.append((200, {}, json.dumps(TOKENS).encode()))

        answer = come_back(settings_client, code="the-code", state=sent["state"])

        channel.refresh_from_db()
        assert channel.config["oauth"]["refresh_token"] == "refresh-1"
        assert channel.config["outgoing"]["access_token"] == "access-1"
        form = parse_qs(provider.requests[0][3].decode())
        assert form["code"] == ["the-code"]
        assert challenge_of(form["code_verifier"][0]) == sent["code_challenge"]
        assert form["redirect_uri"] == [sent["redirect_uri"]]
        assert "Connected" in words(answer)
        assert "access-1" not in answer.content.decode()

    def test_counts_each_journey_once(self, settings_client, channel, provider):
        sent = begin(settings_client, channel)
        provider.answers.append((200, {}, json.dumps(TOKENS).encode()))
        come_back(settings_client, code="the-code", state=sent["state"])

        answer = come_back(settings_client, code="the-code", state=sent["state"])

        assert "used already" in words(answer)
        assert len(provider.requests) == 1

    @pytest.mark.parametrize("state", ["", "guessed"])
    def test_takes_no_state_of_others(self, settings_client, channel, provider, state):
        begin(settings_client, channel)

        answer = come_back(settings_client, code="the-code", state=state)

        assert "Connect again" in words(answer)
        assert provider.requests == []

    def test_takes_no_state_of_another_browser(
        self, settings_client, channel, provider, django_user_model
    ):
        sent = begin(settings_client, channel)
        other = type(settings_client)()
        other.force_login(UserFactory(admin=True))

        come_back(other, code="the-code", state=sent["state"])

        assert provider.requests == []

    def test_takes_no_state_that_is_too_old(self, settings_client, channel, provider):
        sent = begin(settings_client, channel)

        with time_machine.travel(timezone.now() + timedelta(minutes=11)):
            answer = come_back(settings_client, code="the-code", state=sent["state"])

        assert "too long" in words(answer)
        assert provider.requests == []

    @pytest.mark.parametrize(
        ("status", "said", "expected"),
        [
            (400, {"error": "invalid_client"}, "client id and secret"),
            (400, {"error": "redirect_uri_mismatch"}, "Copy ours"),
            (200, {"access_token": "access-1"}, "for an hour only"),
            (200, ["not", "an", "object"], "did not give permission"),
        ],
    )
    def test_says_what_went_wrong(
        self, settings_client, channel, provider, status, said, expected
    ):
        sent = begin(settings_client, channel)
        provider.answers.append((status, {}, json.dumps(said).encode()))

        answer = come_back(settings_client, code="the-code", state=sent["state"])

        assert expected in words(answer)
        channel.refresh_from_db()
        assert "refresh_token" not in channel.config["oauth"]

    def test_says_so_when_permission_was_not_given(self, settings_client, channel):
        sent = begin(settings_client, channel)

        answer = come_back(settings_client, error="access_denied", state=sent["state"])

        assert "Nothing has changed" in words(answer)


class TestChannelTest:
    def test_begins_by_a_post_and_shows_how_it_goes(self, settings_client):
        channel = ChannelFactory()
        url = reverse("admin:inbox_channel_test", args=[channel.pk])

        assert "Begin the test" in settings_client.get(url).content.decode()
        page = settings_client.post(url, follow=True).content.decode()

        assert 'hx-trigger="every 1s"' in page

    def test_shows_no_test_of_another_channel(self, settings_client):
        test = begin_test(channel_id=ChannelFactory().pk)
        other = ChannelFactory()

        answer = settings_client.get(
            reverse("admin:inbox_channel_test_steps", args=[other.pk]),
            {"run": test.key},
        )

        assert "too old" in answer.content.decode()
