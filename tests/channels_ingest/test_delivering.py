import json
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from channels_ingest import delivering
from channels_ingest.delivering import deliver, deliver_due
from channels_ingest.models import ChannelHealth, DeliveryAttempt
from helpdesk.core.files import store_file
from inbox.actions.delivery import (
    LEASE,
    begin_sending,
    claim_deliveries,
    give_up_abandoned,
)
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Delivery, DeliveryState, Upload
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.factories.accounts import UserFactory
from tests.factories.inbox import (
    ChannelFactory,
    ConversationFactory,
    TimelineItemFactory,
)
from tests.site import Site

pytestmark = pytest.mark.django_db
MAYA = "maya@rivera.example"


def mailbox(server, **fields):
    outgoing = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
    }
    return ChannelFactory(
        address="support@shop.example", config={"outgoing": outgoing}, **fields
    )


def write(conversation, *, author=None, text="It is on its way.", **fields):
    return send_reply(
        conversation_id=conversation.pk,
        author=author or UserFactory(name="Noor Okafor"),
        writing=Writing(text=text, **fields),
        recipients=Recipients(to=[{"name": "Maya", "handle": MAYA}]),
    )


def later():
    return timezone.now() + timedelta(minutes=1)


def deliver_what_waits():
    """Let every pause be over, and send."""
    Delivery.objects.filter(state__in=("held", "queued")).update(
        send_after=timezone.now()
    )
    deliver_due()


def read(envelope):
    return message_from_bytes(envelope.content, policy=default)


class TestDeliver:
    def test_sends_nothing_that_it_lost_while_it_stood_still(self):
        with mail_server() as server:
            item = write(ConversationFactory(channel=mailbox(server)))
            (claim,) = claim_deliveries(now=later())
            give_up_abandoned(now=later() + 2 * LEASE, reason="Interrupted")

            deliver(claim)

        item.delivery.refresh_from_db()
        assert server.mails == []
        assert item.delivery.state == DeliveryState.UNCONFIRMED

    def test_has_the_whole_lease_for_each_message_of_a_batch(self):
        with mail_server() as server:
            item = write(ConversationFactory(channel=mailbox(server)))
            now = later()
            (claim,) = claim_deliveries(now=now)

            begin_sending(claim=claim, now=now + LEASE / 2)
            give_up_abandoned(now=now + LEASE * 1.2, reason="Interrupted")
            deliver(claim)

        item.delivery.refresh_from_db()
        assert len(server.mails) == 1
        assert item.delivery.state == DeliveryState.SENT


