import pytest

from channels_ingest.actions.channels import save_channel
from channels_ingest.adapters.email.adapter import EmailAdapter
from channels_ingest.adapters.webchat.adapter import WebchatAdapter
from inbox.models import Channel
from tests.factories import BrandFactory, ChannelFactory

pytestmark = pytest.mark.django_db


def save(channel, *, adapter=WebchatAdapter, chat=None, **fields):
    saved = save_channel(
        channel=channel,
        capabilities=adapter.capabilities,
        configure=lambda _config: {"chat": chat or {}},
        **fields,
    )
    return Channel.objects.get(pk=saved.pk)


def new(kind="webchat"):
    return Channel(kind=kind, name="New", address="new", brand=BrandFactory())


class TestSaveChannel:
    def test_lets_answers_of_a_new_chat_leave_at_once(self):
        assert save(new()).undo_seconds == 0

    def test_keeps_the_time_that_somebody_chose(self):
        channel = save(new(), undo_seconds=10)
        assert channel.undo_seconds == 10

        assert save(channel).undo_seconds == 10
        assert save(channel, undo_seconds=0).undo_seconds == 0

    def test_leaves_a_new_mailbox_its_time(self):
        assert save(new("email"), adapter=EmailAdapter).undo_seconds == 10

    def test_tells_the_inbox_which_mailbox_was_chosen(self):
        mailbox = ChannelFactory()
        channel = save(new(), chat={"by_mail": {"channel_id": mailbox.pk}})
        assert channel.mailbox_id == mailbox.pk
        assert channel.is_fetched

        assert save(channel).mailbox_id is None
