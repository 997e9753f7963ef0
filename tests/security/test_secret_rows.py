"""Credentials of channels, which must not get into logs, pages or history.

Rows of SECURITY.md by number.
"""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.views.debug import ExceptionReporter

from channels_ingest.channel_test import begin_test, find_test, run_test
from channels_ingest.delivering import deliver_due
from channels_ingest.models import ChannelHealth, DeliveryAttempt
from inbox.actions.messages import Recipients, Writing, send_reply
from inbox.models import Delivery
from tests.channels_ingest.adapters.email.mail_server import mail_server
from tests.factories import ChannelFactory, ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s3cret-Of-The-Channel"


@pytest.fixture
def channel(settings, monkeypatch):
    settings.SMTP_PORT = 0
    monkeypatch.setattr("channels_ingest.channel_test.domain_steps", lambda _: iter(()))
    return ChannelFactory(undo_seconds=0)


def use(channel, port, *, security="none"):
    channel.config = {
        "outgoing": {
            "transport": "smtp",
            "host": "127.0.0.1",
            "port": port,
            "security": security,
            "username": "desk",
            "password": SECRET,
        }
    }
    channel.save()


class TestRow83SecretsInErrorLog:
    @pytest.mark.parametrize("security", ["none", "starttls", "tls"])
    def test_a_failing_server_leaves_no_password_in_logs_or_rows(
        self, channel, caplog, capfd, security
    ):
        caplog.set_level(logging.DEBUG)
        conversation = ConversationFactory(channel=channel)
        with mail_server() as server:
            use(channel, server.port, security=security)
            send_reply(
                conversation_id=conversation.pk,
                author=UserFactory(),
                writing=Writing(text="It left on Monday."),
                recipients=Recipients(to=[{"name": "", "handle": "maya@x.example"}]),
                channel=channel,
            )
            Delivery.objects.update(send_after="2020-01-01T00:00Z")
            deliver_due()

        rows = (
            *DeliveryAttempt.objects.values(),
            *Delivery.objects.values(),
            *ChannelHealth.objects.values(),
        )
        assert DeliveryAttempt.objects.get().outcome == "retry"
        assert SECRET not in str(rows)
        assert SECRET not in caplog.text
        assert SECRET not in "".join(capfd.readouterr())

    def test_nor_does_the_test_of_a_channel(self, channel, caplog):
        caplog.set_level(logging.DEBUG)
        with mail_server() as server:
            use(channel, server.port)
            test = begin_test(channel_id=channel.pk)
            run_test(key=test.key, channel_id=channel.pk)

        done = find_test(key=test.key, channel_id=channel.pk)
        assert done.has_failed
        assert SECRET not in str(done.steps)
        assert SECRET not in caplog.text

    def test_nor_does_the_report_of_an_error_while_saving(
        self, channel, client, caplog, monkeypatch
    ):
        use(channel, 25)
        client.force_login(UserFactory(admin=True))
        reports = []

        def fail(**arguments):
            arguments["configure"]({})
            raise RuntimeError("the disk is full")

        monkeypatch.setattr("channels_ingest.admin.save_channel", fail)
        monkeypatch.setattr(
            "django.core.handlers.exception.log_response",
            lambda *_args, request, exception=None, **_: (
                reports.append(
                    ExceptionReporter(
                        request,
                        type(exception),
                        exception,
                        exception.__traceback__,
                    ).get_traceback_html()
                )
                if exception
                else None
            ),
        )
        client.raise_request_exception = False

        answer = client.post(
            reverse("admin:inbox_channel_change", args=[channel.pk]),
            {
                "name": "Support",
                "address": channel.address,
                "brand": channel.brand.pk,
                "continuity": "subject",
                "continuity_hours": "336",
                "undo_seconds": "10",
                "incoming_transport": "smtp",
                "outgoing_transport": "smtp",
                "outgoing_host": "smtp.shop.example",
                "outgoing_security": "tls",
                "outgoing_username": "desk",
                "outgoing_password": SECRET,
            },
        )

        assert answer.status_code == 500
        assert SECRET not in answer.content.decode()
        assert SECRET not in caplog.text
        assert reports
        assert SECRET not in "".join(reports)
        assert not LogEntry.objects.exists()

    def test_nor_does_the_text_form_of_a_channel(self, channel):
        use(channel, 25)

        channel.refresh_from_db()

        assert SECRET not in repr(channel.config)
        assert SECRET not in str(channel.__dict__)
