import contextlib
import os
import signal
import stat

import psutil
import pytest
import redis

from helpdesk.core.embedded import EmbeddedValkey
from helpdesk.core.embedded.valkey import SOCKET


@pytest.fixture
def server(tmp_path):
    server = EmbeddedValkey(tmp_path / "var")
    server.start(death_signal=signal.SIGTERM)
    yield server
    server.stop()


class TestEmbeddedValkey:
    def test_is_found_again_instead_of_started_twice(self, server):
        pid = server.pid

        started = EmbeddedValkey(server.data_dir).start()

        assert started is False
        assert server.pid == pid

    def test_starts_again_after_a_kill(self, server):
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(killed).wait(10)

        started = server.start(death_signal=signal.SIGTERM)

        assert started is True
        assert server.is_running()

    def test_ends_one_whose_socket_was_deleted(self, server):
        deaf = server.pid
        (server.sockets / SOCKET).unlink()

        started = server.start(death_signal=signal.SIGTERM)

        assert started is True
        assert server.pid != deaf
        assert not psutil.pid_exists(deaf) or (
            psutil.Process(deaf).status() == psutil.STATUS_ZOMBIE
        )

    def test_has_a_sibling_with_data_of_its_own(self, server, tmp_path):
        sibling = EmbeddedValkey(tmp_path / "other" / "var")
        sibling.start(death_signal=signal.SIGTERM)
        redis.Redis.from_url(sibling.url).set("only", "here")

        assert redis.Redis.from_url(server.url).get("only") is None
        sibling.stop()

    def test_listens_on_nothing_but_a_private_socket(self, server):
        client = redis.Redis.from_url(server.url)

        assert client.config_get("port") == {"port": "0"}
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
