import contextlib
import smtplib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from channels_ingest.adapters.email.signed_ids import (
    sign_bounce_address,
    sign_reply_address,
)
from channels_ingest.models import InboundEvent
from helpdesk.core import doorbell
from tests.factories import ChannelFactory, ConversationFactory, TimelineItemFactory
from tests.factories.channels_ingest import mail_source
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

MAYA = "maya@people.example"


@pytest.fixture
def channel():
    return ChannelFactory(address="support@shop.example", aliases=["help@shop.example"])


@contextlib.contextmanager
def session(door, kind=smtplib.SMTP):
    with kind(door.host, door.port, timeout=30) as smtp:
        yield smtp


def deliver(door, to, raw=None, sender=MAYA, kind=smtplib.SMTP):
    with session(door, kind) as smtp:
        return smtp.sendmail(sender, to, raw or mail_source())


class TestMail:
    def test_is_on_disk_when_the_sender_hears_250(self, open_door, channel):
        raw = mail_source(headers=[("Received", "from x by y")])

        deliver(open_door(), [channel.address], raw)

        event = InboundEvent.objects.get()
        assert bytes(event.raw) == raw
        assert event.source == "smtp"
        assert event.headers["mail_from"] == MAYA
        assert event.headers["rcpt_to"] == [channel.address]
        assert event.headers["peer"] == "127.0.0.1"

    def test_keeps_dots_long_lines_and_eight_bit_bytes(self, open_door, channel):
        raw = mail_source(text=f"..dots\r\n.\r\n{'x' * 5000}") + b"\xff\xfe\r\n"

        deliver(open_door(), [channel.address], raw)

        assert bytes(InboundEvent.objects.get().raw) == raw

    def test_from_nobody_is_taken(self, open_door, channel):
        deliver(open_door(), [channel.address], sender="")

        assert InboundEvent.objects.get().headers["mail_from"] in ("", "<>")

    def test_redelivered_is_one(self, open_door, channel):
        door = open_door()

        deliver(door, [channel.address])
        deliver(door, [channel.address], mail_source(headers=[("Received", "again")]))

        assert InboundEvent.objects.get().redeliveries == 1

    def test_delivered_64_times_at_once_is_one(self, open_door, channel):
        door = open_door(connections_per_peer=100)
        start = threading.Barrier(64)

        def one(_):
            start.wait(30)
            return deliver(door, [channel.address])

        with ThreadPoolExecutor(64) as threads:
            refused = list(threads.map(one, range(64)))

        assert refused == [{}] * 64
        assert InboundEvent.objects.get().redeliveries == 63

    def test_to_two_channels_is_one_for_each(self, open_door, channel):
        sales = ChannelFactory(address="sales@shop.example")

        deliver(open_door(), [channel.address, sales.address, "help@shop.example"])

        kept = {e.channel_id: e.headers["rcpt_to"] for e in InboundEvent.objects.all()}
        assert kept == {
            channel.pk: [channel.address, "help@shop.example"],
            sales.pk: [sales.address],
        }


class TestRecipients:
    @pytest.mark.parametrize(
        "address",
        [
            "support@shop.example",
            "SUPPORT@Shop.Example",
            "help@shop.example",
            "support+anything@shop.example",
        ],
    )
    def test_of_a_channel_are_known(self, open_door, channel, address):
        deliver(open_door(), [address])

        assert InboundEvent.objects.get().channel == channel

    def test_unknown_are_refused_for_good(self, open_door, channel):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            deliver(open_door(), ["nobody@shop.example"])

        assert refusal.value.recipients["nobody@shop.example"][0] == 550
        assert not InboundEvent.objects.exists()

    def test_of_a_channel_out_of_use_are_unknown(self, open_door):
        ChannelFactory(address="old@shop.example", is_active=False)

        with pytest.raises(smtplib.SMTPRecipientsRefused):
            deliver(open_door(), ["old@shop.example"])

    def test_of_a_new_channel_are_known_at_once(self, open_door, channel):
        door = open_door()
        deliver(door, [channel.address])
        ChannelFactory(address="new@shop.example")

        def taken():
            with contextlib.suppress(smtplib.SMTPRecipientsRefused):
                return deliver(door, ["new@shop.example"]) == {}

        # Looked up no more than twice a second, so the first try may come too early.
        assert eventually(taken)
        assert InboundEvent.objects.count() == 2

    def test_may_be_a_signed_reply_address(self, open_door, channel):
        address = sign_reply_address(
            secret=django_settings.MAIL_TOKEN_KEYS[0],
            address=channel.address,
            conversation=ConversationFactory(channel=channel).pk,
            channel=channel.pk,
        )

        deliver(open_door(), [address])

        assert InboundEvent.objects.get().channel == channel

    def test_may_be_a_signed_bounce_address(self, open_door, channel):
        item = TimelineItemFactory(conversation__channel=channel, outbound=True)
        address = sign_bounce_address(
            secret=django_settings.MAIL_TOKEN_KEYS[0],
            conversation=item.conversation_id,
            item=item.pk,
            domain="shop.example",
        )

        deliver(open_door(), [address], sender="")

        assert InboundEvent.objects.get().channel == channel

    def test_cannot_be_a_bounce_address_of_somebodys_own_making(
        self, open_door, channel
    ):
        address = sign_bounce_address(
            secret="another secret, long enough",
            conversation=1,
            item=1,
            domain="shop.example",
        )

        with pytest.raises(smtplib.SMTPRecipientsRefused):
            deliver(open_door(), [address], sender="")

    def test_are_limited(self, open_door, channel):
        with session(open_door()) as smtp:
            smtp.helo("x")
            smtp.mail(MAYA)
            codes = [smtp.rcpt(f"support+{n}@shop.example")[0] for n in range(101)]

        assert codes[99:] == [250, 452]


