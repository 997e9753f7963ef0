"""A channel's test against a real mail server, our own door and the real reader."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from channels_ingest.actions.journal import record_inbound
from channels_ingest.channel_test import begin_test, find_test, look, run_test
from channels_ingest.drain import drain_all
from channels_ingest.fingerprint import mail_key
from channels_ingest.models import EventState, InboundEvent
from channels_ingest.reading_pool import ReadingPool
from inbox.models import TimelineItem
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.channels_ingest.doors import conftest as doors
from tests.channels_ingest.doors.dovecot import PASSWORD
from tests.factories import ChannelFactory

pytestmark = pytest.mark.django_db(transaction=True)

dovecot, token_server = doors.dovecot, doors.token_server
open_door = doors.open_door

SECRET = "s3cret-Of-The-Server"


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(size=1) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _no_name_servers(settings, monkeypatch):
    settings.SMTP_PORT = 0
    monkeypatch.setattr("channels_ingest.channel_test.domain_steps", lambda _: iter(()))
    yield
    cache.clear()


def channel_on(port, **outgoing):
    server = {"transport": "smtp", "host": "127.0.0.1", "port": port}
    return ChannelFactory(
        address="support@shop.example",
        config={"outgoing": {**server, "security": "none", **outgoing}},
    )


def tried(channel):
    test = begin_test(channel_id=channel.pk)
    run_test(key=test.key, channel_id=channel.pk)
    return find_test(key=test.key, channel_id=channel.pk)


def arrive(channel, raw, *, source="smtp"):
    return record_inbound(
        channel_id=channel.pk, source=source, raw=raw, dedupe_key=mail_key(raw)
    )


def verdicts(test):
    return [(step["title"], step["verdict"]) for step in test.steps]


class TestRunTest:
    def test_sends_a_mail_that_comes_back_and_is_shown_to_nobody(self, pool):
        with mail_server() as server:
            channel = channel_on(server.port)
            test = tried(channel)
        assert test.stage == "waiting"
        (sent,) = server.mails
        arrive(channel, b"Received: from relay\r\n" + sent.content)
        drain_all(pool=pool)

        look(test)

        assert test.stage == "done"
        assert not test.has_failed
        assert ("The test mail arrives", "ok") in verdicts(test)
        assert ("Recognize it by its signature", "ok") in verdicts(test)
        assert not TimelineItem.objects.exists()
        assert InboundEvent.objects.get().state == EventState.IGNORED

    def test_is_recognized_though_the_provider_made_another_message_id(self, pool):
        with mail_server() as server:
            channel = channel_on(server.port)
            test = tried(channel)
        raw = re.sub(
            rb"Message-ID: <[^>]+>",
            b"Message-ID: <x@provider.example>",
            server.mails[0].content,
        )
        arrive(channel, raw)
        drain_all(pool=pool)

        assert look(test).stage == "done"
        assert not test.has_failed

    def test_is_not_fooled_by_a_mail_that_nobody_signed(self, pool):
        with mail_server() as server:
            channel = channel_on(server.port)
            tried(channel)
        raw = re.sub(rb"[a-z2-7]{40}", b"a" * 40, server.mails[0].content).replace(
            b"From: ", b"From: x@people.example\r\nX-From: "
        )
        arrive(channel, raw)
        drain_all(pool=pool)

        assert TimelineItem.objects.count() == 1

    def test_says_that_a_mail_lies_unread(self):
        with mail_server() as server:
            channel = channel_on(server.port)
            test = tried(channel)
        arrive(channel, server.mails[0].content)
        assert look(test).stage == "waiting"
        test.sent_at = (timezone.now() - timedelta(minutes=2)).isoformat()
        InboundEvent.objects.update(received_at=timezone.now())

        look(test)

        assert "nobody has read it" in test.steps[-1]["words"]

    def test_gives_up_waiting_and_says_what_to_do(self):
        with mail_server() as server:
            test = tried(channel_on(server.port))
        test.sent_at = (timezone.now() - timedelta(minutes=2)).isoformat()

        look(test)

        assert test.has_failed
        assert "MX" in test.steps[-1]["advice"]

    def test_stops_at_the_step_that_failed(self):
        with mail_server() as server:
            port = server.port
        test = tried(channel_on(port))

        assert test.stage == "done"
        assert verdicts(test)[-1] == ("Connect to it", "failed")
        assert "firewall" in test.steps[-1]["advice"]

    def test_shows_what_the_server_said_but_never_a_password(self):
        answers = {"support@shop.example": f"550 5.7.1 {SECRET} is wrong"}
        with mail_server(answers) as server:
            channel = channel_on(server.port)
            channel.config = {**channel.config, "webhook": {"secret": SECRET}}
            channel.save()
            test = tried(channel)

        said = test.steps[-1]["said"]
        assert "550 5.7.1" in said
        assert SECRET not in str(test.steps)

    def test_runs_once(self):
        with mail_server() as server:
            channel = channel_on(server.port)
            test = tried(channel)
            run_test(key=test.key, channel_id=channel.pk)

        assert len(server.mails) == 1

    def test_says_that_a_channel_cannot_send_yet(self):
        test = tried(ChannelFactory())

        assert test.has_failed
        assert "no way to send" in test.steps[-1]["words"]


class TestOwnDoor:
    def test_is_asked_whether_it_takes_mail_for_the_channel(self, settings, open_door):
        channel = ChannelFactory(address="support@shop.example")
        settings.SMTP_BIND, settings.SMTP_PORT = "127.0.0.1", open_door().port

        assert verdicts(tried(channel))[0][1] == "ok"

    def test_says_no_for_a_channel_that_is_not_in_use(self, settings, open_door):
        channel = ChannelFactory(address="support@shop.example", is_active=False)
        settings.SMTP_BIND, settings.SMTP_PORT = "127.0.0.1", open_door().port

        first = tried(channel).steps[0]

        assert first["verdict"] == "failed"
        assert "in use" in first["advice"]


class TestMailbox:
    def test_is_tried_down_to_its_folder(self, dovecot):
        test = tried(ChannelFactory(config={"incoming": self.incoming(dovecot)}))

        assert verdicts(test)[:5] == [
            ("Find the mailbox's server", "ok"),
            ("Connect to it", "ok"),
            ("Sign in to the mailbox", "ok"),
            ("Open the folder INBOX", "ok"),
            ("Hear of new mail at once", "ok"),
        ]

    def test_names_a_folder_that_is_not_there(self, dovecot):
        incoming = self.incoming(dovecot, folders=["Nowhere"])

        test = tried(ChannelFactory(config={"incoming": incoming}))

        assert ("Open the folder Nowhere", "failed") in verdicts(test)

    def test_says_that_the_password_is_wrong_without_repeating_it(self, dovecot):
        incoming = self.incoming(dovecot, password=SECRET)

        test = tried(ChannelFactory(config={"incoming": incoming}))

        step = test.steps[2]
        assert step["verdict"] == "failed"
        assert "password" in step["advice"]
        assert SECRET not in str(test.steps)

    def incoming(self, dovecot, **changes):
        return {
            "transport": "imap",
            "host": "127.0.0.1",
            "port": dovecot.port,
            "security": "none",
            "username": "probe@shop.example",
            "password": PASSWORD,
            **changes,
        }
