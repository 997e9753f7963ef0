"""The lines of the guide, run one after the other as somebody would copy them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from inbox.models import Attachment, TimelineItem
from tests.factories import ApiChannelFactory

GUIDE = Path(settings.BASE_DIR) / "helpdesk" / "docs" / "chat-api.md"
STATUSES = ["201", "202", "202", "200", "200", "204", "204", "200", "204", "204"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed"),
]


def lines():
    """Return each command of the guide, without the lines that set a name."""
    blocks = re.findall(r"(?:^    .*\n?)+", GUIDE.read_text(encoding="utf-8"), re.M)
    commands = [block.replace("\n    ", "\n").strip() for block in blocks]
    return [each for each in commands if "curl" in each]


def run(command, *, folder, **names):
    command = command.replace("curl -s", "curl -s -w '\\n%{http_code}'")
    done = subprocess.run(
        ["bash", "-euc", command],
        env={"PATH": "/usr/bin:/bin", **names},
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=60,
    )
    body, _, status = done.stdout.decode().rpartition("\n")
    return status, json.loads(body) if body.strip() else None


class TestGuide:
    @pytest.fixture(autouse=True)
    def _own_files(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "files"

    def test_can_be_copied_line_by_line(self, live_server, tmp_path):
        channel, names, statuses = ApiChannelFactory(), {}, []
        names = {"DESK": live_server.url, "KEY": channel.address}

        for command in lines()[:-1]:
            status, answer = run(command, folder=tmp_path, **names)
            statuses.append(status)
            if status == "201":
                names["TOKEN"] = answer["token"]
            elif "results" in (answer or {}) and "CONVERSATION" not in names:
                names["CONVERSATION"] = answer["results"][0]["id"]

        written = TimelineItem.objects.filter(kind="message").order_by("seq")
        assert [it.text for it in written] == ["Where is my tent?", ""]
        assert Attachment.objects.get().name == "receipt.txt"
        assert TimelineItem.objects.get(payload__name="rated").payload["score"] == 5
        assert statuses == [*STATUSES, "204"]

    def test_ends_with_being_forgotten(self, live_server, tmp_path):
        channel = ApiChannelFactory()
        names = {"DESK": live_server.url, "KEY": channel.address}
        _, answer = run(lines()[0], folder=tmp_path, **names)

        status, _ = run(lines()[-1], folder=tmp_path, TOKEN=answer["token"], **names)

        assert status == "204"
