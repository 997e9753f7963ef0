from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from helpdesk.api.models import DeliveryProgress, WebhookDelivery, WebhookEndpoint
from helpdesk.api.sending import send_webhooks_due
from tests.factories import ApiChannelFactory, ChannelFactory, UserFactory
from tests.helpdesk.api.hearing import endpoint_of
from tests.helpdesk.chat.chats import answer, chat

pytestmark = pytest.mark.django_db
LIST = "admin:api_webhookendpoint_changelist"
DELIVERIES = "admin:api_webhookdelivery_changelist"


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(admin=True))
    return client


def add(client, **changes):
    filled = {
        "url": "http://127.0.0.1:9999/hook",
        "events": ["message.created"],
        "is_active": "on",
        **changes,
    }
    return client.post(reverse("admin:api_webhookendpoint_add"), filled)


class TestEndpoints:
    def test_are_made_with_a_secret_that_can_be_copied(self, admin, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]

        response = add(admin)

        endpoint = WebhookEndpoint.objects.get()
        (secret,) = endpoint.secrets["secrets"]
        page = admin.get(
            reverse("admin:api_webhookendpoint_change", args=[endpoint.pk])
        )
        assert response.status_code == 302
        assert secret.startswith("whsec_")
        assert secret in page.content.decode()

    def test_keep_their_secret_out_of_the_database_and_the_log(self, admin, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]

        add(admin)

        secret = WebhookEndpoint.objects.get().secrets["secrets"][0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT secrets FROM api_webhookendpoint")
            (stored,) = cursor.fetchone()
        assert secret not in stored
        assert not LogEntry.objects.filter(change_message__contains=secret).exists()

    def test_keep_their_secret_when_they_are_changed(self, admin, settings, site):
        endpoint = endpoint_of(site)
        before = endpoint.secrets["secrets"]

        admin.post(
            reverse("admin:api_webhookendpoint_change", args=[endpoint.pk]),
            {"url": endpoint.url, "events": ["message.seen"], "is_active": "on"},
        )

        endpoint.refresh_from_db()
        assert endpoint.secrets["secrets"] == before
        assert endpoint.events == ["message.seen"]

    def test_never_lead_to_a_private_address(self, admin):
        response = add(admin, url="http://169.254.169.254/latest")

        assert "TRIBUTARY_PRIVATE_HOSTS" in response.content.decode()
        assert not WebhookEndpoint.objects.exists()

    def test_belong_to_chats_alone(self, admin):
        chat_channel, mail = ApiChannelFactory(), ChannelFactory()

        page = admin.get(reverse("admin:api_webhookendpoint_add")).content.decode()

        assert f'<option value="{chat_channel.pk}">' in page
        assert f'<option value="{mail.pk}">' not in page

    def test_get_a_second_secret_beside_the_first(self, admin, site):
        endpoint = endpoint_of(site)
        (before,) = endpoint.secrets["secrets"]

        admin.post(
            reverse(LIST),
            {"action": "renew_secrets", "_selected_action": [endpoint.pk]},
        )

        endpoint.refresh_from_db()
        new, old = endpoint.secrets["secrets"]
        assert old == before != new

    def test_are_told_anew_what_happened_since(self, admin, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=["message.created"])
        answer(conversation)
        send_webhooks_due()
        since = localtime(timezone.now() - timedelta(hours=1))

        admin.post(
            reverse(LIST),
            {
                "action": "tell_anew",
                "_selected_action": [endpoint.pk],
                "since": f"{since:%Y-%m-%dT%H:%M}",
            },
        )

        assert WebhookDelivery.objects.get().state == DeliveryProgress.WAITING

    def test_are_told_nothing_anew_without_a_time(self, admin, site):
        conversation = chat()
        endpoint = endpoint_of(site, events=["message.created"])
        answer(conversation)
        send_webhooks_due()

        response = admin.post(
            reverse(LIST),
            {"action": "tell_anew", "_selected_action": [endpoint.pk]},
            follow=True,
        )

        assert "Choose since when" in response.content.decode()
        assert WebhookDelivery.objects.get().state == DeliveryProgress.DELIVERED

    def test_are_for_admins_only(self, client):
        client.force_login(UserFactory())

        assert client.get(reverse(LIST)).status_code in (302, 403)


class TestDeliveries:
    def test_show_what_was_told_and_what_was_answered(self, admin, site):
        conversation = chat()
        endpoint_of(site, events=["message.created"])
        answer(conversation, "It is <b>late</b>.")
        site.answers = [(500, {}, b"no disk left")]
        send_webhooks_due()
        delivery = WebhookDelivery.objects.get()

        listed = admin.get(reverse(DELIVERIES)).content.decode()
        page = admin.get(
            reverse("admin:api_webhookdelivery_change", args=[delivery.pk])
        ).content.decode()

        assert "no disk left" in listed
        assert str(delivery.event_id) in page
        assert "&lt;b&gt;late" in page

    def test_are_sent_again(self, admin, site):
        conversation = chat()
        endpoint_of(site, events=["message.created"])
        answer(conversation)
        send_webhooks_due()

        admin.post(
            reverse(DELIVERIES),
            {
                "action": "send_selected_again",
                "_selected_action": [WebhookDelivery.objects.get().pk],
            },
        )
        send_webhooks_due()

        assert len(site.requests) == 2