class TestDeliverDue:
    def test_that_dies_leaves_no_doubt_about_what_it_had_not_begun(self, monkeypatch):
        def die(step):
            raise SystemExit

        with mail_server() as server:
            channel = mailbox(server)
            for _ in range(3):
                write(ConversationFactory(channel=channel))
            monkeypatch.setattr(delivering, "crash_point", die)

            with pytest.raises(SystemExit):
                deliver_due(now=later())

        states = Delivery.objects.order_by("pk").values_list("state", flat=True)
        assert sorted(states) == ["held", "held", "sending"]

    def test_sends_when_the_undo_time_is_over_and_not_before(self):
        with mail_server() as server:
            item = write(ConversationFactory(channel=mailbox(server)))
            at_once = deliver_due(now=timezone.now())
            afterwards = deliver_due(now=later())

        item.delivery.refresh_from_db()
        assert (at_once, afterwards) == (0, 1)
        assert len(server.mails) == 1
        assert item.delivery.state == DeliveryState.SENT

    def test_threads_below_the_customers_mail_and_quotes_it(self):
        with mail_server() as server:
            conversation = ConversationFactory(
                channel=mailbox(server), subject="Where is my order"
            )
            TimelineItemFactory(
                conversation=conversation,
                text="It never came.",
                detail__message_id="one@rivera.example",
            )
            write(conversation)
            deliver_due(now=later())

        mail = read(server.mails[0])
        assert mail["Subject"] == "Re: Where is my order"
        assert mail["In-Reply-To"] == "<one@rivera.example>"
        assert "> It never came." in mail.get_body(("plain",)).get_content()

    def test_never_quotes_a_note_or_a_stranger(self):
        with mail_server() as server:
            conversation = ConversationFactory(channel=mailbox(server))
            TimelineItemFactory(conversation=conversation, note=True, text="Secret")
            TimelineItemFactory(
                conversation=conversation,
                text="Let me in",
                payload={"stranger": True},
                detail__message_id="eve@elsewhere.example",
            )
            write(conversation)
            deliver_due(now=later())

        content = server.mails[0].content.decode()
        assert "Secret" not in content
        assert "Let me in" not in content
        assert "eve@elsewhere.example" not in content

    def test_signs_for_the_agent_and_the_brand(self):
        with mail_server() as server:
            channel = mailbox(server, brand__signature="Outdoor Shop, Lyon")
            author = UserFactory(name="Noor", signature="<b>Noor</b>")
            write(ConversationFactory(channel=channel), author=author)
            deliver_due(now=later())

        text = read(server.mails[0]).get_body(("plain",)) or read(server.mails[0])
        lines = text.get_content().split("-- ")[1]
        assert "Noor" in lines
        assert "Outdoor Shop, Lyon" in lines

    def test_sends_files(self):
        author = UserFactory()
        with mail_server() as server:
            conversation = ConversationFactory(channel=mailbox(server))
            stored = store_file(b"%PDF-1.7")
            upload = Upload.objects.create(
                conversation=conversation,
                agent=author,
                name="invoice.pdf",
                content_type="application/pdf",
                stored_name=stored.stored_name,
                size=stored.size,
            )
            write(conversation, author=author, upload_ids=[upload.public_id])
            deliver_due(now=later())

        (file,) = read(server.mails[0]).iter_attachments()
        assert file.get_filename() == "invoice.pdf"
        assert file.get_content() == b"%PDF-1.7"

    def test_keeps_a_message_that_cannot_leave_and_says_why(self):
        with mail_server({MAYA: "550 5.1.1 unknown"}) as server:
            item = write(ConversationFactory(channel=mailbox(server)))
            deliver_due(now=later())

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.FAILED
        assert item.delivery.reason == "The mailbox does not exist."

    def test_tries_again_after_a_pause_and_counts_the_tries(self):
        with mail_server({"DATA": "451 4.3.0 busy"}) as server:
            item = write(ConversationFactory(channel=mailbox(server)))
            deliver_what_waits()
            server.answers.clear()
            deliver_what_waits()

        item.delivery.refresh_from_db()
        outcomes = DeliveryAttempt.objects.order_by("number")
        assert item.delivery.state == DeliveryState.SENT
        assert list(outcomes.values_list("outcome", flat=True)) == ["retry", "sent"]

    def test_never_sends_again_by_itself_what_may_have_arrived(self):
        with mail_server() as server:
            server.hangs_up_after_data = True
            item = write(ConversationFactory(channel=mailbox(server)))
            deliver_due(now=later())
            deliver_due(now=later() + timedelta(days=2))

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.UNCONFIRMED
        assert len(server.mails) == 1

    def test_shows_the_trouble_of_a_channel_until_it_works_again(self):
        with mail_server() as server:
            channel = mailbox(server)
        write(ConversationFactory(channel=channel))
        deliver_due(now=later())
        trouble = ChannelHealth.objects.get(pk=channel.pk)

        with mail_server() as server:
            channel.config["outgoing"]["port"] = server.port
            channel.save()
            deliver_due(now=later() + timedelta(hours=2))

        assert "cannot be reached" in trouble.error
        assert ChannelHealth.objects.get(pk=channel.pk).error == ""

    def test_keeps_the_order_of_a_conversation(self):
        with mail_server() as server:
            conversation = ConversationFactory(channel=mailbox(server))
            for text in ("one", "two", "three"):
                write(conversation, text=text)
            deliver_due(now=later())

        texts = [
            read(mail).get_body(("plain",)).get_content().split()
            for mail in server.mails
        ]
        assert [words[0] for words in texts] == ["one", "two", "three"]

    def test_one_broken_message_does_not_stop_the_others(self):
        with mail_server() as server:
            channel = mailbox(server)
            broken = write(ConversationFactory(channel=channel))
            broken.attachments.create(name="gone", stored_name="aa/bb/" + "0" * 32)
            fine = write(ConversationFactory(channel=channel))
            deliver_due(now=later())

        states = dict(Delivery.objects.values_list("pk", "state"))
        assert states == {
            broken.pk: DeliveryState.FAILED,
            fine.pk: DeliveryState.SENT,
        }