class TestSize:
    def test_is_announced_and_enforced_before_the_mail_is_sent(
        self, open_door, channel
    ):
        with session(open_door()) as smtp:
            smtp.ehlo()
            assert smtp.esmtp_features["size"] == "200000"
            assert smtp.mail(MAYA, ["SIZE=200001"])[0] == 552

    def test_is_enforced_on_those_who_do_not_say_it(self, open_door, channel):
        with session(open_door()) as smtp:
            smtp.helo("x")
            smtp.mail(MAYA)
            smtp.rcpt(channel.address)
            code, _ = smtp.data(mail_source(text="x\r\n" * 70_000))

        assert code == 552
        assert not InboundEvent.objects.exists()


class TestTrouble:
    def test_with_the_database_makes_the_sender_try_again(self, open_door, channel):
        door = open_door()
        deliver(door, [channel.address], mail_source(message_id="before@x"))
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE channels_ingest_inboundevent RENAME TO out_of_reach"
            )
        try:
            with session(door) as smtp, pytest.raises(smtplib.SMTPDataError) as told:
                smtp.sendmail(MAYA, [channel.address], mail_source(message_id="lost@x"))
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE out_of_reach RENAME TO channels_ingest_inboundevent"
                )

        assert told.value.smtp_code == 451
        deliver(door, [channel.address], mail_source(message_id="after@x"))
        assert InboundEvent.objects.count() == 2

    def test_with_the_lookup_makes_the_sender_try_again(self, open_door, channel):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE inbox_channel RENAME TO out_of_reach")
        try:
            with (
                session(open_door()) as smtp,
                pytest.raises(smtplib.SMTPRecipientsRefused) as told,
            ):
                smtp.sendmail(MAYA, [channel.address], mail_source())
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE out_of_reach RENAME TO inbox_channel")

        assert told.value.recipients[channel.address][0] == 451

    def test_with_valkey_changes_nothing_for_the_sender(
        self, open_door, channel, monkeypatch
    ):
        nowhere = redis.Redis(port=1, socket_connect_timeout=0.2)
        monkeypatch.setattr(doorbell, "valkey", lambda: nowhere)

        deliver(open_door(), [channel.address])

        assert InboundEvent.objects.count() == 1

    def test_with_one_mail_does_not_reach_those_stored_with_it(
        self, open_door, channel
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE channels_ingest_inboundevent ADD CONSTRAINT refuses"
                " CHECK (size < 10000)"
            )
        door = open_door()

        def one(number):
            text = "x\r\n" * (9000 if number == 5 else 1)
            try:
                deliver(
                    door,
                    [channel.address],
                    mail_source(message_id=f"{number}@x", text=text),
                )
            except smtplib.SMTPDataError as error:
                return error.smtp_code
            return 250

        try:
            with ThreadPoolExecutor(10) as threads:
                codes = list(threads.map(one, range(10)))
        finally:
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE channels_ingest_inboundevent DROP CONSTRAINT refuses"
                )

        assert codes == [250] * 5 + [451] + [250] * 4


class TestConnections:
    def test_are_limited_for_each_address(self, open_door):
        door = open_door(connections_per_peer=2)
        with session(door), session(door) as second:
            with socket.create_connection((door.host, door.port), 30) as third:
                assert third.recv(100).startswith(b"421 ")
                assert third.recv(100) == b""
            assert second.noop()[0] == 250

        with session(door) as again:
            assert again.noop()[0] == 250


class Lmtp(smtplib.LMTP):
    """Sends over TCP, and collects every answer that follows the mail."""

    def deliver(self, sender, recipients, raw):
        self.ehlo_or_helo_if_needed()
        self.mail(sender)
        codes = {address: self.rcpt(address)[0] for address in recipients}
        taken = [address for address, code in codes.items() if code == 250]
        if not taken:
            return codes
        codes[taken[0]] = self.data(raw)[0]
        for address in taken[1:]:
            codes[address] = self.getreply()[0]
        return codes


class TestLmtp:
    def test_answers_for_each_recipient(self, open_door, channel):
        sales = ChannelFactory(address="sales@shop.example")
        door = open_door("lmtp")
        recipients = [channel.address, "nobody@x.example", sales.address]

        with session(door, Lmtp) as lmtp:
            codes = lmtp.deliver(MAYA, recipients, mail_source())
            assert lmtp.noop()[0] == 250

        assert list(codes.values()) == [250, 550, 250]
        assert {event.source for event in InboundEvent.objects.all()} == {"lmtp"}
        assert InboundEvent.objects.count() == 2

    def test_refuses_what_is_too_large_for_each_recipient(self, open_door, channel):
        door = open_door("lmtp")
        recipients = [channel.address, "help@shop.example"]

        with session(door, Lmtp) as lmtp:
            codes = lmtp.deliver(MAYA, recipients, mail_source(text="x\r\n" * 70_000))
            assert lmtp.noop()[0] == 250

        assert list(codes.values()) == [552, 552]

    def test_knows_no_smtp_greeting(self, open_door):
        with session(open_door("lmtp")) as smtp:
            assert smtp.ehlo()[0] == 500
