import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from inbox.models import Channel
from tests.factories import BrandFactory, ChannelFactory, InboundEventFactory

pytestmark = pytest.mark.django_db

SECRET = "s3cret-Of-The-Mailbox"


def filled(**changes):
    """What a browser sends for a channel that takes mail by our own server."""
    return {
        "name": "Support",
        "address": "Support@Shop.example",
        "aliases": "hello@shop.example\nHelp@shop.example",
        "is_active": "on",
        "continuity": "subject",
        "continuity_hours": "336",
        "undo_seconds": "10",
        "incoming_transport": "smtp",
        **changes,
    }


MAILBOX = {
    "incoming_transport": "imap",
    "incoming_host": "imap.shop.example",
    "incoming_security": "tls",
    "incoming_username": "support@shop.example",
    "incoming_password": SECRET,
    "oauth_provider": "password",
}
SERVER = {
    "outgoing_transport": "smtp",
    "outgoing_host": "smtp.shop.example",
    "outgoing_security": "starttls",
    "outgoing_username": "support@shop.example",
    "outgoing_password": SECRET,
}


def save(client, channel=None, **changes):
    changes.setdefault("brand", (channel.brand if channel else BrandFactory()).pk)
    url = (
        reverse("admin:inbox_channel_change", args=[channel.pk])
        if channel
        else reverse("admin:inbox_channel_add")
    )
    return client.post(url, filled(**changes))


def problems(answer):
    assert answer.status_code == 200, "it was saved"
    return answer.context["adminform"].form.errors


class TestChannelForm:
    def test_makes_a_channel_that_takes_mail_by_our_own_server(self, settings_client):
        save(settings_client)

        channel = Channel.objects.get()
        assert channel.address == "support@shop.example"
        assert channel.aliases == ["hello@shop.example", "help@shop.example"]
        assert channel.config == {"incoming": {"transport": "smtp"}}
        assert channel.capabilities["has_html"] is True

    def test_writes_the_keys_that_the_adapter_reads(self, settings_client):
        save(
            settings_client,
            **MAILBOX,
            **SERVER,
            incoming_folders="INBOX\nSales",
            incoming_afterwards="move",
            incoming_move_to="Done",
            trusted_servers="mx.shop.example",
            plus_addresses="no",
            bounce_address="on",
        )

        assert Channel.objects.get().config == {
            "incoming": {
                "transport": "imap",
                "host": "imap.shop.example",
                "port": 993,
                "security": "tls",
                "username": "support@shop.example",
                "password": SECRET,
                "folders": ["INBOX", "Sales"],
                "afterwards": "move",
                "move_to": "Done",
            },
            "outgoing": {
                "transport": "smtp",
                "host": "smtp.shop.example",
                "port": 587,
                "security": "starttls",
                "username": "support@shop.example",
                "password": SECRET,
            },
            "trusted_servers": ["mx.shop.example"],
            "bounce_address": True,
            "plus_addresses": False,
        }

    def test_takes_every_provider_with_its_own_settings(self, settings_client):
        save(
            settings_client,
            incoming_transport="webhook",
            incoming_provider="mailgun",
            incoming_mailgun_webhook_signing_key=SECRET,
            outgoing_transport="provider",
            outgoing_provider="postmark",
            outgoing_postmark_server_token="server-token",
            tracking_postmark_webhook_secret="user:password",
        )

        assert Channel.objects.get().config == {
            "incoming": {
                "transport": "webhook",
                "provider": "mailgun",
                "settings": {"webhook_signing_key": SECRET},
            },
            "outgoing": {
                "transport": "provider",
                "provider": "postmark",
                "settings": {"server_token": "server-token"},
                "webhook": {"webhook_secret": "user:password"},
            },
        }

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"incoming_host": ""}, "incoming_host", "imap.example.com"),
            ({"incoming_host": "https://imap.shop.example/"}, "incoming_host", "https"),
            ({"incoming_port": "70000"}, "incoming_port", "65535"),
            ({"incoming_username": ""}, "incoming_username", "user name"),
            ({"incoming_password": ""}, "incoming_password", "password"),
            ({"incoming_afterwards": "move"}, "incoming_move_to", "folder"),
            ({"oauth_provider": "google"}, "oauth_client_id", "client id"),
            ({"incoming_transport": "webhook"}, "incoming_provider", "Choose"),
            ({"outgoing_transport": "smtp"}, "outgoing_host", "smtp.example.com"),
            ({"outgoing_transport": "provider"}, "outgoing_provider", "Choose"),
            ({"trusted_networks": "my office"}, "trusted_networks", "10.0.0.0/8"),
            ({"trusts_colleagues": "on"}, "trusted_networks", "networks"),
            ({"undo_seconds": "900"}, "undo_seconds", "120"),
            ({"address": "support"}, "address", "no mail address"),
            ({"aliases": "not an address"}, "aliases", "no mail address"),
        ],
    )
    def test_says_what_to_do(self, settings_client, changes, field, words):
        answer = save(settings_client, **{**MAILBOX, **changes})

        assert words in str(problems(answer)[field])
        assert not Channel.objects.exists()

    def test_wants_proof_of_who_calls_a_webhook(self, settings_client):
        answer = save(
            settings_client, incoming_transport="webhook", incoming_provider="postmark"
        )

        assert "anybody" in str(problems(answer)["incoming_postmark_webhook_secret"])

    def test_lets_no_address_belong_to_two_channels(self, settings_client):
        ChannelFactory(address="hello@shop.example")

        assert "already belongs" in str(problems(save(settings_client))["aliases"])

    @pytest.mark.parametrize(
        "url", ["http://api.example", "https://127.0.0.1/", "https://a:b@8.8.8.8/"]
    )
    def test_sends_no_key_into_the_own_network(self, settings_client, url):
        answer = save(
            settings_client,
            outgoing_transport="provider",
            outgoing_provider="postal",
            outgoing_postal_api_key="key",
            outgoing_postal_api_url=url,
        )

        assert "https://" in str(problems(answer)["outgoing_postal_api_url"])


