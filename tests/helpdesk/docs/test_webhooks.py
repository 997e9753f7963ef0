"""The code that the page about webhooks gives away, run against a real webhook."""

import json
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from helpdesk.api.sending import send_webhooks_due
from tests.helpdesk.api.hearing import endpoint_of
from tests.helpdesk.chat.chats import answer, chat
from tests.site import Site

pytestmark = pytest.mark.django_db
PAGE = settings.BASE_DIR / "helpdesk" / "docs" / "webhooks.md"


def code(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


@pytest.fixture
def heard(settings):
    """A webhook as it arrived: its headers, its body, and the secret."""
    settings.OUTGOING_PRIVATE_HOSTS = ["127.0.0.1"]
    site = Site()
    conversation = chat()
    endpoint = endpoint_of(site, events=["message.created"])
    answer(conversation, "Grüße — 山")
    send_webhooks_due()
    site.close()
    _, _, headers, body = site.requests[0]
    wanted = {k.lower(): v for k, v in headers.items() if k.startswith("webhook-")}
    return wanted, body, endpoint.secrets["secrets"][0]


class TestPython:
    def check(self, headers, body, secret):
        names = {}
        exec(code("python"), names)
        return names["is_from_the_desk"](headers=headers, body=body, secret=secret)

    def test_knows_what_we_sent(self, heard):
        assert self.check(*heard)

    def test_refuses_what_is_changed_old_or_anothers(self, heard):
        headers, body, secret = heard
        other = "whsec_" + "B" * 43 + "="

        assert not self.check(headers, body + b" ", secret)
        assert not self.check(headers, body, other)
        assert not self.check({**headers, "webhook-timestamp": "1"}, body, secret)
        assert not self.check({**headers, "webhook-id": "x"}, body, secret)


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node here")
class TestNode:
    def check(self, tmp_path, headers, body, secret):
        given = {"headers": headers, "secret": secret, "body": body.decode()}
        script = tmp_path / "check.mjs"
        script.write_text(
            f"{code('js')}\nconst given = {json.dumps(given)};\n"
            "console.log(isFromTheDesk({...given, body: Buffer.from(given.body)}));"
        )
        run = subprocess.run(
            ["node", script], capture_output=True, text=True, check=True
        )
        return run.stdout.strip() == "true"

    def test_knows_what_we_sent(self, heard, tmp_path):
        assert self.check(tmp_path, *heard)

    def test_refuses_what_is_changed_or_anothers(self, heard, tmp_path):
        headers, body, secret = heard

        assert not self.check(tmp_path, headers, body + b" ", secret)
        assert not self.check(tmp_path, headers, body, "whsec_" + "B" * 43 + "=")
