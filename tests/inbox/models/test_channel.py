import pytest

from channels_ingest.adapters.webchat.adapter import WebchatAdapter
from inbox.models import Brand, Channel

pytestmark = pytest.mark.django_db
CHAT = {"kind": "webchat", "capabilities": WebchatAdapter.capabilities.as_json()}


def made(**fields):
    brand, _ = Brand.objects.get_or_create(name="Larchwood")
    return Channel.objects.create(name="New", address="new", brand=brand, **fields)


class TestUndoTime:
    def test_is_none_for_a_chat_however_it_is_made(self):
        assert made(**CHAT).undo_seconds == 0

    def test_is_none_for_a_chat_that_is_only_made_if_there_is_none(self):
        fields = {**CHAT, "brand": Brand.objects.create(name="Larchwood")}

        channel, _ = Channel.objects.get_or_create(address="new", defaults=fields)

        assert channel.undo_seconds == 0

    def test_is_none_for_chats_that_are_made_together(self):
        brand = Brand.objects.create(name="Larchwood")
        rows = [Channel(address=f"chat-{n}", brand=brand, **CHAT) for n in range(2)]

        Channel.objects.bulk_create(rows)

        assert set(Channel.objects.values_list("undo_seconds", flat=True)) == {0}

    def test_is_none_for_a_chat_that_is_saved(self):
        brand = Brand.objects.create(name="Larchwood")
        channel = Channel(address="new", brand=brand, **CHAT)

        channel.save()

        assert Channel.objects.get().undo_seconds == 0

    def test_stays_what_was_chosen_when_it_is_read(self):
        channel = made(**CHAT, undo_seconds=15)

        assert Channel.objects.get().undo_seconds == 15
        assert Channel.objects.only("name").get(pk=channel.pk).undo_seconds == 15

    def test_is_what_was_chosen(self):
        assert made(**CHAT, undo_seconds=15).undo_seconds == 15

    def test_is_ten_seconds_for_a_mailbox(self):
        assert made().undo_seconds == 10