class TestWebhookAddress:
    @pytest.mark.parametrize("direction", ["inbound", "tracking"])
    def test_is_shown_and_leads_to_where_providers_post(
        self, settings_client, settings, client, direction
    ):
        channel = ChannelFactory()
        page = settings_client.get(
            reverse("admin:inbox_channel_change", args=[channel.pk])
        ).content.decode()
        path = f"/hooks/{channel.pk}/{direction}/"

        assert f"{settings.PUBLIC_URL}{path}" in page
        client.logout()
        assert client.post(
            path, b"{}", content_type="application/json"
        ).status_code in (
            400,
            401,
            403,
        )


class TestSecrets:
    @pytest.fixture
    def channel(self, settings_client):
        save(settings_client, **MAILBOX, **SERVER)
        return Channel.objects.get()

    def test_are_never_shown_again(self, settings_client, channel):
        url = reverse("admin:inbox_channel_change", args=[channel.pk])
        page = settings_client.get(url).content.decode()

        assert SECRET not in page
        assert "Leave it empty to keep it" in page

    def test_nor_when_the_form_comes_back_with_an_error(self, settings_client, channel):
        changes = {**MAILBOX, **SERVER, "name": "", "incoming_password": "typed-now"}

        page = save(settings_client, channel, **changes).content.decode()

        assert "typed-now" not in page
        assert SECRET not in page

    def test_stay_when_their_field_is_left_empty(self, settings_client, channel):
        changes = {
            **MAILBOX,
            **SERVER,
            "incoming_password": "",
            "outgoing_password": "",
        }

        save(settings_client, channel, **changes)

        channel.refresh_from_db()
        assert channel.config["incoming"]["password"] == SECRET
        assert channel.config["outgoing"]["password"] == SECRET

    def test_go_to_no_other_server_than_they_were_typed_for(
        self, settings_client, channel
    ):
        changes = {
            **MAILBOX,
            **SERVER,
            "incoming_password": "",
            "outgoing_password": "",
            "outgoing_host": "smtp.attacker.example",
        }

        answer = save(settings_client, channel, **changes)

        assert "Type the password again" in str(problems(answer)["outgoing_password"])

    def test_are_forgotten_with_the_way_they_belong_to(self, settings_client, channel):
        save(settings_client, channel, incoming_transport="smtp")

        channel.refresh_from_db()
        assert SECRET not in str(dict(channel.config))

    def test_do_not_stand_in_the_history(self, settings_client, channel):
        save(settings_client, channel, **MAILBOX, **SERVER)

        history = [entry.change_message for entry in LogEntry.objects.all()]
        assert len(history) == 2
        assert SECRET not in str(history)

    def test_keep_a_token_that_was_renewed_meanwhile(self, settings_client, channel):
        oauth = {
            "provider": "google",
            "client_id": "id",
            "client_secret": "client-secret",
            "refresh_token": "refresh",
            "access_token": "access",
        }
        channel.config = {**channel.config, "oauth": oauth}
        channel.save()

        save(
            settings_client,
            channel,
            **{**MAILBOX, "oauth_provider": "google", "oauth_client_id": "id"},
        )

        channel.refresh_from_db()
        assert channel.config["oauth"] == oauth
        assert "password" not in channel.config["incoming"]


class TestInboundEventAdmin:
    def test_shows_neither_raw_bytes_nor_headers_of_requests(
        self, settings_client, django_assert_max_num_queries
    ):
        event = InboundEventFactory(
            headers={
                "mail_from": "maya@people.example",
                "headers": {"authorization": f"Basic {SECRET}"},
            }
        )
        url = reverse("admin:channels_ingest_inboundevent_changelist")
        with django_assert_max_num_queries(12):
            listed = settings_client.get(url).content.decode()
        detail = settings_client.get(
            reverse("admin:channels_ingest_inboundevent_change", args=[event.pk])
        ).content.decode()

        assert "maya@people.example" in detail
        for page in (listed, detail):
            assert SECRET not in page
            assert "Where is my parcel" not in page

    def test_cannot_be_changed(self, settings_client):
        event = InboundEventFactory()
        url = reverse("admin:channels_ingest_inboundevent_change", args=[event.pk])

        assert settings_client.post(url, {"state": "done"}).status_code == 403