class TestOAuthMailbox:
    def channel(self, *, token_url):
        return ChannelFactory(
            config={
                "oauth": {
                    "token_url": token_url,
                    "client_id": "id",
                    "client_secret": "secret",
                    "refresh_token": "old",
                },
                "outgoing": {
                    "transport": "smtp",
                    "host": "127.0.0.1",
                    "port": 1,
                    "security": "none",
                    "uses_oauth": True,
                    "access_token": "expired",
                },
            }
        )

    @pytest.fixture
    def provider(self, settings):
        settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
        site = Site()
        yield site
        site.close()

    def test_renews_the_permission_before_it_sends(self, provider):
        answer = {"access_token": "fresh", "expires_in": 3600}
        provider.answers.append((200, {}, json.dumps(answer).encode()))
        channel = self.channel(token_url=provider.url())
        write(ConversationFactory(channel=channel))

        deliver_what_waits()

        channel.refresh_from_db()
        assert channel.config["outgoing"]["access_token"] == "fresh"

    def test_says_that_somebody_has_to_sign_in_again(self, provider):
        provider.answers.append((400, {}, b'{"error": "invalid_grant"}'))
        item = write(
            ConversationFactory(channel=self.channel(token_url=provider.url()))
        )

        deliver_what_waits()

        item.delivery.refresh_from_db()
        assert item.delivery.state == DeliveryState.QUEUED
        assert "sign in again" in item.delivery.reason


class TestHistory:
    def test_passes_the_customers_mail_on_with_its_head(self):
        with mail_server() as server:
            conversation = ConversationFactory(
                channel=mailbox(server), subject="Broken pole"
            )
            TimelineItemFactory(conversation=conversation, text="It snapped.")
            send_reply(
                conversation_id=conversation.pk,
                author=UserFactory(),
                writing=Writing(text="Please have a look."),
                recipients=Recipients(
                    to=[{"name": "", "handle": "maker@poles.example"}]
                ),
                mode="forward",
            )
            deliver_due(now=later())

        mail = read(server.mails[0])
        text = mail.get_body(("plain",)).get_content()
        assert "Forwarded message" in text
        assert f"<{conversation.identity.value}>" in text
        assert "It snapped." in text
        assert mail["References"] is None

    def test_shows_pictures_in_the_text_to_the_customer(self):
        author = UserFactory()
        with mail_server() as server:
            conversation = ConversationFactory(channel=mailbox(server))
            upload = Upload.objects.create(
                conversation=conversation,
                agent=author,
                name="map.png",
                content_type="image/png",
                stored_name=store_file(b"\x89PNG\r\n").stored_name,
                content_id="map@desk",
                is_inline=True,
            )
            html = '<p>Here: <img data-cid="map@desk" alt="map"></p>'
            write(conversation, author=author, html=html, upload_ids=[upload.public_id])
            deliver_due(now=later())

        mail = read(server.mails[0])
        assert 'src="cid:map@desk"' in mail.get_body(("html",)).get_content()
        assert [p["Content-ID"] for p in mail.walk() if p["Content-ID"]] == [
            "<map@desk>"
        ]
