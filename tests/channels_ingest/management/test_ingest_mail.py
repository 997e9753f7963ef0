import json
import mailbox

import pytest
from django.core.management import CommandError, call_command

from channels_ingest.models import InboundEvent
from inbox.models import TimelineItem
from tests.factories import ChannelFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def channel():
    return ChannelFactory(address="support@shop.example")


def mail(number):
    return mail_source(message_id=f"{number}@x", subject=f"Mail {number}")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "mails"
    (place / "deeper").mkdir(parents=True)
    for number in range(3):
        (place / f"{number}.eml").write_bytes(mail(number))
    (place / "deeper" / "3.eml").write_bytes(mail(3))
    (place / "again.eml").write_bytes(mail(0))
    return place


def ingest(capsys, path, **options):
    call_command("ingest_mail", path, channel="support@shop.example", **options)
    return capsys.readouterr().out


class TestIngestMail:
    def test_shows_every_mail_of_a_folder_once(self, channel, folder, capsys):
        said = ingest(capsys, folder, quiet=True)

        assert TimelineItem.objects.count() == 4
        assert "Shown: 4" in said
        assert "Had come before: 1" in said
        assert "mails/s" in said

    def test_reads_an_mbox(self, channel, tmp_path, capsys):
        box = mailbox.mbox(tmp_path / "box")
        for number in range(3):
            box.add(mail(number))
        box.close()

        ingest(capsys, tmp_path / "box", quiet=True)

        assert TimelineItem.objects.count() == 3

    def test_reads_a_maildir(self, channel, tmp_path, capsys):
        box = mailbox.Maildir(tmp_path / "box")
        for number in range(3):
            box.add(mail(number))

        ingest(capsys, tmp_path / "box", quiet=True)

        assert TimelineItem.objects.count() == 3

    def test_goes_on_where_it_stopped(self, channel, folder, tmp_path, capsys):
        state = tmp_path / "state"
        ingest(capsys, folder, quiet=True, state=state)
        (folder / "new.eml").write_bytes(mail(9))

        said = ingest(capsys, folder, quiet=True, state=state)

        assert "1 mails" in said
        assert TimelineItem.objects.count() == 5

    def test_run_again_changes_nothing(self, channel, folder, capsys):
        ingest(capsys, folder, quiet=True)

        ingest(capsys, folder, quiet=True)

        assert TimelineItem.objects.count() == 4
        assert InboundEvent.objects.count() == 4

    def test_says_when_there_is_no_such_place(self, channel, tmp_path):
        with pytest.raises(CommandError, match="neither"):
            call_command("ingest_mail", tmp_path / "nowhere")


class TestReadMail:
    def test_says_how_and_where_without_storing_anything(self, channel, folder, capsys):
        call_command("read_mail", folder / "0.eml", folder / "1.eml", json=True)

        first, second = map(json.loads, capsys.readouterr().out.splitlines())
        assert first["message"]["text"] == "It should have come on Monday."
        assert first["placement"]["why"] == "new"
        assert second["read_as"]["subject"] == "Mail 1"
        assert not InboundEvent.objects.exists()

    def test_speaks_to_people_too(self, channel, folder, capsys):
        call_command("read_mail", folder / "0.eml")

        said = capsys.readouterr().out
        assert "maya@people.example" in said
        assert "a new conversation" in said

    def test_asks_which_channel_if_there_are_several(self, channel, folder):
        ChannelFactory()

        with pytest.raises(CommandError, match="which channel"):
            call_command("read_mail", folder / "0.eml")
