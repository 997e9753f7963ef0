import signal
import subprocess
import sys
import threading

import pytest

from helpdesk.core.embedded import EmbeddedValkey
from helpdesk.core.embedded.loan import needs_servers, servers_on_loan


class TestNeedsServers:
    @pytest.mark.parametrize("command", ["migrate", "shell", "ingest_mail"])
    def test_is_true_for_what_looks_into_the_database(self, command):
        assert needs_servers(["manage.py", command])

    @pytest.mark.parametrize("command", ["run", "doctor", "help", "check"])
    def test_is_false_for_what_does_not(self, command):
        assert not needs_servers(["manage.py", command])

    def test_is_false_for_a_request_for_help(self):
        assert not needs_servers(["manage.py", "migrate", "--help"])

    def test_is_false_under_a_keeper(self, monkeypatch):
        monkeypatch.setenv("TRIBUTARY_SUPERVISED", "/somewhere")

        assert not needs_servers(["manage.py", "mail"])


class TestServersOnLoan:
    def test_stops_what_it_started(self, tmp_path):
        server = EmbeddedValkey(tmp_path)

        with servers_on_loan([server], tmp_path):
            assert server.is_running()

        assert not server.is_running()

    def test_leaves_what_it_found(self, tmp_path):
        server = EmbeddedValkey(tmp_path)
        server.start(death_signal=signal.SIGTERM)

        with servers_on_loan([server], tmp_path):
            pass

        assert server.is_running()
        server.stop()

    def test_waits_for_others_who_came_to_use_it(self, tmp_path):
        server = EmbeddedValkey(tmp_path)
        other = (
            "import fcntl, sys; from helpdesk.core.embedded import EmbeddedValkey\n"
            "from pathlib import Path; folder = Path(sys.argv[1])\n"
            "lock = (folder / 'users.lock').open(); fcntl.flock(lock, fcntl.LOCK_SH)\n"
            "print('came', flush=True); sys.stdin.readline()\n"
            "sys.exit(0 if EmbeddedValkey(folder).is_running() else 1)\n"
        )

        with servers_on_loan([server], tmp_path):
            process = subprocess.Popen(
                [sys.executable, "-c", other, str(tmp_path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert process.stdout.readline() == b"came\n"
            leave_later = threading.Timer(0.5, process.stdin.close)
            leave_later.start()

        assert process.wait(5) == 0
        assert not server.is_running()
