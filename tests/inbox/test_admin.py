import pytest
from django.urls import reverse

from helpdesk.core.outbox import relay_all
from inbox.models import Tag
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestTagAdmin:
    @pytest.fixture
    def tag(self):
        return Tag.objects.create(name="Fragile")

    @pytest.fixture
    def labelled(self, tag):
        return ConversationFactory(tag_ids=[tag.pk])

    @pytest.fixture
    def settings_client(self, client):
        client.force_login(UserFactory(admin=True))
        return client

    def test_deletes_a_tag_and_takes_it_off_everything(
        self, settings_client, tag, labelled
    ):
        url = reverse("admin:inbox_tag_delete", args=[tag.pk])

        settings_client.post(url, {"post": "yes"})

        self.is_gone_from(labelled)

    def test_deletes_several_in_the_same_way(self, settings_client, tag, labelled):
        settings_client.post(
            reverse("admin:inbox_tag_changelist"),
            {"action": "delete_selected", "_selected_action": [tag.pk], "post": "yes"},
        )

        self.is_gone_from(labelled)

    def is_gone_from(self, conversation):
        relay_all()
        conversation.refresh_from_db()
        assert not Tag.objects.exists()
        assert conversation.tag_ids == []
