from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.api.actions.deliveries import KEEP, prune_webhooks
from helpdesk.api.models import WebhookDelivery
from tests.helpdesk.api.hearing import endpoint_of
from tests.helpdesk.chat.chats import answer, chat

pytestmark = pytest.mark.django_db


class TestPruneWebhooks:
    def test_forgets_what_is_older_than_thirty_days(self, site):
        conversation = chat()
        endpoint_of(site, events=["message.created"])
        answer(conversation, "Old.")
        WebhookDelivery.objects.update(
            created_at=timezone.now() - KEEP - timedelta(hours=1)
        )
        answer(conversation, "New.")

        count = prune_webhooks(now=timezone.now())

        (kept,) = WebhookDelivery.objects.all()
        assert count == 1
        assert kept.payload["data"]["message"]["text"] == "New."
