import threading
import time

import pytest
from django.db import connections

from channels_ingest.doors import mailboxes
from channels_ingest.doors.mailboxes import MailboxKeeper, MailboxReader
from channels_ingest.models import ChannelHealth, InboundEvent
from tests.channels_ingest.doors.dovecot import PASSWORD
from tests.factories import ChannelFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db(transaction=True)

_names = iter(f"box{number}" for number in range(1000))


@pytest.fixture(autouse=True)
def _quick(monkeypatch, settings):
    monkeypatch.setattr(mailboxes, "LISTEN_SECONDS", 0.2)
    monkeypatch.setattr(mailboxes, "LOOK_FOR_CHANNELS_SECONDS", 0.2)
    monkeypatch.setattr(mailboxes, "OTHER_HOLDS_IT_PAUSE", 0.2)
    monkeypatch.setattr(mailboxes, "LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(mailboxes, "REFUSED_PAUSE", 0.2)
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]


@pytest.fixture
def user():
    return next(_names)


@pytest.fixture
def reading():
    """Start readers that are stopped whatever happens."""
    readers = []

    def start(channel):
        reader = MailboxReader(channel_id=channel.pk)
        readers.append(reader)
        reader.start()
        return reader

    yield start

    for reader in readers:
        reader.ask_to_stop()
    for reader in readers:
        reader.join(60)


def channel_on(dovecot, user, *, oauth=None, **incoming):
    config = {
        "incoming": {
            "transport": "imap",
            "host": dovecot.host,
            "port": dovecot.port,
            "security": "none",
            "username": user,
            "password": PASSWORD,
            "begins_with": "all",
            **incoming,
        }
    }
    if oauth:
        config["oauth"] = oauth
    return ChannelFactory(config=config)


