import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from helpdesk.core.management.commands import serve


class TestServe:
    @pytest.fixture
    def started(self, monkeypatch, tmp_path, settings):
        """What the command turned into, instead of turning into it."""
        settings.STATIC_ROOT = tmp_path / "static"
        settings.DATA_DIR = tmp_path
        programs = []
        monkeypatch.setattr(serve.os, "execv", lambda *words: programs.append(words))
        monkeypatch.setattr(serve.os, "environ", {})
        return programs

    @pytest.mark.parametrize(
        ("name", "word"),
        [("web", "granian"), ("realtime", "uvicorn"), ("worker", "worker")],
    )
    def test_becomes_the_process_that_is_named(self, settings, started, name, word):
        settings.EMBEDDED_SERVERS = []

        call_command("serve", name)

        (_, command), *_ = started
        assert word in command

    def test_does_not_start_servers_for_one_process(self, settings, started, tmp_path):
        class Server:
            name = "PostgreSQL"

        settings.EMBEDDED_SERVERS = [Server()]

        with pytest.raises(CommandError, match="Set DATABASE_URL and REDIS_URL"):
            call_command("serve", "web")

        assert started == []
