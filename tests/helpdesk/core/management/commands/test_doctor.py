import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from channels_ingest.models import EventState
from helpdesk.core import diagnosis
from tests.factories.channels_ingest import InboundEventFactory


@pytest.fixture
def examine(capsys):
    def examine():
        try:
            call_command("doctor", no_color=True)
        except SystemExit as ended:
            return ended.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return examine


@pytest.fixture(autouse=True)
def _free_ports(settings):
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    names = ("WEB_PORT", "REALTIME_PORT", "SMTP_PORT")
    for name, listener in zip(names, listeners, strict=True):
        setattr(settings, name, listener.getsockname()[1])
        listener.close()


@pytest.mark.django_db
class TestDoctor:
    def test_finds_nothing_wrong_with_a_sound_installation(self, examine, monkeypatch):
        # The database of a test run is allowed to lose what a crash takes.
        monkeypatch.setattr(
            "helpdesk.core.diagnosis._examinations",
            [it for it in _all() if it[1].__name__ != "synchronous_commit"],
        )

        code, said = examine()

        assert "Nothing is wrong." in said
        assert code == 0

    def test_insists_on_writing_before_acknowledging(self, examine):
        code, said = examine()

        assert "Set synchronous_commit = on" in said
        assert code == 1

    def test_tells_of_mail_that_waits(self, examine):
        InboundEventFactory(
            state=EventState.NEW, received_at=timezone.now() - timedelta(minutes=9)
        )

        code, said = examine()

        assert "Mail has been waiting to be read for 9 minutes" in said
        assert code == 1

    def test_tells_of_a_secret_that_others_may_read(self, examine, settings, tmp_path):
        settings.SECRETS_DIR = tmp_path
        (tmp_path / "field_key").write_text("x")
        (tmp_path / "field_key").chmod(0o644)

        code, said = examine()

        assert f"chmod 600 {tmp_path / 'field_key'}" in said
        assert code == 1

    def test_tells_of_a_port_that_is_taken(self, examine, settings):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            settings.WEB_PORT = listener.getsockname()[1]

            code, said = examine()

        assert f"Port {settings.WEB_PORT} is taken by another program" in said
        assert "TRIBUTARY_PORT=" in said
        assert code == 1

    def test_tells_of_valkey_that_does_not_answer(self, examine, settings, tmp_path):
        settings.REDIS_URL = f"unix://{tmp_path / 'nobody.sock'}"

        code, said = examine()

        assert "Valkey does not answer" in said
        assert code == 1


def _all():
    autodiscover_modules("diagnoses")
    return list(diagnosis._examinations)