def until(condition, seconds=60):
    """Wait for what another thread does; it is there or the test fails."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := condition():
            return result
        threading.Event().wait(0.05)
    raise AssertionError("It did not happen in time.")


def journalled(number):
    return lambda: InboundEvent.objects.count() == number


def mail(number, **more):
    return mail_source(message_id=f"{number}@people.example", **more)


class TestReading:
    def test_keeps_what_is_there_and_what_comes_and_leaves_it_unseen(
        self, dovecot, user, reading
    ):
        dovecot.put(user, mail(1), mail(2))
        channel = channel_on(dovecot, user)

        reading(channel)
        until(journalled(2))
        dovecot.put(user, mail(3))
        until(journalled(3))

        event = InboundEvent.objects.latest("id")
        assert bytes(event.raw) == mail(3)
        assert (event.source, event.headers["folder"]) == ("imap", "INBOX")
        assert all(b"\\Seen" not in flags for flags in dovecot.contents(user))
        assert len(dovecot.contents(user)) == 3

    def test_hears_of_new_mail_long_before_the_next_poll(self, dovecot, user, reading):
        reading(channel_on(dovecot, user, poll_seconds=500))
        until(lambda: ChannelHealth.objects.filter(last_inbound_at__isnull=False))

        dovecot.put(user, mail(1))

        until(journalled(1), seconds=30)

    def test_polls_folders_it_does_not_wait_in(self, dovecot, user, reading):
        dovecot.put(user, mail(1), folder="Shop")
        channel = channel_on(dovecot, user, folders=["INBOX", "Shop"], poll_seconds=0.5)

        reading(channel)
        until(journalled(1))
        dovecot.put(user, mail(2), folder="Shop")

        until(journalled(2))

    def test_leaves_alone_what_was_there_before_if_so_set(self, dovecot, user, reading):
        dovecot.put(user, mail(1))
        channel = channel_on(dovecot, user, begins_with="new")

        reading(channel)
        until(lambda: ChannelHealth.objects.filter(last_inbound_at__isnull=False))
        dovecot.put(user, mail(2))
        until(journalled(1))

        assert b"2@people" in bytes(InboundEvent.objects.get().raw)

    def test_goes_on_where_it_stopped(self, dovecot, user, reading):
        dovecot.put(user, mail(1))
        channel = channel_on(dovecot, user)
        first = reading(channel)
        until(lambda: ChannelHealth.objects.filter(last_inbound_at__isnull=False))
        first.ask_to_stop()
        first.join(60)
        dovecot.put(user, mail(2))

        reading(channel)
        until(journalled(2))

        assert InboundEvent.objects.filter(redeliveries__gt=0).count() == 0

    def test_shows_nothing_twice_when_the_server_numbers_anew(
        self, dovecot, user, reading
    ):
        dovecot.put(user, mail(1), mail(2), folder="Shop")
        channel = channel_on(dovecot, user, folders=["Shop"])
        first = reading(channel)
        until(journalled(2))
        first.ask_to_stop()
        first.join(60)
        before = ChannelHealth.objects.get().state["folders"]["Shop"]
        dovecot.number_anew(user, "Shop", mail(1), mail(2), mail(3))

        reading(channel)
        until(journalled(3))

        after = ChannelHealth.objects.get().state["folders"]["Shop"]
        assert after["uidvalidity"] != before["uidvalidity"]
        assert InboundEvent.objects.filter(redeliveries=1).count() == 2

    def test_keeps_the_beginning_of_what_is_too_large(
        self, dovecot, user, reading, settings
    ):
        settings.MAIL_MAX_BYTES = 10_000
        dovecot.put(user, mail(1), mail(2, text="x\r\n" * 5000), mail(3))

        reading(channel_on(dovecot, user))
        until(journalled(3))

        sizes = InboundEvent.objects.order_by("id").values_list("size", flat=True)
        assert sizes[1] == 10_000
        assert InboundEvent.objects.filter(headers__is_cut=True).count() == 1


class TestAfterwards:
    @pytest.mark.parametrize(
        ("options", "flags"),
        [({"afterwards": "seen"}, [True]), ({"afterwards": "delete"}, [])],
    )
    def test_is_done_to_what_is_on_disk(self, dovecot, user, reading, options, flags):
        dovecot.put(user, mail(1))

        reading(channel_on(dovecot, user, **options))
        until(journalled(1))

        until(lambda: [b"\\Seen" in each for each in dovecot.contents(user)] == flags)

    def test_may_be_moving_to_a_folder(self, dovecot, user, reading):
        dovecot.put(user, mail(1))

        reading(channel_on(dovecot, user, afterwards="move", move_to="Done"))
        until(journalled(1))

        until(lambda: not dovecot.contents(user))
        assert len(dovecot.contents(user, "Done")) == 1

    def test_is_nothing_while_the_journal_cannot_be_written(
        self, dovecot, user, reading
    ):
        dovecot.put(user, mail(1))
        channel = channel_on(dovecot, user, afterwards="delete")
        InboundEvent.objects.create(
            channel=channel, dedupe_key="x", source="x", raw=b"", sha256="", size=0
        )
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "ALTER TABLE channels_ingest_inboundevent"
                " ADD CONSTRAINT refuses CHECK (source <> 'imap')"
            )
        try:
            reader = reading(channel)
            until(lambda: reader._failures > 1)
            assert len(dovecot.contents(user)) == 1
        finally:
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE channels_ingest_inboundevent DROP CONSTRAINT refuses"
                )

        until(journalled(2))
        until(lambda: not dovecot.contents(user))


class TestOneMailbox:
    def test_is_read_by_one_at_a_time_and_taken_over_when_they_end(
        self, dovecot, user, reading
    ):
        channel = channel_on(dovecot, user)
        first, second = reading(channel), reading(channel)
        dovecot.put(user, mail(1))
        until(journalled(1))

        first.ask_to_stop()
        first.join(60)
        dovecot.put(user, mail(2))

        until(journalled(2))
        assert second.is_alive()
        assert not InboundEvent.objects.filter(redeliveries__gt=0).exists()


class TestTrouble:
    def test_with_the_password_is_said_in_plain_words(self, dovecot, user, reading):
        channel = channel_on(dovecot, user, password="wrong")

        reading(channel)

        health = until(lambda: ChannelHealth.objects.exclude(error="").first())
        assert "did not accept the sign-in" in health.error

    def test_with_the_server_is_over_when_it_is_back(self, dovecot, user, reading):
        channel = channel_on(dovecot, user)
        reading(channel)
        until(lambda: ChannelHealth.objects.filter(last_inbound_at__isnull=False))

        dovecot.stop()
        health = until(lambda: ChannelHealth.objects.exclude(error="").first())
        assert "cannot be reached" in health.error
        dovecot.start()
        dovecot.put(user, mail(1))

        until(journalled(1))
        until(lambda: ChannelHealth.objects.filter(error=""))

    def test_is_noticed_at_once_when_the_server_hangs_up(
        self, dovecot, user, reading, monkeypatch
    ):
        monkeypatch.setattr(mailboxes, "LISTEN_SECONDS", 300)
        reading(channel_on(dovecot, user, poll_seconds=500))
        until(lambda: ChannelHealth.objects.filter(last_inbound_at__isnull=False))

        dovecot.stop()
        try:
            health = until(lambda: ChannelHealth.objects.exclude(error="").first(), 20)
        finally:
            dovecot.start()

        assert "cannot be reached" in health.error


class TestOauth:
    def oauth(self, token_server, refresh_token, **more):
        return {
            "provider": "other",
            "client_id": "desk",
            "client_secret": "s",
            "token_url": token_server.url,
            "refresh_token": refresh_token,
            **more,
        }

    def test_renews_the_token_and_remembers_it(
        self, dovecot, user, reading, token_server
    ):
        token_server.refresh_tokens["r1"] = user
        dovecot.put(user, mail(1))
        channel = channel_on(
            dovecot, user, oauth=self.oauth(token_server, "r1"), password=""
        )

        reading(channel)
        until(journalled(1))

        channel.refresh_from_db()
        assert token_server.issued[channel.config["oauth"]["access_token"]] == user

    def test_asks_for_a_person_when_the_permission_has_ended(
        self, dovecot, user, reading, token_server
    ):
        channel = channel_on(dovecot, user, oauth=self.oauth(token_server, "revoked"))

        reading(channel)

        health = until(lambda: ChannelHealth.objects.exclude(error="").first())
        assert "sign in to it again" in health.error


class TestMailboxKeeper:
    def test_follows_the_channels(self, dovecot, user):
        other = next(_names)
        dovecot.put(user, mail(1))
        dovecot.put(other, mail(2))
        channel_on(dovecot, user)
        keeper = MailboxKeeper()
        keeper.start()
        try:
            until(journalled(1))
            channel_on(dovecot, other)
            until(journalled(2))
        finally:
            keeper.stop()
