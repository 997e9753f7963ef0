import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from channels_ingest.models import InboundEvent
from tests.factories import ChannelFactory
from tests.factories.channels_ingest import mail_source

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def environment(**ports):
    database = connection.settings_dict["NAME"]
    url = settings.DATABASE_URL
    base, _, query = url.partition("?")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
        "DATABASE_URL": f"{base.rpartition('/')[0]}/{database}?{query}",
        **{name: str(port) for name, port in ports.items()},
    }


def start(**ports):
    return subprocess.Popen(
        [sys.executable, "manage.py", "mail"],
        cwd=ROOT,
        env=environment(**ports),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def greeting(port, process):
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(process.stdout.read().decode())
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connected:
                connected.settimeout(10)
                return connected.recv(100)
        except OSError:
            threading.Event().wait(0.1)
    return pytest.fail("The mail server does not answer.")


class TestMail:
    def test_takes_mail_by_smtp_and_lmtp_until_it_is_told_to_stop(self):
        channel = ChannelFactory()
        smtp_port, lmtp_port = free_port(), free_port()
        process = start(TRIBUTARY_SMTP_PORT=smtp_port, TRIBUTARY_LMTP_PORT=lmtp_port)
        try:
            assert greeting(smtp_port, process).startswith(b"220 ")
            with smtplib.SMTP("127.0.0.1", smtp_port, timeout=30) as smtp:
                smtp.sendmail("maya@x.example", [channel.address], mail_source())
            with smtplib.LMTP("127.0.0.1", lmtp_port, timeout=30) as lmtp:
                lmtp.sendmail(
                    "maya@x.example",
                    [channel.address],
                    mail_source(message_id="two@x.example"),
                )
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()

        sources = InboundEvent.objects.order_by("id").values_list("source", flat=True)
        assert list(sources) == ["smtp", "lmtp"]
        assert process.returncode == 0
        assert b"Traceback" not in said

    def test_names_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            process = start(TRIBUTARY_SMTP_PORT=port, TRIBUTARY_LMTP_PORT=0)
            said, _ = process.communicate(timeout=60)

        assert process.returncode == 1
        assert f"Port {port}" in said.decode()
        assert "TRIBUTARY_SMTP_PORT" in said.decode()
